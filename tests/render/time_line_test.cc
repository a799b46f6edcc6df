// Proof: laws over all envs (earlier moments are those that were), worked examples of what is forgotten.

#include "render/time_line.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/rng.h"
#include "envs/registry/registry.h"
#include "render/episode_replay.h"

namespace tern {
namespace {

EpisodePlayer player_of(const std::string& id) {
  EpisodeOptions options;
  options.seed = 3;
  options.cut_after = 40;
  return EpisodePlayer(registry().find(id), {}, options);
}

/// Plays `steps` steps, episodes one after the other; returns the state's hash after each.
std::vector<std::uint64_t> play(EpisodePlayer& player, TimeLine& line, int steps) {
  std::vector<std::uint64_t> hashes;
  player.start(nullptr);
  line.begin(player);
  hashes.push_back(player.state_hash());
  for (int i = 0; i < steps; ++i) {
    if (player.has_ended()) {
      player.start(nullptr);
      line.begin(player);
    } else {
      player.step(nullptr);
      line.add(player);
    }
    hashes.push_back(player.state_hash());
  }
  return hashes;
}

TEST(TimeLine, EarlierMomentsOfEveryEnvHaveTheStateThatTheyHad) {
  for (const std::string& id : registry().ids()) {
    EpisodePlayer player = player_of(id);
    TimeLine line;
    const std::vector<std::uint64_t> hashes = play(player, line, 60);
    Rng rng(1, "moments");
    for (std::size_t i = hashes.size(); i-- > 0;) {
      const Moment& moment = line.episode().moments[line.now()];
      EXPECT_EQ(moment.state_hash, hashes[i]) << id << " at " << i;
      if (rng.below(8) == 0) {  // the state itself, from the actions alone
        EpisodeReplay replay(registry().find(id), {}, line.episode());
        replay.go_to(line.now());
        EXPECT_EQ(replay.state_hash(), hashes[i]) << id << " at " << i;
      }
      EXPECT_EQ(line.go_back(), i > 0);
    }
    for (std::size_t i = 1; i < hashes.size(); ++i) {
      EXPECT_TRUE(line.go_forth());
      EXPECT_EQ(line.episode().moments[line.now()].state_hash, hashes[i]);
    }
    EXPECT_TRUE(line.is_live());
    EXPECT_FALSE(line.go_forth());
  }
}

TEST(TimeLine, NewStepsDoNotMoveAnEarlierMoment) {
  EpisodePlayer player = player_of("CartPole-v1");
  TimeLine line;
  play(player, line, 8);
  line.go_to(5);
  player.step(nullptr);
  line.add(player);
  EXPECT_EQ(line.now(), 5u);
  EXPECT_TRUE(line.frame().is_replay);
  line.go_live();
  player.step(nullptr);
  line.add(player);
  EXPECT_TRUE(line.is_live());
}

TEST(TimeLine, TheOldestEpisodesAreForgotten) {
  EpisodePlayer player = player_of("CartPole-v1");
  TimeLine line(100'000);
  play(player, line, 2000);
  EXPECT_GT(line.num_episodes(), 1u);
  EXPECT_LT(line.num_episodes(), 50u);
  while (line.go_to_previous()) {
  }
  EXPECT_GT(line.episode().number, 1);
  while (line.go_forth()) {
  }
  EXPECT_TRUE(line.is_live());
}

/// Never ends by itself.
class Endless final : public Env {
 public:
  Endless() {
    spec_.id = "Endless-v0";
    spec_.obs.scalar("steps", 0, kUnbounded);
    spec_.action = ActionSpace::discrete({"wait"});
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = steps_ = 0; }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = ++steps_;
    return {};
  }

 private:
  EnvSpec spec_;
  float steps_ = 0;
};

TEST(TimeLine, TheBeginningOfALongEpisodeIsForgotten) {
  EnvRegistry envs;
  envs.add<Endless>();
  EpisodePlayer player(envs.find("Endless-v0"), {}, {});
  TimeLine line(200'000);
  play(player, line, 4000);
  ASSERT_FALSE(player.has_ended());
  EXPECT_EQ(line.frame().step, 4000);
  EXPECT_EQ(line.frame().episode, 1);
  while (line.go_back()) {
  }
  const int first = line.frame().step;
  EXPECT_GT(first, 0);
  EXPECT_LT(first, 3900);
  EXPECT_EQ(line.frame().first_recorded_step, first);
  for (int step = first + 1; step <= 4000; ++step) {
    ASSERT_TRUE(line.go_forth());
    ASSERT_EQ(line.frame().step, step);
  }
}

}  // namespace
}  // namespace tern
