// Proof: error texts and law, by the program as a user calls it. The plugin of a run that changed,
// moved, or comes with a run of somebody else: what is loaded, and what is said.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "core/files/file_io.h"
#include "core/files/sha256.h"
#include "tests/cli/run_tern.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

std::string built(const std::string& name) {
  return std::string(TERN_TEST_PLUGINS) + "/lib" + name + ".so";
}

/// A folder to work in, with a user of its own who has trusted nothing yet.
class PluginRun : public testing::Test {
 protected:
  Said tern(Words words, const std::string& data = "data") {
    return run_tern(words, folder_.path(),
                    {"XDG_DATA_HOME=" + folder_ / data, "TERN_TEST_MARK=" + mark()});
  }
  std::string at(const std::string& name) const { return folder_ / name; }
  void put(const std::string& plugin, const std::string& name) {
    fs::remove(at(name));
    fs::copy_file(built(plugin), at(name));
  }
  /// Half a run of the plugin "lib.so".
  void train(const std::string& plugin, const std::string& name = "lib.so") {
    put(plugin, name);
    const Said said = tern({"train", "ppo", "./" + name, "total_steps=1024", "rollout_steps=32",
                            "--stop-at", "512", "--out", "run", "--quiet", "run.eval_episodes=1",
                            "run.final_eval_episodes=1", "hidden_sizes=[8]"});
    ASSERT_EQ(said.exit_code, 0) << said.err;
    fs::remove(mark());
  }
  std::string hash() {
    const std::string said = tern({"describe", "./run", "--json"}).out;
    const std::size_t begin = said.find("parameters_sha256");
    return said.substr(begin, 100);
  }
  std::string mark() const { return folder_ / "code-was-loaded"; }
  bool code_was_loaded() {
    const bool was = fs::exists(mark());
    fs::remove(mark());
    return was;
  }
  /// Replaces text in the newest manifest and makes the checksums anew.
  void forge_manifest(const std::string& from, const std::string& to) {
    const std::string manifest = at("run/checkpoints/step-512/manifest.json");
    std::string text = read_text_file(manifest);
    for (std::size_t place = 0; (place = text.find(from, place)) != std::string::npos;
         place += to.size()) {
      text.replace(place, from.size(), to);
    }
    std::ofstream(manifest) << text;
    const std::string sum = sha256(as_bytes(text));
    std::ofstream(at("run/checkpoints/step-512/manifest.sha256")) << sum << "  manifest.json\n";
    for (const std::string pointer : {"last", "best"}) {
      std::ofstream(at("run/checkpoints/" + pointer)) << "step-512 " << sum << "\n";
    }
  }

  TemporaryFolder folder_;
};

TEST_F(PluginRun, AMendedPluginGoesOnWhereItIsAccepted) {
  train("cartpole");
  put("cartpole_native", "lib.so");  // the same rules in other bytes
  const Said refused = tern({"resume", "run", "--quiet"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("lib.so has changed since run was saved at step 512"),
                                 HasSubstr("Its observations and actions are the same."),
                                 HasSubstr("tern resume run --accept-changed\n")));
  const Said went_on = tern({"resume", "run", "--accept-changed"});
  EXPECT_EQ(went_on.exit_code, 0) << went_on.err;
  EXPECT_THAT(went_on.err, HasSubstr("warning: " + at("lib.so") + " has changed"));
  // From then on it is the run's.
  const Said again = tern({"eval", "run", "--episodes", "2"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_EQ(again.err, "");
}

// The state of the episodes under way cannot be read any more; all else goes on.
TEST_F(PluginRun, AMendedPluginThatRefusesWhatItSavedBeginsItsEpisodesAnew) {
  train("walk");
  fs::copy(at("run"), at("copy"), fs::copy_options::recursive);
  put("walk_resaved", "lib.so");
  const Said refused = tern({"resume", "run", "--quiet"});
  EXPECT_EQ(refused.exit_code, 1);
  const Said went_on = tern({"resume", "run", "--accept-changed"});
  EXPECT_EQ(went_on.exit_code, 0) << went_on.err;
  const std::string note =
      "Walk-v0 refuses what it saved at step 512 (" + at("lib.so") +
      ": 'Walk-v0': load failed: a state of version 77 is needed): the episodes of ";
  EXPECT_THAT(went_on.err, AllOf(HasSubstr("warning: " + note), HasSubstr(" envs begin anew")));
  EXPECT_THAT(read_text_file(at("run/run.json")), HasSubstr("begin anew"));
  // To the same bits each time, and from there on as ever.
  const std::string first = hash();
  fs::remove_all(at("run"));
  fs::rename(at("copy"), at("run"));
  EXPECT_EQ(tern({"resume", "run", "--accept-changed", "--quiet", "--stop-at", "768"}).exit_code,
            0);
  const Said rest = tern({"resume", "run"});
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_THAT(rest.err, Not(HasSubstr("anew")));
  EXPECT_EQ(hash(), first);
}

TEST_F(PluginRun, WhatAnEnvDoesToTheWholeProgramIsTold) {
  put("mistaken", "lib.so");
  for (const auto& [mistake, said] : std::vector<std::pair<std::string, std::string>>{
           {"process_signal", "warning: Mistaken-v0: what SIGINT does was changed"},
           {"process_folder", "warning: Mistaken-v0: the current folder became '/'"},
           {"none", ""}}) {
    const Said run = tern({"train", "ppo", "./lib.so", "env.mistake=" + mistake, "total_steps=1024",
                           "rollout_steps=32", "hidden_sizes=[8]", "run.eval_episodes=1",
                           "run.final_eval_episodes=1"});
    EXPECT_THAT(run.err, HasSubstr(said));
    if (said.empty()) EXPECT_THAT(run.err, Not(HasSubstr("warning")));
  }
}

TEST_F(PluginRun, AReplayBufferTakesEpisodesThatBeginAnewForCutOnes) {
  put("walk", "lib.so");
  const Words words = {"train",
                       "dqn",
                       "./lib.so",
                       "total_steps=1000",
                       "learning_starts=100",
                       "--stop-at",
                       "500",
                       "--out",
                       "run",
                       "--quiet",
                       "run.eval_episodes=1",
                       "run.final_eval_episodes=1",
                       "hidden_sizes=[8]",
                       "run.num_envs=2"};
  const Said said = tern(words);
  ASSERT_EQ(said.exit_code, 0) << said.err;
  put("walk_resaved", "lib.so");
  const Said went_on = tern({"resume", "run", "--accept-changed"});
  EXPECT_EQ(went_on.exit_code, 0) << went_on.err;
  EXPECT_THAT(went_on.err, HasSubstr("the episodes of 2 of 2 envs begin anew"));
}

TEST_F(PluginRun, WhoPlaysWithAChangedPluginIsWarned) {
  train("cartpole");
  put("cartpole_native", "lib.so");
  for (const Words& words : {Words{"eval", "run", "--episodes", "2", "--json"},
                             Words{"record", "run", "-o", "a.png", "--steps", "9", "--json"}}) {
    const Said said = tern(words);
    EXPECT_EQ(said.exit_code, 0) << said.err;
    EXPECT_THAT(said.err, HasSubstr("tern: warning: " + at("lib.so") + " has changed since run"));
    EXPECT_THAT(said.out, testing::StartsWith("{"));
  }
}

TEST_F(PluginRun, WhatAChangedPluginSaysDifferentlyIsListed) {
  train("walk");
  put("walk_wider", "lib.so");
  const Said said = tern({"resume", "run", "--quiet"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err, AllOf(HasSubstr("What is different:\n"),
                              HasSubstr("\n  was  observation 'place': 1, [-4, 4]\n"),
                              HasSubstr("\n  is   observation 'place': 1, [-5, 5]\n"),
                              HasSubstr("\n  is   observation 'speed': 1, [-1, 1]\n")));
  // Accepted, it still cannot be what the policy reads.
  const Said accepted = tern({"resume", "run", "--quiet", "--accept-changed"});
  EXPECT_EQ(accepted.exit_code, 1);
  EXPECT_THAT(accepted.err, Not(HasSubstr("internal error")));
}

TEST_F(PluginRun, WhatTenMillionNumbersTakeIsSaidBeforeTheyAreAllocated) {
  const std::string plugin = built("faulty");
  const Said said = tern({"train", "dqn", plugin, "fault=obs_ten_million", "hidden_sizes=[4]"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, HasSubstr("a replay buffer of 100000 transitions of Faulty-v0 needs 4.0 TB"));
  const Said checked =
      tern({"check-env", plugin, "fault=obs_ten_million", "--rule", "spec", "--steps", "10"});
  EXPECT_THAT(checked.out, AllOf(HasSubstr("an observation takes 40 MB"), HasSubstr("4000 GB")));
}

TEST_F(PluginRun, AnotherEnvIsNotAccepted) {
  train("walk");
  put("mask", "lib.so");
  const Said said = tern({"resume", "run", "--quiet", "--accept-changed"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err, HasSubstr("run was trained on Walk-v0, and " + at("lib.so") +
                                  " has Probe-Mask-v0: another env"));
}

TEST_F(PluginRun, APluginThatMovedIsFoundByTheOptionThatTheErrorNames) {
  train("walk", "my lib.so");
  fs::create_directory(at("build"));
  fs::rename(at("my lib.so"), at("build/my lib.so"));
  const Said missing = tern({"eval", "run"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err,
              HasSubstr("the plugin '" + at("my lib.so") + "', and there is no such file"));
  EXPECT_THAT(missing.err, HasSubstr("tern eval run --env 'build/my lib.so'\n"));
  fs::rename(at("build/my lib.so"), at("build/moved.so"));
  EXPECT_THAT(tern({"resume", "run"}).err, HasSubstr("tern resume run --env 'PATH/my lib.so'\n"));
  EXPECT_EQ(tern({"eval", "run", "--episodes", "2", "--env", "build/moved.so"}).exit_code, 0);
  EXPECT_EQ(tern({"record", "run", "-o", "a.png", "--env", "./build/moved.so"}).exit_code, 0);
  const Said resumed = tern({"resume", "run", "--quiet", "--env", "build/moved.so"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  // The run knows the new place now.
  EXPECT_EQ(tern({"eval", "run", "--episodes", "2"}).exit_code, 0);
}

TEST_F(PluginRun, AMoveDoesNotChangeABit) {
  train("walk");
  fs::copy(at("run"), at("other"), fs::copy_options::recursive);
  ASSERT_EQ(tern({"resume", "run", "--quiet"}).exit_code, 0);
  const std::string expected = hash();
  fs::rename(at("lib.so"), at("there.so"));
  fs::remove_all(at("run"));
  fs::rename(at("other"), at("run"));
  ASSERT_EQ(tern({"resume", "run", "--quiet", "--env", "./there.so"}).exit_code, 0);
  EXPECT_EQ(hash(), expected);
}

TEST_F(PluginRun, ARunOfSomebodyElseRunsNoCode) {
  train("walk");
  for (const Words& words :
       {Words{"eval", "run"}, Words{"resume", "run"}, Words{"record", "run", "-o", "a.png"},
        Words{"watch", "run", "--terminal"}, Words{"rollout", "CartPole-v1", "--policy", "run"},
        Words{"play", "./run"}, Words{"describe", "./run"}}) {
    const Said said = tern(words, "another-user");
    EXPECT_FALSE(code_was_loaded()) << words[0];
    if (words[0] == "describe") continue;  // which needs none
    EXPECT_EQ(said.exit_code, 2) << words[0];
    EXPECT_THAT(said.err, AllOf(HasSubstr("names the plugin " + at("lib.so") +
                                          ", which you have not trained with"),
                                HasSubstr("--trust\n")))
        << words[0];
  }
}

TEST_F(PluginRun, TrustIsForThisPluginAndForLater) {
  train("walk");
  EXPECT_EQ(tern({"eval", "run", "--episodes", "1", "--trust"}, "another-user").exit_code, 0);
  EXPECT_TRUE(code_was_loaded());
  EXPECT_EQ(tern({"eval", "run", "--episodes", "1"}, "another-user").exit_code, 0);
  EXPECT_THAT(read_text_file(at("another-user/tern/trusted_plugins")),
              sha256_of_file(at("lib.so")) + "  " + at("lib.so") + "\n");
  EXPECT_EQ(tern({"eval", "run", "--episodes", "1", "--env", "./lib.so"}, "a-third").exit_code, 0);
  EXPECT_FALSE(fs::exists(at("a-third")));  // named for once
}

TEST_F(PluginRun, TheSameBytesAreTrustedWhereverTheyLieOthersAreNot) {
  train("walk");
  fs::create_directory(at("elsewhere"));
  fs::copy_file(built("walk"), at("elsewhere/lib.so"));
  forge_manifest(at("lib.so"), at("elsewhere/lib.so"));
  EXPECT_EQ(tern({"eval", "run", "--episodes", "1"}).exit_code, 0);
  fs::remove(at("elsewhere/lib.so"));
  fs::copy_file(built("walk_wider"), at("elsewhere/lib.so"));
  fs::remove(mark());
  EXPECT_EQ(tern({"eval", "run", "--episodes", "1"}).exit_code, 2);
  EXPECT_FALSE(code_was_loaded());
}

// Hostile folders: whatever they name, no code of theirs runs.
TEST_F(PluginRun, AManifestThatNamesAnotherPluginThanTheConfigurationIsRefused) {
  train("cartpole");
  put("walk", "evil.so");
  forge_manifest(at("lib.so"), at("evil.so"));
  for (const Words& words : {Words{"resume", "run"}, Words{"eval", "run"}}) {
    EXPECT_NE(tern(words).exit_code, 0);
    EXPECT_FALSE(code_was_loaded()) << words[0];
  }
}

TEST_F(PluginRun, PathsThatHideWhereTheyLeadAreFollowedBeforeTheyAreTrusted) {
  train("cartpole");
  fs::create_directory(at("run/plugin"));
  fs::copy_file(built("walk"), at("run/plugin/evil.so"));
  fs::create_symlink(at("run/plugin/evil.so"), at("run/innocent.so"));
  const std::string config = read_text_file(at("run/config.yaml"));
  for (const std::string& path : {at("run/innocent.so"), at("run/../run/plugin/../plugin/evil.so"),
                                  "/" + at("run/plugin/evil.so"), at("run/plugin//evil.so"),
                                  std::string("run/plugin/evil.so")}) {
    std::string forged = config;
    forged.replace(forged.find(at("lib.so")), at("lib.so").size(), path);
    std::ofstream(at("run/config.yaml")) << forged;
    const Said said = tern({"resume", "run"});
    EXPECT_NE(said.exit_code, 0) << path;
    EXPECT_FALSE(code_was_loaded()) << path;
  }
}

TEST_F(PluginRun, PathsThatNoRunOfOursHasAreRefused) {
  train("cartpole");
  for (const std::string& path :
       {std::string("/dev/zero"), std::string("/proc/self/mem"), at("run"),
        std::string("/tmp/\\u001b[2Jevil.so"), "/" + std::string(5000, 'x') + ".so",
        at("run/pipe.so"), at("run/huge.so")}) {
    ::mkfifo(at("run/pipe.so").c_str(), 0600);
    std::ofstream(at("run/huge.so")) << "\177ELF";
    fs::resize_file(at("run/huge.so"), std::uintmax_t{1} << 40);  // a hole
    forge_manifest(at("lib.so"), path);
    const Said said = tern({"eval", "run"});
    EXPECT_THAT(said.exit_code, testing::AnyOf(1, 2)) << path;
    EXPECT_THAT(said.err, AllOf(Not(HasSubstr("internal error")), Not(HasSubstr("\033[2J"))))
        << path;
    EXPECT_FALSE(code_was_loaded()) << path;
    forge_manifest(path, at("lib.so"));
  }
}

TEST_F(PluginRun, ATrustFileThatIsDamagedTrustsNothing) {
  train("walk");
  fs::create_directories(at("hers/tern"));
  std::ofstream(at("hers/tern/trusted_plugins")) << "\377\376\n"
                                                 << std::string(100000, 'a') << "\n\n  x\n";
  EXPECT_EQ(tern({"eval", "run"}, "hers").exit_code, 2);
  EXPECT_FALSE(code_was_loaded());
}

TEST_F(PluginRun, TheOptionsAreForRunsOfPlugins) {
  EXPECT_EQ(tern({"record", "CartPole-v1", "-o", "a.png", "--trust"}).exit_code, 2);
  train("walk");
  const Said id = tern({"eval", "run", "--env", "CartPole-v1"});
  EXPECT_EQ(id.exit_code, 2);
  EXPECT_THAT(id.err, HasSubstr("option --env: 'CartPole-v1' is no path of a plugin"));
  EXPECT_EQ(tern({"eval", "run", "--env", "./nowhere.so"}).exit_code, 2);
}

}  // namespace
}  // namespace tern
