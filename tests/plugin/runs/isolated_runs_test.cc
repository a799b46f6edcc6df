// Proof: law. Training with envs in processes of their own, by the program as a user calls it: the
// bits of the run that has none, whatever a plugin does to its process, and nothing that is left
// behind when the program is killed.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "core/files/file_io.h"
#include "core/files/json.h"
#include "tests/cli/run_tern.h"
#include "tests/temporary_folder.h"

extern char** environ;

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

/// Processes that live and whose command line holds `text`.
std::vector<pid_t> processes_with(const std::string& text) {
  std::vector<pid_t> found;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ostringstream words;
    words << std::ifstream(entry.path() / "cmdline").rdbuf();
    if (words.str().find(text) != std::string::npos) found.push_back(std::stoi(name));
  }
  return found;
}

bool becomes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

class IsolatedRun : public testing::Test {
 protected:
  Said tern(const Words& words) {
    return run_tern(words, folder_.path(), {"XDG_DATA_HOME=" + folder_ / "data"});
  }
  std::string at(const std::string& name) const { return folder_ / name; }
  Words train_words(const std::string& plugin, const Words& more) {
    Words words = {"train",
                   "ppo",
                   plugin,
                   "total_steps=2048",
                   "rollout_steps=32",
                   "--quiet",
                   "run.eval_episodes=1",
                   "run.final_eval_episodes=1",
                   "hidden_sizes=[8]"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string hash(const std::string& run) {
    const std::string said = tern({"describe", "./" + run, "--json"}).out;
    return Json::parse(said).text_or("parameters_sha256", said.c_str());
  }
  /// Starts one that trains for long, named by its --out.
  pid_t start(const std::string& plugin, const Words& more) {
    Words words = train_words(plugin, more);
    words.insert(words.begin(), TERN_EXECUTABLE);
    words.insert(words.end(), {"total_steps=100000000", "--out", at("long")});
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string data = "XDG_DATA_HOME=" + at("data");
    std::vector<char*> variables;
    for (char** word = environ; *word != nullptr; ++word) variables.push_back(*word);
    variables.push_back(const_cast<char*>(data.c_str()));
    variables.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int stream : {1, 2}) {
      posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0);
    }
    pid_t process = 0;
    EXPECT_EQ(
        posix_spawn(&process, TERN_EXECUTABLE, &actions, nullptr, argv.data(), variables.data()),
        0);
    posix_spawn_file_actions_destroy(&actions);
    return process;
  }

  TemporaryFolder folder_;
};

TEST_F(IsolatedRun, EndsWithTheSameBitsAlsoWhenResumed) {
  const std::string plugin = built("cartpole");
  ASSERT_EQ(tern(train_words(plugin, {"--out", "here"})).exit_code, 0);
  ASSERT_EQ(
      tern(train_words(plugin, {"--out", "there", "env.isolate=process", "threads=2"})).exit_code,
      0);
  EXPECT_EQ(hash("there"), hash("here"));
  ASSERT_EQ(tern(train_words(plugin, {"--out", "cut", "env.isolate=process", "--stop-at", "700"}))
                .exit_code,
            0);
  ASSERT_EQ(tern({"resume", "cut", "--quiet"}).exit_code, 0);
  EXPECT_EQ(hash("cut"), hash("here"));
}

TEST_F(IsolatedRun, ACrashLeavesAnEpisodeThatRepeatsItAndARunThatGoesOn) {
  fs::copy_file(built("faulty"), at("lib.so"));
  const Said said =
      tern(train_words("./lib.so", {"--out", "run", "env.isolate=process", "env.fault=segfault",
                                    "env.at=60", "checkpoint_every=256"}));
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(
      said.err,
      AllOf(
          HasSubstr("'Faulty-v0' crashed (SIGSEGV, invalid memory access) in step 60 of episode "),
          HasSubstr(" of env "), HasSubstr("tern resume run --accept-changed\n")));
  // The command that it names shows it again, in the same step.
  const std::size_t begin = said.err.find("Repeat it: tern ") + 16;
  std::istringstream text(said.err.substr(begin, said.err.find('\n', begin) - begin));
  Words repeat;
  for (std::string word; text >> word;) repeat.push_back(word);
  const Said again = tern(repeat);
  EXPECT_EQ(again.signal, SIGSEGV);
  EXPECT_THAT(again.err, HasSubstr("in step 60 of episode 1, action "));
  // Mended, it goes on. (Its parameter still asks for the fault, which other bytes do not have.)
  fs::remove(at("lib.so"));
  fs::copy_file(built("faulty_mended"), at("lib.so"));
  const Said went_on = tern({"resume", "run", "--quiet", "--accept-changed"});
  EXPECT_EQ(went_on.exit_code, 0) << went_on.err;
}

TEST_F(IsolatedRun, AnEndWithoutAWordIsNone) {
  for (const std::string isolate : {"none", "process"}) {
    const Said said = tern(train_words(built("faulty"), {"--out", isolate, "env.isolate=" + isolate,
                                                         "env.fault=_exit", "env.at=60"}));
    EXPECT_EQ(said.exit_code, 1) << isolate;
    EXPECT_THAT(said.err,
                AllOf(HasSubstr("in step 60 of episode "), HasSubstr("tern resume " + isolate)));
  }
}

TEST_F(IsolatedRun, AnEndlessLoopIsEndedAfterItsLimit) {
  const Said said =
      tern(train_words(built("faulty"), {"--out", "run", "env.isolate=process", "env.fault=loop",
                                         "env.at=60", "env.isolate_limit=0.5"}));
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err, HasSubstr("did not come back within 0.5 s in step 60 of episode "));
}

TEST_F(IsolatedRun, NothingOutlivesAProgramThatIsKilled) {
  // In steps, and while an env hangs.
  for (const std::string fault : {"none", "loop"}) {
    fs::remove_all(at("long"));
    const pid_t process = start(
        built("faulty"), {"env.isolate=process", "env.fault=" + fault, "env.at=60", "threads=2"});
    ASSERT_TRUE(becomes_true([&] { return processes_with(at("long")).size() >= 3; })) << fault;
    kill(process, SIGKILL);
    int status = 0;
    waitpid(process, &status, 0);
    EXPECT_TRUE(becomes_true([&] { return processes_with(at("long")).empty(); })) << fault;
  }
}

TEST_F(IsolatedRun, CtrlCIsHeardInEveryPhase) {
  for (const int milliseconds : {5, 150, 600, 1500}) {
    fs::remove_all(at("long"));
    const pid_t process = start(built("faulty"), {"env.isolate=process", "threads=2"});
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    kill(process, SIGINT);
    int status = 0;
    waitpid(process, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << milliseconds;
    EXPECT_TRUE(becomes_true([&] { return processes_with(at("long")).empty(); })) << milliseconds;
  }
}

TEST_F(IsolatedRun, FaultsOfStepsAreNotBlamedOnTheLearningRate) {
  for (const std::string isolate : {"none", "process"}) {
    const Said said = tern(train_words(built("faulty"), {"--out", isolate, "env.isolate=" + isolate,
                                                         "env.fault=obs_nan", "env.at=60"}));
    EXPECT_EQ(said.exit_code, 1);
    EXPECT_THAT(said.err,
                AllOf(HasSubstr("observation[1] ('wind') is nan"),
                      HasSubstr("after step 60 of an episode"), Not(HasSubstr("learning rate"))));
    const Said outside =
        tern(train_words(built("faulty"), {"--out", isolate + "2", "env.isolate=" + isolate,
                                           "env.fault=obs_outside", "env.at=60"}));
    EXPECT_EQ(outside.exit_code, 0);
  }
}

}  // namespace
}  // namespace tern
