// train, resume, verify-resume, eval, bench train, doctor: what they hand to libtern_agents and
// what they make of its answers, with a library that only counts (fake_agents.cc). Worked examples,
// error texts, the documents that scripts rely on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/run_tern.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

class TrainingCommands : public testing::Test {
 protected:
  /// With the library that counts.
  Said tern(const Words& words, const Words& environment = {}) {
    return run_tern(words, folder_.path(), environment, TERN_WITH_FAKE_AGENTS);
  }
  Json document(const Words& words) {
    const Said said = tern(words);
    EXPECT_EQ(said.exit_code, 0) << said.err;
    const Json parsed = Json::parse(said.out, nullptr, /*allow_exceptions=*/false);
    EXPECT_FALSE(parsed.is_discarded()) << said.out;
    return parsed;
  }
  std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(folder_ / path).rdbuf();
    return text.str();
  }
  TemporaryFolder folder_;
};

const Words kTrain = {"train",
                      "ppo",
                      "CartPole-v1",
                      "num_envs=1",
                      "rollout_steps=100",
                      "minibatch_size=100",
                      "total_steps=1000"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST_F(TrainingCommands, TrainPrintsTheDocumentOfTheContract) {
  const Said said = tern(with(kTrain, {"--seed", "4", "--json"}));
  EXPECT_EQ(said.exit_code, 0);
  const Json result = Json::parse(said.out);
  EXPECT_EQ(result["run"], "runs/ppo_CartPole-v1-s4");
  EXPECT_EQ(result["steps"], 1000);
  EXPECT_EQ(result["seconds"], 2.0);
  EXPECT_EQ(result["steps_per_second"], 50.0);
  EXPECT_EQ(result["eval"]["mean"], 2.0);
  EXPECT_EQ(result["eval"]["episodes"], 2);
  EXPECT_EQ(result["eval"]["returns"], (Json{1.0, 3.0}));
  EXPECT_EQ(result["eval"]["env"], "CartPole-v1");
  EXPECT_THAT(said.err, HasSubstr("return 12.5"));  // progress goes to standard error
}

TEST_F(TrainingCommands, ARunCanBeFollowedBeforeItsFirstCheckpoint) {
  tern(with(kTrain, {"--out", "run"}));
  const auto check = [&](const std::string& run) {
    return tern({"--check", "watch", run, "--follow"});
  };
  EXPECT_EQ(check("run").exit_code, 0) << check("run").err;
  EXPECT_THAT(check("run@last").err, HasSubstr("leave '@last' out: tern watch run --follow"));
  std::filesystem::remove_all(folder_ / "run/checkpoints");
  EXPECT_EQ(check("run").exit_code, 0) << check("run").err;
  EXPECT_NE(tern({"--check", "watch", "run"}).exit_code, 0);
}

TEST_F(TrainingCommands, TrainWritesTheResolvedConfiguration) {
  tern(with(kTrain, {"--out", "here", "gamma=0.5"}));
  EXPECT_THAT(read("here/config.yaml"), HasSubstr("gamma: 0.5 "));
  EXPECT_THAT(read("here/config.yaml"), HasSubstr("gae_lambda: 0.95 "));
}

TEST_F(TrainingCommands, TrainFromAFileIsNamedAfterIt) {
  std::ofstream(folder_ / "tiny.yaml") << "env: {id: CartPole-v1}\nagent: {name: dqn}\n"
                                          "run: {total_steps: 2000}\n";
  EXPECT_EQ(document({"train", "tiny.yaml", "--json"})["run"], "runs/tiny-s0");
  EXPECT_EQ(document({"train", "tiny.yaml", "--json"})["run"], "runs/tiny-s0-2");
}

TEST_F(TrainingCommands, QuietShowsNoProgress) {
  const Said said = tern(with(kTrain, {"--quiet"}));
  EXPECT_THAT(said.err, IsEmpty());
  EXPECT_THAT(said.out, HasSubstr("mean return 2.00 +- 1.00 over 2 episodes"));
}

TEST_F(TrainingCommands, TrainRefusesAFolderThatHoldsARun) {
  tern(with(kTrain, {"--out", "here"}));
  const std::string before = read("here/config.yaml");
  const Said said = tern(with(kTrain, {"--out", "here", "gamma=0.1"}));
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, HasSubstr("tern resume here"));
  EXPECT_EQ(read("here/config.yaml"), before);
}

TEST_F(TrainingCommands, TrainRefusesAFolderWithSomethingElseInIt) {
  std::filesystem::create_directory(folder_ / "here");
  std::ofstream(folder_ / "here/thesis.tex") << "precious";
  const Said said = tern(with(kTrain, {"--out", "here"}));
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, HasSubstr("here"));
  EXPECT_EQ(read("here/thesis.tex"), "precious");
}

TEST_F(TrainingCommands, StopAtSavesAndResumeGoesOn) {
  const Json stopped = document(with(kTrain, {"--out", "here", "--stop-at", "250", "--json"}));
  EXPECT_EQ(stopped["steps"], 300);
  EXPECT_EQ(stopped["finished"], false);
  EXPECT_TRUE(stopped["eval"].is_null());
  const Json resumed = document({"resume", "here", "--json"});
  EXPECT_EQ(resumed["steps"], 1000);
  EXPECT_EQ(resumed["finished"], true);
}

TEST_F(TrainingCommands, ResumeRefusesKeysThatWouldChangeResults) {
  tern(with(kTrain, {"--out", "here", "--stop-at", "250"}));
  const Said said = tern({"resume", "here", "gamma=0.5"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, HasSubstr("'gamma' cannot change when a run goes on"));
}

TEST_F(TrainingCommands, ResumeMakesARunLonger) {
  tern(with(kTrain, {"--out", "here"}));
  EXPECT_EQ(document({"resume", "here", "run.total_steps=2000", "--json"})["steps"], 2000);
  const Said said = tern({"resume", "here", "run.total_steps=500"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, HasSubstr("is less than the 1000 of here"));  // as its config.yaml says
}

TEST_F(TrainingCommands, InitFromIsCheckedAndKept) {
  tern(with(kTrain, {"--out", "here"}));
  const std::string pinned = std::filesystem::canonical(folder_ / "here").string() + "@1000";
  tern(with(kTrain, {"--out", "warm", "env.gravity=15", "--init-from", "here@last"}));
  EXPECT_THAT(read("warm/config.yaml"), HasSubstr("init_from: " + pinned));
  const Json run = document({"describe", "warm", "--json"})["config"]["run"];
  EXPECT_EQ(run["init_from"], pinned);
  EXPECT_EQ(run["init_sha256"].get<std::string>().size(), 64u);
  EXPECT_THAT(tern({"describe", "warm"}).out, HasSubstr("the policy of " + pinned));

  const auto refused = [&](const Words& words) {
    const Said said = tern(words);
    EXPECT_EQ(said.exit_code, 2) << said.err;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "runs"));
    return said.err;
  };
  EXPECT_THAT(refused({"train", "dqn", "CartPole-v1", "--init-from", "here"}),
              HasSubstr("it is one of ppo, and dqn is to be trained"));
  EXPECT_THAT(refused(with(kTrain, {"--init-from", "here", "hidden_sizes=[8]"})),
              HasSubstr("agent.hidden_sizes is [64, 64] there and [8] here"));
  EXPECT_THAT(refused({"train", "ppo", "Acrobot-v1", "--init-from", "here"}),
              HasSubstr("those of CartPole-v1; here they are of Acrobot-v1"));
  EXPECT_THAT(refused(with(kTrain, {"--init-from", "her"})), HasSubstr("no run 'her'"));
  EXPECT_THAT(refused(with(kTrain, {"--init-from", ""})), HasSubstr("option --init-from"));
}

TEST_F(TrainingCommands, InterruptSavesAndSaysHowToGoOn) {
  const Said said = tern(with(kTrain, {"--seed", "77", "--json"}));
  EXPECT_EQ(said.signal, SIGINT);  // a shell sees 130 and ends its loop
  EXPECT_EQ(Json::parse(said.out)["steps"], 300);
  EXPECT_THAT(said.err,
              HasSubstr("saving at the next iteration boundary; Ctrl-C again ends at once"));
  EXPECT_THAT(said.err,
              HasSubstr("stopped at step 300 of 1000, everything is saved. Go on with: tern "
                        "resume ppo_CartPole-v1-s77"));
  EXPECT_EQ(document({"describe", "ppo_CartPole-v1-s77", "--json"})["step"], 300);
}

TEST_F(TrainingCommands, SecondInterruptEndsAtOnce) {
  EXPECT_EQ(tern(with(kTrain, {"--seed", "78"})).signal, SIGINT);
}

TEST_F(TrainingCommands, NanIsAFailure) {
  const Said said = tern(with(kTrain, {"--seed", "79", "--json"}));
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.out, IsEmpty());
  EXPECT_THAT(said.err, HasSubstr("tern: error: runs/ppo_CartPole-v1-s79: the policy loss is NaN"));
}

TEST_F(TrainingCommands, DescribeRunReadsTheManifest) {
  tern(with(kTrain, {"--out", "here", "gamma=0.5"}));
  const Json run = document({"describe", "here", "--json"});
  EXPECT_EQ(run["agent"], "ppo");
  EXPECT_EQ(run["env"], "CartPole-v1");
  EXPECT_EQ(run["step"], 1000);
  EXPECT_EQ(run["parameters_sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(run["config"]["agent"]["gamma"], 0.5);
  EXPECT_EQ(run["config"]["run"]["total_steps"], 1000);
  EXPECT_THAT(tern({"describe", "here"}).out, HasSubstr("step 1000 of 1000"));
  EXPECT_THAT(tern({"describe", "here", "--replay"}).err, HasSubstr("keeps no replay buffer"));
}

TEST_F(TrainingCommands, VerifyResumePrintsBothHashesAndAgrees) {
  Words words = with(kTrain, {"--cuts", "3"});
  words[0] = "verify-resume";
  const Said said = tern(words);
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("  uninterrupted to step 1000\n"));
  EXPECT_THAT(said.out, HasSubstr("equal: resuming gives the same bits"));
  EXPECT_EQ(std::count(said.out.begin(), said.out.end(), '\n'), 5);
  const std::string hash = said.out.substr(0, 64);
  EXPECT_EQ(said.out.substr(said.out.find('\n') + 1, 64), hash);
}

TEST_F(TrainingCommands, VerifyResumeFailsWhenTheHashesDiffer) {
  Words words = with(kTrain, {"seed=80", "--json"});
  words[0] = "verify-resume";
  const Said said = tern(words, {"TMPDIR=" + folder_.path()});
  EXPECT_EQ(said.exit_code, 1);
  const Json report = Json::parse(said.out);
  EXPECT_EQ(report["equal"], false);
  EXPECT_NE(report["parameters_sha256"], report["resumed"][0]["parameters_sha256"]);
  EXPECT_THAT(said.err, HasSubstr("the runs are kept in " + folder_.path()));
}

TEST_F(TrainingCommands, VerifyResumeWithoutAFolderForTemporaryFilesSaysSo) {
  Words words = kTrain;
  words[0] = "verify-resume";
  const Said said = tern(words, {"TMPDIR=/gone"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err, HasSubstr("cannot make a folder in /gone: No such file or directory"));
}

TEST_F(TrainingCommands, AFileSizeLimitIsReportedAsWhatItIs) {
  struct rlimit before = {}, small = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 1500;  // bytes: enough for what tern says, not for the resolved configuration
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Said said = tern(with(kTrain, {"--out", "here"}));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(said.exit_code, 1) << "signal " << said.signal;
  EXPECT_THAT(said.err, HasSubstr("the file would exceed this process's size limit"));
}

TEST_F(TrainingCommands, VerifyResumeRefusesARunOfOneIteration) {
  Words words = with(kTrain, {"--steps", "90"});
  words[0] = "verify-resume";
  const Said said = tern(words);
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(
      said.err,
      HasSubstr("the first iteration already ends at step 100, so there is nothing to cut"));
}

TEST_F(TrainingCommands, EvalPrintsTheDocumentOfTheContract) {
  tern(with(kTrain, {"--out", "here"}));
  const Json eval = document({"eval", "here", "--episodes", "3", "--seed", "9", "--json"});
  EXPECT_EQ(eval.dump(),
            "{\"run\":\"here\",\"env\":\"CartPole-v1\",\"step\":400,\"episodes\":3,\"mean\":9.0,"
            "\"std\":0.0,\"returns\":[5.0,5.0,5.0],\"lengths\":[6,6,6],\"cut\":0}");
  EXPECT_EQ(document({"eval", "here", "--json"})["episodes"], 100);
  EXPECT_EQ(document({"eval", "here", "--stochastic", "--json"})["returns"][0], 4.0);
}

TEST_F(TrainingCommands, EvalSaysWhichKeysDifferAndShowsMetrics) {
  tern(with(kTrain, {"--out", "here", "env.force=8"}));
  const Words words = {"eval", "here", "env.gravity=15", "force=8.0", "action_delay=1"};
  const Json eval = document(with(words, {"--json"}));
  EXPECT_EQ(eval["env_changes"].dump(),
            "{\"gravity\":{\"trained\":\"9.8\",\"changed\":\"15\"},"
            "\"action_delay\":{\"trained\":\"0\",\"changed\":\"1\"}}");
  EXPECT_EQ(eval["metrics"].dump(), "{\"success\":0.25,\"turns\":12.0}");
  const Said said = tern(words);
  EXPECT_THAT(said.out, HasSubstr("\nenv.gravity is 15 (trained with 9.8), env.action_delay is 1 "
                                  "(trained with 0)\nsuccess 0.250, turns 12.0\n"));
  EXPECT_THAT(tern({"eval", "here", "force=8"}).out,
              HasSubstr("the env's keys are all as in training"));
}

TEST_F(TrainingCommands, AKeyThatChangesWhatAPolicySeesIsRefused) {
  tern(with(kTrain, {"--out", "here"}));
  for (const Words& words :
       {Words{"eval", "here"}, Words{"watch", "here"}, Words{"record", "here", "-o", "x.gif"}}) {
    const Said said = tern(with(words, {"env.time_aware=true"}));
    EXPECT_EQ(said.exit_code, 2);
    EXPECT_THAT(said.err, HasSubstr("env.time_aware=true changes observations or actions"));
    EXPECT_EQ(tern(with(words, {"env.gravty=3"})).exit_code, 2);
  }
  const Said said = tern({"rollout", "CartPole-v1", "time_aware=true", "--policy", "here"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, HasSubstr("  is   observation 'time left'"));
}

TEST_F(TrainingCommands, RecordPlaysARunInAChangedEnv) {
  tern(with(kTrain, {"--out", "here"}));
  const Words words = {"record", "here", "-o", "x.png", "--frames", "1", "--json"};
  const Said same = tern(words), changed = tern(with(words, {"env.gravity=90"}));
  ASSERT_EQ(changed.exit_code, 0) << changed.err;
  EXPECT_THAT(changed.err, HasSubstr("env.gravity is 90 (trained with 9.8)"));
  EXPECT_NE(Json::parse(same.out)["lengths"], Json::parse(changed.out)["lengths"]);
}

TEST_F(TrainingCommands, EvalOfARunWithoutACheckpointSaysSo) {
  std::filesystem::create_directories(folder_ / "runs/fresh");
  std::ofstream(folder_ / "runs/fresh/config.yaml") << "env: {id: CartPole-v1}\n";
  const Said said = tern({"eval", "fresh"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, HasSubstr("no checkpoint"));
}

TEST_F(TrainingCommands, RolloutPlaysATrainedPolicyOnlyInItsOwnEnv) {
  tern(with(kTrain, {"--out", "here"}));
  const Json rollout =
      document({"rollout", "CartPole-v1", "--policy", "here", "--steps", "4", "--json"});
  EXPECT_EQ(rollout["steps"][0]["action"], 0);
  EXPECT_EQ(rollout["steps"][1]["action"], 1);
  EXPECT_EQ(rollout["steps"][0]["policy"].dump(), R"({"value":0.0,"probabilities":[0.75,0.25]})");
  EXPECT_EQ(rollout["steps"][3]["policy"]["value"], 3);
  const Said said = tern({"rollout", "Pendulum-v1", "--policy", "here"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, HasSubstr("was trained on CartPole-v1 and cannot play Pendulum-v1"));
}

TEST_F(TrainingCommands, BenchTrainPrintsTheShares) {
  const Json bench =
      document({"bench", "train", "ppo", "CartPole-v1", "total_steps=4096", "--json"});
  EXPECT_EQ(bench["steps_per_second"], 4096.0);
  EXPECT_EQ(bench["seconds"], 1.0);
  EXPECT_EQ(bench["share"].dump(),
            "{\"env\":0.5,\"inference\":0.25,\"update\":0.125,\"other\":0.125}");
}

TEST_F(TrainingCommands, DoctorShowsTheNetworkLibrary) {
  const Json doctor = document({"doctor", "--json"});
  EXPECT_EQ(doctor["networks"]["status"], "ok");
  EXPECT_EQ(doctor["networks"]["torch"], "9.9");
  EXPECT_THAT(tern({"doctor"}).out, HasSubstr("Networks: ok"));
}

TEST_F(TrainingCommands, DoctorSurvivesALibraryThatCrashes) {
  const Said said = tern({"doctor"}, {"TERN_TEST_CRASH=1"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.out, HasSubstr("Networks: broken"));
  EXPECT_THAT(said.out, HasSubstr("signal"));
}

/// An installation of the launcher alone, with what it links.
std::string install_launcher(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "bin");
  std::filesystem::create_directories(folder / "lib");
  const std::filesystem::path built = TERN_EXECUTABLE;
  std::filesystem::copy_file(built, folder / "bin/tern");
  for (const char* name : {"core", "envs", "replay", "agent_configs", "cli"}) {
    const std::string file = "libtern_" + std::string(name) + ".so.0";
    std::filesystem::copy_file(built.parent_path() / "../lib" / file, folder / "lib" / file);
  }
  return (folder / "bin/tern").string();
}

TEST_F(TrainingCommands, MissingLibrarySaysHowToBuildIt) {
  const std::string program = install_launcher(folder_ / "alone");
  const std::vector<std::string> own = {"LD_LIBRARY_PATH=" + std::string(folder_ / "alone/lib")};
  const Said said = run_tern(kTrain, folder_.path(), own, program);
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err,
              HasSubstr("this command needs networks, and libtern_agents.so was not built"));
  EXPECT_THAT(said.err, HasSubstr("Run the command as './tern ...'"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "runs"));
  EXPECT_THAT(run_tern({"doctor"}, "", own, program).out, HasSubstr("Networks: not built"));
  const Said drawing =
      run_tern({"record", "CartPole-v1", "-o", "a.gif"}, folder_.path(), own, program);
  EXPECT_EQ(drawing.exit_code, 1);
  EXPECT_THAT(drawing.err, HasSubstr("draws, and libtern_viewing.so was not built"));
}

TEST_F(TrainingCommands, BrokenLibraryIsNamed) {
  std::filesystem::create_directories(folder_ / "broken/bin");
  std::filesystem::create_directories(folder_ / "broken/lib");
  std::filesystem::copy_file(TERN_EXECUTABLE, folder_ / "broken/bin/tern");
  std::ofstream(folder_ / "broken/lib/libtern_agents.so") << "no library";
  const Said said = run_tern(kTrain, folder_.path(), {}, folder_ / "broken/bin/tern");
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err,
              HasSubstr("cannot load " + folder_.path() + "/broken/lib/libtern_agents.so"));
}

}  // namespace
}  // namespace tern
