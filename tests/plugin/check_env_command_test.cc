// tern check-env and tern rollout as a user calls them, on envs that are wrong.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/run_tern.h"
#include "tests/plugin/same_env.h"

extern char** environ;

namespace tern {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

Said check_env(const std::string& fault, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"check-env", test_plugin("faulty"), "fault=" + fault};
  words.insert(words.end(), more.begin(), more.end());
  return run_tern(words);
}

TEST(CheckEnvCommand, ACrashIsABrokenRuleBehindThoseThatHeld) {
  const Said said = check_env("late_segfault", {"at=1001"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.out, HasSubstr("  ok    rewards are finite\n"));
  EXPECT_THAT(said.out, HasSubstr("  FAIL  thousands of steps run in one go [long-run]\n"));
  EXPECT_THAT(said.out, HasSubstr("in step 1001 of episode 1, action "));
  EXPECT_THAT(said.out, HasSubstr("          Repeat: tern rollout "));
  EXPECT_THAT(said.out, HasSubstr("docs/plugins.md#facts-spec"));
  EXPECT_THAT(said.out, HasSubstr("1 of 30 rules broken\n"));
}

TEST(DescribeCommand, RowsOfFloatsAndBytesAreToldFieldByField) {
  const std::string plugin = test_plugin("mixed_rows");
  const Said said = run_tern({"describe", plugin});
  EXPECT_THAT(said.out, HasSubstr("Observation: 6 float32 and 3 uint8 values\n"));
  EXPECT_THAT(said.out, testing::ContainsRegex("1 +gear +.*one of 5 to 7"));
  EXPECT_THAT(said.out, testing::ContainsRegex("2 +word +4 +one of 6"));
  EXPECT_THAT(said.out, testing::ContainsRegex("6 +camera +1x3x1 +\\[0, 255\\] +uint8"));
  const Json observation = Json::parse(run_tern({"describe", plugin, "--json"}).out)["observation"];
  EXPECT_EQ(observation["dtype"], "mixed");
  EXPECT_EQ(observation["fields"][1]["first"], 5);
  EXPECT_EQ(observation["fields"][2]["shape"].dump(), "[4]");
  EXPECT_EQ(observation["fields"][2]["categories"], 6);
  EXPECT_EQ(observation["fields"][3]["dtype"], "uint8");
  EXPECT_EQ(observation["fields"][3]["offset"], 6);
  const Json rollout = Json::parse(run_tern({"rollout", plugin, "--steps", "3", "--json"}).out);
  EXPECT_EQ(rollout["reset_obs"].size(), 9u);
  EXPECT_EQ(run_tern({"check-env", plugin}).exit_code, 0);
}

TEST(CheckEnvCommand, TheCommandThatItNamesRepeatsACrash) {
  const Said said = check_env("segfault", {"--json"});
  const Json broken = Json::parse(said.out)["rules"][1];
  const std::string place = broken["message"], command = broken["repeat"];
  EXPECT_THAT(place, HasSubstr("in step 20 of episode "));
  std::istringstream text(command);
  std::string program;
  text >> program;
  EXPECT_EQ(program, "tern");
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  const Said again = run_tern(words);
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.out, HasSubstr(place));
}

TEST(CheckEnvCommand, JsonStaysOneDocumentWhateverTheEnvPrints) {
  const Said said = check_env("prints", {"--json", "at=1"});
  EXPECT_EQ(said.exit_code, 1);
  const Json report = Json::parse(said.out);
  EXPECT_EQ(report["passed"], false);
  EXPECT_EQ(report["env"], "Faulty-v0");
  for (const Json& rule : report["rules"]) {
    EXPECT_EQ(rule["passed"], rule["rule"] != "printing") << rule;
  }
}

TEST(CheckEnvCommand, APluginThatDoesNotLoadIsAReport) {
  const Said said = run_tern({"check-env", test_plugin("exit_in_entry"), "--json"});
  EXPECT_EQ(said.exit_code, 1);
  const Json report = Json::parse(said.out);
  EXPECT_EQ(report["passed"], false);
  EXPECT_EQ(report["rules"][0]["rule"], "loads");
  EXPECT_THAT(std::string(report["rules"][0]["message"]), HasSubstr("ended the process with status 3"));
  const Said wrong_call = run_tern({"check-env", test_plugin("wrong_abi")});
  EXPECT_EQ(wrong_call.exit_code, 2);
  EXPECT_THAT(wrong_call.err, HasSubstr("version 2 of the plugin ABI"));
}

TEST(CheckEnvCommand, AnotherProcessTellsTimeAddressesAndNumbers) {
  for (const std::string fault : {"time", "address", "pid"}) {
    const Said said = check_env(fault, {"--json"});
    EXPECT_EQ(said.exit_code, 1) << fault;
    const Json report = Json::parse(said.out);
    const Json& last = report["rules"].back();
    EXPECT_EQ(last["rule"], "other-process") << fault;
    EXPECT_EQ(last["passed"], false) << fault;
    EXPECT_THAT(std::string(last["message"]), HasSubstr("let nothing depend on the time")) << fault;
  }
}

TEST(CheckEnvCommand, ASlowEnvShowsThatSomethingGoesOn) {
  const Said said = check_env("very_slow", {"--rule", "runs"});
  EXPECT_EQ(said.exit_code, 0) << said.out;
  EXPECT_THAT(said.err, HasSubstr("every allowed action of the space is taken without an exception: "));
  EXPECT_THAT(said.err, HasSubstr("calls of the env so far"));
}

TEST(CheckEnvCommand, AnUnknownRuleIsAnErrorWithTheNearest) {
  const Said said = check_env("none", {"--rule", "obs-spce"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, AllOf(HasSubstr("Did you mean 'obs-space'?"), HasSubstr("save-load")));
}

TEST(CheckEnvCommand, HashesAreTheSameEachTime) {
  const Said one = check_env("none", {"--hash", "--steps", "50"});
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_THAT(one.out, HasSubstr("50 calls: "));
  EXPECT_EQ(one.out, check_env("none", {"--hash", "--steps", "50"}).out);
  EXPECT_NE(one.out, check_env("none", {"--hash", "--steps", "50", "--seed", "1"}).out);
}

TEST(RolloutCommand, ExitInAnEnvIsNoSuccess) {
  const Said said = run_tern({"rollout", test_plugin("faulty"), "fault=exit", "at=3"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err, HasSubstr("'Faulty-v0' called exit() in step 3 of episode 1, action "));
  EXPECT_THAT(said.err, HasSubstr("check-env"));
}

TEST(RolloutCommand, JsonStaysOneDocumentWhateverTheEnvPrints) {
  for (const std::string fault : {"prints", "writes"}) {
    const Said said = run_tern({"rollout", test_plugin("faulty"), "fault=" + fault, "at=1", "--steps",
                                "30", "--json"});
    EXPECT_EQ(said.exit_code, 0) << said.err;
    const Json document = Json::parse(said.out, nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(document.is_object()) << said.out.substr(0, 200);
    EXPECT_EQ(document["steps"].size(), 30u);
    EXPECT_THAT(said.err, HasSubstr(fault == "prints" ? "hello from step 1\n" : "raw bytes\n"));
  }
}

TEST(RolloutCommand, ACrashNamesItsCall) {
  const Said said = run_tern({"rollout", test_plugin("faulty"), "fault=divide", "at=3"});
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they end the process in their way
  EXPECT_EQ(said.signal, SIGFPE);
#endif
  EXPECT_THAT(said.err, HasSubstr("crashed (SIGFPE, integer division by zero) in step 3 of episode 1"));
}

/// The first child of a process, once it has one; 0 after ten seconds without.
pid_t child_of(pid_t process) {
  const std::string file =
      "/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children";
  for (int i = 0; i < 1000; ++i) {
    pid_t child = 0;
    if (std::ifstream(file) >> child) return child;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return 0;
}

/// Not there, or only as an entry that nobody has asked for yet.
bool is_gone(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string number, name, state;
  return !(file >> number >> name >> state) || state == "Z" || state == "X";
}

TEST(CheckEnvCommand, TheChildGoesWithItsParent) {
  for (const int signal : {SIGKILL, SIGINT}) {
    std::vector<std::string> words = {TERN_EXECUTABLE, "check-env", test_plugin("faulty"), "fault=loop",
                                      "--step-limit", "600"};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t parent = 0;
    ASSERT_EQ(posix_spawn(&parent, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    const pid_t child = child_of(parent);
    ASSERT_NE(child, 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // into its loop
    kill(parent, signal);
    int status = 0;
    waitpid(parent, &status, 0);
    EXPECT_EQ(WTERMSIG(status), signal);
    for (int i = 0; i < 500 && !is_gone(child); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(is_gone(child)) << "signal " << signal;
    if (!is_gone(child)) kill(child, SIGKILL);
  }
}

}  // namespace
}  // namespace tern
