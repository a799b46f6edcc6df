// Proof: laws. What a person plays is what the file holds, what `tern rollout --actions` plays
// again number for number, and what a replay buffer is filled from.

#include "cli/viewing/demonstration_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/files/file_io.h"
#include "envs/registry/configured_spec.h"
#include "envs/registry/registry.h"
#include "render/game.h"
#include "render/play_episode.h"
#include "replay/demonstrations.h"
#include "tests/cli/run_tern.h"
#include "tests/error_of.h"
#include "tests/temporary_folder.h"

namespace tern::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

PlayerInput holding(Key key) {
  Keys keys;
  keys.press(key);
  return {keys, {keys}};
}

class DemonstrationFileTest : public testing::Test {
 protected:
  std::unique_ptr<EpisodePlayer> player(const std::string& id, bool by_hand,
                                        std::uint64_t seed = 0) {
    EpisodeOptions options;
    options.by_hand = by_hand;
    options.seed = seed;
    options.cut_after = 300;
    return std::make_unique<EpisodePlayer>(registry().find(id), params_, options);
  }
  EnvSpec spec(const std::string& id) { return configured_spec(registry().find(id), params_); }
  std::vector<Json> documents() {
    std::vector<Json> all;
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) all.push_back(Json::parse(line));
    return all;
  }
  /// The document, but for what only a file of demonstrations has, as `tern rollout` prints it.
  static std::vector<std::string> steps_of(const Json& document) {
    std::vector<std::string> steps;
    for (const Json& step : document["steps"]) {
      std::string text;
      for (const char* key : {"action", "obs", "reward", "terminated", "mask"})
        text += step[key].dump();
      steps.push_back(text);
    }
    return steps;
  }
  Json rollout(const std::string& id, const std::string& actions) {
    std::vector<std::string> words = {"rollout", id, "--actions", actions, "--json"};
    for (const ParamValue& param : params_) words.push_back(param.key + "=" + param.text);
    const Said said = run_tern(words);
    EXPECT_EQ(said.exit_code, 0) << said.err;
    return Json::parse(said.out);
  }

  TemporaryFolder folder_;
  std::string path_ = folder_ / "demo.tern";
  ParamValues params_;
};

TEST_F(DemonstrationFileTest, HoldsWhatAPersonPlays) {
  DemonstrationFile file(path_, spec("CartPole-v1"), params_);
  Game game(player("CartPole-v1", /*by_hand=*/true));
  game.keep_episodes([&](const Episode& episode) {
    file.add(episode);
    return "kept";
  });
  game.play(holding(Key::kRight));
  int steps = 0;
  while (!game.frame().terminated) {
    game.play({steps % 3 == 0 ? Keys() : holding(Key::kRight).held, {}});
    game.advance(0.02);
    steps = game.frame().step;
  }
  EXPECT_EQ(game.frame().notice, "kept");
  ASSERT_EQ(documents().size(), 1u);
  const Json document = documents()[0];
  EXPECT_EQ(document["env"].text(), "CartPole-v1");
  EXPECT_EQ(document["return"].number(), steps);
  ASSERT_EQ(document["steps"].size(), static_cast<std::size_t>(steps));
  EXPECT_EQ(document["actions"][std::size_t{0}].integer(), 0);  // no key
  EXPECT_EQ(document["actions"][std::size_t{1}].integer(), 1);
  EXPECT_EQ(steps_of(rollout("CartPole-v1", path_)), steps_of(document));
  EXPECT_EQ(Demonstrations(path_, spec("CartPole-v1")).size(), static_cast<std::size_t>(steps));
}

TEST_F(DemonstrationFileTest, AnEpisodeThatIsLeftIsKeptAndOneThatIsGivenUpIsNot) {
  DemonstrationFile file(path_, spec("FrozenLake-v1"), params_);
  Game game(player("FrozenLake-v1", /*by_hand=*/true));
  game.keep_episodes([&](const Episode& episode) {
    file.add(episode);
    return "kept";
  });
  game.leave();
  EXPECT_EQ(file.episodes(), 0u);
  game.play(holding(Key::kLeft));
  game.press(ViewerKey::kNextEpisode);
  game.leave();
  EXPECT_EQ(file.episodes(), 0u);
  game.press(ViewerKey::kNextEpisode);
  game.play(holding(Key::kLeft));
  game.leave();
  game.leave();
  EXPECT_EQ(file.episodes(), 1u);
  EXPECT_EQ(documents()[0]["steps"].size(), 1u);
}

TEST_F(DemonstrationFileTest, EveryKindOfEnvIsPlayedAgainNumberForNumber) {
  for (const char* id : {"CartPole-v1", "Pendulum-v1", "ConnectFour-v1", "LunarLanderContinuous-v3",
                         "MinAtar-Breakout-v1", "MiniGrid-DoorKey-5x5-v0", "FrozenLake8x8-v1"}) {
    path_ = folder_ / (std::string(id) + ".tern");
    const auto plays = player(id, /*by_hand=*/false, 7);
    const EnvSpec spec = this->spec(id);
    DemonstrationFile first(path_, spec, params_);
    first.add(play_episode(*plays, nullptr));
    DemonstrationFile later(path_, spec, params_);
    later.add(play_episode(*plays, nullptr));
    const std::vector<Json> documents = this->documents();
    ASSERT_EQ(documents.size(), 2u) << id;
    EXPECT_EQ(steps_of(rollout(id, path_)), steps_of(documents[0])) << id;
    EXPECT_EQ(steps_of(rollout(id, path_ + ":2")), steps_of(documents[1])) << id;
    EXPECT_EQ(Demonstrations(path_, spec).size(),
              documents[0]["steps"].size() + documents[1]["steps"].size())
        << id;
  }
}

TEST_F(DemonstrationFileTest, RemembersTheParameters) {
  params_ = {{"gravity", "3", "test"}};
  DemonstrationFile file(path_, spec("CartPole-v1"), params_);
  file.add(play_episode(*player("CartPole-v1", /*by_hand=*/false), nullptr));
  EXPECT_EQ(documents()[0]["params"]["gravity"].text(), "3");
  EXPECT_EQ(steps_of(rollout("CartPole-v1", path_)), steps_of(documents()[0]));
}

TEST_F(DemonstrationFileTest, ALineWithoutItsEndIsEndedFirst) {
  const Episode episode = play_episode(*player("CartPole-v1", /*by_hand=*/false), nullptr);
  std::ofstream(path_) << demonstration_json(episode, params_).dump();
  DemonstrationFile(path_, spec("CartPole-v1"), params_).add(episode);
  EXPECT_EQ(documents().size(), 2u);
}

TEST_F(DemonstrationFileTest, OtherFilesAreLeftAlone) {
  const auto refusal = [&](const std::string& text, ExitCode code = ExitCode::kUsage) {
    std::ofstream(path_) << text;
    return error_of([&] { DemonstrationFile(path_, spec("CartPole-v1"), params_); }, code);
  };
  EXPECT_THAT(refusal("a letter\n"),
              HasSubstr("exists and cannot be added to; choose another name"));
  EXPECT_THAT(refusal("[0, 1]\n"), HasSubstr("cannot be added to"));
  {
    std::filesystem::remove(path_);
    DemonstrationFile(path_, spec("Pendulum-v1"), params_)
        .add(play_episode(*player("Pendulum-v1", /*by_hand=*/false), nullptr));
  }
  EXPECT_THAT(
      error_of([&] { DemonstrationFile(path_, spec("CartPole-v1"), params_); }, ExitCode::kUsage),
      HasSubstr("its steps are of Pendulum-v1, not of CartPole-v1"));
  std::ofstream(path_, std::ios::trunc);
  EXPECT_NO_THROW(DemonstrationFile(path_, spec("CartPole-v1"), params_));
  path_ = folder_ / "no/demo.tern";
  EXPECT_THAT(error_of([&] { DemonstrationFile(path_, spec("CartPole-v1"), params_); }),
              HasSubstr("there is no folder"));
  EXPECT_THAT(error_of([&] { DemonstrationFile(folder_.path(), spec("CartPole-v1"), params_); },
                       ExitCode::kUsage),
              HasSubstr("is no regular file"));
}

TEST_F(DemonstrationFileTest, AnEpisodeThatIsNotThereIsSaid) {
  DemonstrationFile file(path_, spec("CartPole-v1"), params_);
  file.add(play_episode(*player("CartPole-v1", /*by_hand=*/false), nullptr));
  const Said said = run_tern({"rollout", "CartPole-v1", "--actions", path_ + ":2"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, HasSubstr(path_ + " holds 1 episode, there is no episode 2"));
}

TEST_F(DemonstrationFileTest, ActionsOfAnotherEnvAreRefused) {
  DemonstrationFile file(path_, spec("CartPole-v1"), params_);
  file.add(play_episode(*player("CartPole-v1", /*by_hand=*/false), nullptr));
  const Said said = run_tern({"rollout", "FrozenLake-v1", "--actions", path_});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, HasSubstr("its actions are of CartPole-v1, not of FrozenLake-v1"));
  EXPECT_EQ(run_tern({"rollout", "CartPole-v1", "--actions", path_}).exit_code, 0);
}

TEST(PlayCommand, SaysWhatItCanWrite) {
  for (const char* out : {"demo", "demo.avi", ".tern.bak", ""}) {
    const Said said = run_tern({"play", "CartPole-v1", "-o", out});
    EXPECT_EQ(said.exit_code, 2) << said.err;
    EXPECT_THAT(said.err, HasSubstr("does not say what to write")) << out;
  }
  const Said said = run_tern({"--check", "play", "CartPole-v1", "-o", "/no/such/folder/demo.tern"});
  EXPECT_EQ(said.exit_code, 1) << said.err;
  EXPECT_THAT(said.err, HasSubstr("there is no folder"));
}

}  // namespace
}  // namespace tern::cli
