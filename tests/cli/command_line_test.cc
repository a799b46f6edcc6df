// The built program as a user calls it: exit codes, which stream says what, near names on every
// path, help texts. Error texts and golden text.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/cli/run_tern.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Words = std::vector<std::string>;

const char* const kCommands[] = {"train", "resume",   "verify-resume", "eval",
                                 "list",  "describe", "rollout",       "check-env",
                                 "bench", "doctor",   "exec",          "dev"};

TEST(CommandLine, VersionIsOneLine) {
  const Said said = run_tern({"--version"});
  EXPECT_EQ(said.exit_code, 0);
  EXPECT_THAT(said.out, testing::MatchesRegex("tern [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_THAT(said.err, IsEmpty());
}

TEST(CommandLine, HelpNamesEveryCommand) {
  for (const Words& words : {Words{"--help"}, Words{"help"}, Words{"-h"}}) {
    const Said said = run_tern(words);
    EXPECT_EQ(said.exit_code, 0);
    for (const std::string command : kCommands) {
      EXPECT_THAT(said.out, HasSubstr("\n  " + command + " "));
    }
    EXPECT_THAT(said.out,
                HasSubstr("Exit codes: 0 good; 1 the work failed; 2 the call\nwas wrong"));
  }
}

TEST(CommandLine, EveryCommandExplainsItselfWithUsageAndExamples) {
  for (const std::string command : kCommands) {
    const Said said = run_tern({command, "--help"});
    EXPECT_EQ(said.exit_code, 0) << command;
    EXPECT_THAT(said.err, IsEmpty());
    EXPECT_THAT(said.out,
                AllOf(StartsWith("tern " + command + ": "), HasSubstr("\nUsage\n  tern " + command),
                      HasSubstr("\nExamples\n  tern " + command), HasSubstr("\nOptions\n"),
                      HasSubstr("--help")));
    EXPECT_EQ(run_tern({"help", command}).out, said.out);
    for (std::size_t begin = 0, end; begin < said.out.size(); begin = end + 1) {
      end = said.out.find('\n', begin);
      EXPECT_LE(end - begin, 100u) << said.out.substr(begin, end - begin);
    }
  }
}

TEST(CommandLine, NoWordsShowTheHelpAndFail) {
  const Said said = run_tern({});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.out, IsEmpty());
  EXPECT_THAT(said.err, StartsWith("tern: reinforcement learning"));
}

struct NearName {
  Words words;
  std::string suggestion;
};

TEST(CommandLine, MistypedNamesGetTheNearestOnEveryPath) {
  const TemporaryFolder folder;
  std::ofstream(folder / "good.yaml") << "env: {id: CartPole-v1}\nagent: {name: ppo}\n";
  std::ofstream(folder / "bad_env.yaml") << "env: {id: CartPol-v1}\nagent: {name: ppo}\n";
  std::ofstream(folder / "bad_key.yaml") << "env: {id: CartPole-v1}\nagent: {name: ppo, gama: 1}\n";
  std::filesystem::create_directory(folder / "configs");
  std::ofstream(folder / "configs/dqn_maze.yaml") << "env: {id: CartPole-v1}\n";
  std::ofstream(folder / "bad_section.yaml") << "env: {id: CartPole-v1}\nagnet: {name: ppo}\n";
  const NearName cases[] = {{{"trian"}, "'train'"},
                            {{"help", "rolout"}, "'rollout'"},
                            {{"list", "env"}, "'envs'"},
                            {{"list", "--jsn"}, "'--json'"},
                            {{"train", "gud.yaml"}, "'good.yaml'"},
                            {{"train", "dqn_maze"}, "'configs/dqn_maze.yaml'"},
                            {{"train", "bad_env.yaml"}, "'CartPole-v1'"},
                            {{"train", "bad_key.yaml"}, "'gamma'"},
                            {{"train", "bad_section.yaml"}, "'agent'"},
                            {{"train", "ppo", "CartPol-v1"}, "'CartPole-v1'"},
                            {{"train", "dqnn", "CartPole-v1"}, "'dqn'"},
                            {{"train", "ppo", "CartPole-v1", "gama=1"}, "'agent.gamma'"},
                            {{"train", "ppo", "CartPole-v1", "agnt.gamma=1"}, "'agent'"},
                            {{"train", "good.yaml", "--sed", "1"}, "'--seed'"},
                            {{"verify-resume", "ppo", "CartPol-v1"}, "'CartPole-v1'"},
                            {{"verify-resume", "pppo", "CartPole-v1"}, "'ppo'"},
                            {{"bench", "env"}, "'envs'"},
                            {{"bench", "envs", "CartPol-v1"}, "'CartPole-v1'"},
                            {{"bench", "train", "ppo", "CartPol-v1"}, "'CartPole-v1'"},
                            {{"bench", "train", "pppo", "CartPole-v1"}, "'ppo'"},
                            {{"describe", "CartPol-v1"}, "'CartPole-v1'"},
                            {{"describe", "pppo"}, "'ppo'"},
                            {{"describe", "FrozenLake-v1", "mapp=4x4"}, "'env.map'"},
                            {{"rollout", "CartPol-v1"}, "'CartPole-v1'"},
                            {{"rollout", "CartPole-v1", "--policy", "randm"}, "'random'"},
                            {{"rollout", "FrozenLake-v1", "slipery=false"}, "'env.slippery'"},
                            {{"rollout", "FrozenLake-v1", "map=4x5"}, "'4x4'"},
                            {{"check-env", "CartPol-v1"}, "'CartPole-v1'"},
                            {{"check-env", "FrozenLake-v1", "env.mapp=4x4"}, "'env.map'"}};
  for (const NearName& near : cases) {
    const Said said = run_tern(near.words, folder.path());
    const std::string call = testing::PrintToString(near.words);
    EXPECT_EQ(said.exit_code, 2) << call << said.err;
    EXPECT_THAT(said.out, IsEmpty()) << call;
    EXPECT_THAT(said.err, AllOf(StartsWith("tern: error: "),
                                HasSubstr("Did you mean " + near.suggestion + "?")))
        << call;
  }
}

TEST(CommandLine, MistypedRunGetsTheNearestOnEveryPath) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "runs/ppo_maze-s0");
  std::ofstream(folder / "runs/ppo_maze-s0/config.yaml") << "env: {id: CartPole-v1}\n";
  for (const Words& words : {Words{"eval", "ppo_mase-s0"}, Words{"resume", "ppo_mase-s0"},
                             Words{"describe", "ppo_mase-s0"},
                             Words{"rollout", "CartPole-v1", "--policy", "ppo_mase-s0"}}) {
    const Said said = run_tern(words, folder.path());
    EXPECT_EQ(said.exit_code, 2) << said.err;
    EXPECT_THAT(said.err, HasSubstr("ppo_maze-s0")) << words[0];
  }
}

struct BadCall {
  Words words;
  std::string message;
};

TEST(CommandLine, WrongCallsSayWhatWasExpected) {
  const TemporaryFolder folder;
  std::ofstream(folder / "actions.json") << "[0, 1, 7]";
  std::ofstream(folder / "word.json") << "[0, \"left\"]";
  std::ofstream(folder / "broken.json") << "[0, 1";
  std::ofstream(folder / "object.json") << "{}";
  std::ofstream(folder / "nested.json") << "[[[1]]]";
  std::ofstream(folder / "deep.json") << std::string(200'000, '[') + std::string(200'000, ']');
  const BadCall cases[] = {
      {{"train"}, "needs more words. Usage:\n  tern train CONFIG.yaml"},
      {{"train", "ppo"}, "'ppo' is an agent and needs an env beside it"},
      {{"train", "CartPole-v1", "ppo"}, "the agent comes first: ppo CartPole-v1"},
      {{"train", "dqn", "Pendulum-v1"}, "dqn needs Discrete actions"},
      {{"train", "ppo", "CartPole-v1", "minibatch_size=9999"}, "is larger than a rollout of 2048"},
      {{"train", "ppo", "CartPole-v1", "gamma=2"}, "2 is out of range; expected [0, 1]"},
      {{"train", "ppo", "CartPole-v1", "--seed", "x"},
       "option --seed: run.seed: 'x' is not a whole"},
      {{"train", "ppo", "CartPole-v1", "--stop-at", "0"}, "option --stop-at: 0 is out of range"},
      {{"resume", "."}, "is no run"},
      {{"eval"}, "tern eval needs more words"},
      {{"list", "envs", "agents"}, "unexpected word 'agents'"},
      {{"list", "gamma=1"}, "takes no key=value words"},
      {{"describe", "CartPole-v1", "--transitions"}, "CartPole-v1 is not a tabular env"},
      {{"describe", "ppo", "--transitions"}, "'ppo' is no env"},
      {{"describe", "ppo", "--replay"}, "--replay is for runs, and 'ppo' is none"},
      {{"describe", "CartPole-v1", "--replay"},
       "--replay is for runs, and 'CartPole-v1' is an env"},
      {{"describe", "ppo", "gamma=1"}, "key=value words configure an env"},
      {{"rollout", "CartPole-v1", "--steps", "0"}, "option --steps: 0 is out of range"},
      {{"rollout", "CartPole-v1", "--steps", "5", "--episodes", "5"}, "exclude each other"},
      {{"rollout", "CartPole-v1", "--actions", "nothing.json"}, "no file 'nothing.json'"},
      {{"rollout", "CartPole-v1", "--actions", "actions.json"},
       "actions.json: action 2: 7 is outside the space; expected 0 to 1"},
      {{"rollout", "CartPole-v1", "--actions", "word.json"},
       "word.json: action 1: \"left\" is no action of this env; expected a whole number"},
      {{"rollout", "CartPole-v1", "--actions", "broken.json"}, "broken.json: not JSON at byte 6"},
      {{"rollout", "CartPole-v1", "--actions", "object.json"}, "expected a JSON array of actions"},
      {{"rollout", "CartPole-v1", "--actions", "nested.json"},
       "nested.json: action 0: [[..]] is no action of this env; expected a whole number"},
      {{"rollout", "CartPole-v1", "--actions", "deep.json"},
       "deep.json: nested more than 64 deep; expected an array of actions such as [0, 1, 1]"},
      {{"rollout", "CartPole-v1", "--actions", "."}, "no file '.' of actions"},
      {{"record", "CartPole-v1", "--out", "a.png", "--size", "20x"}, "'20x' is no size"},
      {{"watch", "CartPole-v1", "--size", "9x9"}, "'9x9' is no size; expected WIDTHxHEIGHT"},
      {{"watch", "CartPole-v1", "--break", "entrpy < 1"}, "Did you mean 'entropy'?"},
      {{"watch", "CartPole-v1", "--break", "reward > 0", "--break=action == lft"},
       "breakpoint 'action == lft': there is no action 'lft'. Did you mean 'left'? (expected one "
       "of"},
      {{"watch", "CartPole-v1", "--break"}, "option --break needs a value: --break CONDITION"},
      {{"watch", "CartPole-v1", "--against", "Pendulum-v1"},
       "--against: 'Pendulum-v1' plays Pendulum-v1, and 'CartPole-v1' plays CartPole-v1; expected"},
      {{"watch", "CartPole-v1", "--against", "CartPole-v1", "--actions", "a.json"},
       "--actions and --against exclude each other"},
      {{"watch", "CartPole-v1", "--against", "nothing"}, "'nothing' is neither a run nor an env"},
      {{"watch", "CartPole-v1", "--follow"}, "--follow is for runs, and 'CartPole-v1' is an env"},
      {{"watch", "nothing", "--follow"}, "no run 'nothing'"},
      {{"watch", "nothing", "a=1", "--follow"}, "--follow shows a run as it was configured"},
      {{"record", "CartPole-v1"}, "tern record needs --out FILE"},
      {{"record", "CartPole-v1", "-o", "a.gif", "--why"}, "--why explains the steps of a page"},
      {{"record", "CartPole-v1", "-o", "a.html", "--why"}, "random actions have no reasons"},
      {{"rollout", "CartPole-v1", "--state", "[0, 0]"},
       "is a JSON array of 4 numbers: x, x_dot, theta, theta_dot"},
      {{"rollout", "CartPole-v1", "--state", "nan"}, "'nan' does not fit"},
      {{"rollout", "CartPole-v1", "--stochastic"}, "is for trained policies"},
      {{"bench"}, "tern bench needs more words"},
      {{"bench", "train", "ppo", "CartPole-v1", "--threads", "2"}, "is not for 'tern bench train'"},
      {{"bench", "envs", "--seconds", "-1"}, "option --seconds: -1 is out of range"},
      {{"check-env"}, "tern check-env needs more words"}};
  for (const BadCall& bad : cases) {
    const Said said = run_tern(bad.words, folder.path());
    const std::string call = testing::PrintToString(bad.words);
    EXPECT_EQ(said.exit_code, 2) << call << said.err;
    EXPECT_THAT(said.out, IsEmpty()) << call;
    EXPECT_THAT(said.err, AllOf(StartsWith("tern: error: "), HasSubstr(bad.message))) << call;
  }
}

// ./tern asks before it builds what the command needs.
TEST(CommandLine, ACheckSaysWhatIsWrongWithTheWordsAndDoesNoMore) {
  const TemporaryFolder folder;
  const BadCall cases[] = {
      {{"--check", "train", "ppo", "CartPole-v1", "--sed", "3"}, "Did you mean '--seed'?"},
      {{"--check", "train", "ppo", "CartPole-v1", "gama=0.9"}, "Did you mean 'agent.gamma'?"},
      {{"--check", "train", "ppo", "CartPole-v7"}, "Did you mean 'CartPole-v1'?"},
      {{"--check", "eval", "nothing"}, "no run 'nothing'"},
      {{"--check", "watch", "CartPol-v1"}, "Did you mean 'CartPole-v1'?"},
      {{"--check", "bench", "train", "ppo", "CartPole-v7"}, "Did you mean 'CartPole-v1'?"},
      {{"--check", "rollout", "CartPole-v1", "--policy", "randm"}, "Did you mean 'random'?"}};
  for (const BadCall& bad : cases) {
    const Said said = run_tern(bad.words, folder.path());
    EXPECT_EQ(said.exit_code, 2) << said.err;
    EXPECT_THAT(said.err, HasSubstr(bad.message));
  }
  const Words good[] = {
      {"--check", "train", "ppo", "CartPole-v1", "total_steps=4096"},
      {"--check", "train", "ppo", "CartPole-v1", "--watch", "--out", "here"},
      {"--check", "watch", "CartPole-v1"},
      {"--check", "watch", "CartPole-v1", "--break", "step > 9", "--break", "terminated"},
      {"--check", "watch", "CartPole-v1", "--against", "CartPole-v1"},
      {"--check", "record", "CartPole-v1", "-o", "a.gif"},
      {"--check", "list"}};
  for (const Words& words : good) {
    const Said said = run_tern(words, folder.path(), {"DISPLAY="});
    EXPECT_EQ(said.exit_code, 0) << said.err;
    EXPECT_EQ(said.out + said.err, "");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(CommandLine, HintsKeepWhatWasAskedForAndCanBeCopied) {
  const Words nothing_to_show_it = {"DISPLAY=", "WAYLAND_DISPLAY="};
  const Said said =
      run_tern({"watch", "FrozenLake-v1", "map=8x8", "--seed", "3"}, "", nothing_to_show_it);
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err, HasSubstr("tern record FrozenLake-v1 map=8x8 -o out.gif"));

  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "my run");
  std::ofstream(folder / "my run/config.yaml") << "env: {id: CartPole-v1}\n";
  EXPECT_THAT(run_tern({"eval", "my run"}, folder.path()).err, HasSubstr("tern resume 'my run'\n"));
  EXPECT_THAT(run_tern({"train", "ppo", "CartPole-v1", "--out", "my run"}, folder.path()).err,
              HasSubstr("tern resume 'my run'\n"));
}

TEST(CommandLine, AWaylandSessionIsToldWhatAWindowNeeds) {
  const Said doctor = run_tern({"doctor"}, "", {"DISPLAY=", "WAYLAND_DISPLAY=wayland-0"});
  EXPECT_THAT(doctor.out, HasSubstr("Wayland without XWayland: 'tern record' works"));
  EXPECT_THAT(run_tern({"doctor"}, "", {"DISPLAY=:7", "WAYLAND_DISPLAY=wayland-0"}).out,
              HasSubstr(":7"));
}

// The size of a PNG stands in bytes 16 to 23, that of a GIF in 6 to 9.
TEST(CommandLine, RecordMakesPicturesOfTheSizeAskedFor) {
  const TemporaryFolder folder;
  const auto bytes_of = [&](const std::string& name) {
    const Said said =
        run_tern({"record", "CartPole-v1", "-o", name, "--size", "200x120"}, folder.path());
    EXPECT_EQ(said.exit_code, 0) << said.err;
    std::ostringstream bytes;
    bytes << std::ifstream(folder / name, std::ios::binary).rdbuf();
    return bytes.str();
  };
  EXPECT_EQ(bytes_of("film.gif").substr(6, 4), std::string("\xC8\0\x78\0", 4));
  EXPECT_EQ(bytes_of("strip.png").substr(16, 8), std::string("\0\0\0\xC8\0\0\0\x78", 8));
}

TEST(CommandLine, ErrorsAreNotColouredInAPipe) {
  EXPECT_THAT(run_tern({"trian"}).err, testing::Not(HasSubstr("\033")));
}

TEST(CommandLine, FullDiskUnderStandardOutputIsAFailure) {
  const Said said =
      run_tern({"exec", "--", "/bin/sh", "-c", "\"$0\" list > /dev/full", TERN_EXECUTABLE});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err, HasSubstr("cannot write to standard output"));
}

TEST(Exec, SetsTheComputeEnvironmentAndHandsOnTheExitCode) {
  const Said said = run_tern(
      {"exec", "--", "/bin/sh", "-c", "echo $OPENBLAS_NUM_THREADS $OMP_NUM_THREADS; exit 7"}, "",
      {"OMP_NUM_THREADS=16"});
  EXPECT_EQ(said.exit_code, 7);
  EXPECT_EQ(said.out, "1 1\n");
}

TEST(Exec, ChoosesABlasCoreForAModernCpu) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "this CPU is left to OpenBLAS";
  const Said said = run_tern({"exec", "--", "/bin/sh", "-c", "echo $OPENBLAS_CORETYPE"}, "",
                             {"OPENBLAS_CORETYPE="});
  EXPECT_THAT(said.out, testing::AnyOf("SkylakeX\n", "Haswell\n", "Zen\n"));
#else
  GTEST_SKIP() << "OpenBLAS chooses by itself here";
#endif
}

TEST(Exec, KeepsABlasCoreThatTheUserChose) {
  const Said said = run_tern({"exec", "--", "/bin/sh", "-c", "echo $OPENBLAS_CORETYPE"}, "",
                             {"OPENBLAS_CORETYPE=Nehalem"});
  EXPECT_EQ(said.out, "Nehalem\n");
}

TEST(Exec, MissingProgramIsAFailure) {
  const Said said = run_tern({"exec", "--", "./no-such-program"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err, HasSubstr("cannot run './no-such-program'"));
}

// Worked examples: where players take turns, what each of them got.
TEST(CommandLine, RolloutReportsAReturnForEachPlayer) {
  const TemporaryFolder folder;
  std::ofstream(folder / "moves.json") << "[0, 1, 0, 1, 0, 1, 2, 1]";
  const Words game = {"rollout", "ConnectFour-v1", "opponent=none", "--actions", "moves.json"};
  const Said text = run_tern(game, folder.path());
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("terminated after 8 steps, player 0: -1, player 1: 1\n"));
  Words with_json = game;
  with_json.push_back("--json");
  const Said json = run_tern(with_json, folder.path());
  EXPECT_THAT(json.out, AllOf(HasSubstr("\"player\":1"), HasSubstr("\"player_rewards\"")));
  const Said episodes =
      run_tern({"rollout", "ConnectFour-v1", "opponent=none", "--episodes", "3", "--json"});
  EXPECT_THAT(episodes.out, HasSubstr("\"player_returns\""));
  const Said alone = run_tern({"rollout", "ConnectFour-v1", "--episodes", "3", "--json"});
  EXPECT_THAT(alone.out, testing::Not(HasSubstr("player_returns")));
  EXPECT_THAT(run_tern({"describe", "ConnectFour-v1", "opponent=none"}).out,
              HasSubstr("2, who take turns"));
}

}  // namespace
}  // namespace tern
