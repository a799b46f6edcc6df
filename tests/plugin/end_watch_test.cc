// Proof: law. An env that ends the program where no handler hears of it: the watcher says which
// call it was. What people do to a program, and a regular end, is not commented on. By the program
// as a user calls it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/plugin/same_env.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A program whose standard error is read until nobody holds it: the watcher included.
class Rollout {
 public:
  explicit Rollout(const std::string& words) {
    const std::string line = std::string("exec ") + TERN_EXECUTABLE + " rollout " +
                             test_plugin("faulty") + " " + words + " 2>&1 >/dev/null";
    stream_ = popen(line.c_str(), "r");
  }
  ~Rollout() {
    if (stream_ != nullptr) end();
  }
  Rollout(const Rollout&) = delete;
  Rollout& operator=(const Rollout&) = delete;

  /// Waits for the end; what was said.
  std::string end() {
    std::string said;
    char buffer[512];
    while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, stream_)) {
      said.append(buffer, size);
    }
    status_ = pclose(stream_);
    stream_ = nullptr;
    return said;
  }
  int status() const { return status_; }

 private:
  FILE* stream_ = nullptr;
  int status_ = -1;
};

struct Process {
  pid_t id = 0;
  std::string name;  // of its program, or of the watcher
};

/// Those whose command line holds `text`.
std::vector<Process> processes_with(const std::string& text) {
  std::vector<Process> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string id = entry.path().filename().string();
    if (id.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ostringstream words;
    words << std::ifstream(entry.path() / "cmdline").rdbuf();
    if (words.str().find(text) == std::string::npos) continue;
    Process process{std::stoi(id), ""};
    std::getline(std::ifstream(entry.path() / "comm"), process.name);
    found.push_back(process);
  }
  return found;
}

/// The seconds that a process has computed.
double computed_seconds(pid_t process) {
  std::string line;
  std::getline(std::ifstream("/proc/" + std::to_string(process) + "/stat"), line);
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  double ticks = 0;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  fields >> ticks;
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// The program itself, once its watcher is there and it has computed for longer than all but an
/// endless loop takes.
pid_t wait_for_stuck(const std::string& mark) {
  for (int look = 0; look < 3000; ++look) {
    const std::vector<Process> all = processes_with(mark);
    pid_t program = 0;
    bool has_watcher = false;
    for (const Process& process : all) {
      has_watcher = has_watcher || process.name == "tern-watcher";
      if (process.name == "tern") program = process.id;
    }
    if (has_watcher && all.size() == 2 && computed_seconds(program) > 1) return program;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return 0;
}

const char* const kPlace =
    "inside step 5 of episode 1, action -?[0-9]+ of .*faulty.so: 'Faulty-v0'";

#if defined(__x86_64__)
TEST(EndWatch, NamesTheCallInWhichTheProcessEndedItself) {
  Rollout rollout("fault=bare_exit_group at=5 --seed 1");
  const std::string said = rollout.end();
  EXPECT_THAT(said, ContainsRegex(kPlace));
  EXPECT_THAT(said, HasSubstr("exit_group"));
  EXPECT_THAT(said, HasSubstr("env.isolate=process"));
  EXPECT_EQ(said.find("tern: error:"), said.rfind("tern: error:")) << said;
}
#endif

TEST(EndWatch, NamesTheCallInWhichTheProcessWasKilled) {
  Rollout rollout("fault=kill at=5 --seed 1");
  const std::string said = rollout.end();
  EXPECT_THAT(said, AllOf(ContainsRegex(kPlace), HasSubstr("SIGKILL")));
  EXPECT_TRUE(WIFSIGNALED(rollout.status()) && WTERMSIG(rollout.status()) == SIGKILL)
      << rollout.status();
}

TEST(EndWatch, TellsFilesThatAnEnvClosedFromAnEndOfTheProcess) {
  Rollout rollout("fault=close_files at=5 --seed 1");
  const std::string said = rollout.end();
  EXPECT_THAT(said, AllOf(HasSubstr("an env closed the files of this process"),
                          Not(HasSubstr("exit_group"))));
  EXPECT_NE(rollout.status(), 0);
}

TEST(EndWatch, NamesTheCallInWhichAnotherProgramTookThePlace) {
  Rollout rollout("fault=exec at=5 --seed 1");
  EXPECT_THAT(rollout.end(),
              ContainsRegex("step 5 of episode 1, action -?[0-9]+ of .*'Faulty-v0'"));
}

TEST(EndWatch, HasNothingToSayOfACrashThatWasTold) {
  Rollout rollout("fault=segfault at=5 --seed 1");
  const std::string said = rollout.end();
  EXPECT_THAT(said, HasSubstr("crashed (SIGSEGV"));
  EXPECT_EQ(said.find("tern: error:"), said.rfind("tern: error:")) << said;
}

TEST(EndWatch, HasNothingToSayOfARegularEndAndLeavesNoProcess) {
  Rollout rollout("--seed 910273");
  EXPECT_THAT(rollout.end(), IsEmpty());
  EXPECT_EQ(rollout.status(), 0);
  EXPECT_THAT(processes_with("910273"), IsEmpty());
}

TEST(EndWatch, TellsAKillFromWhatPeopleEndAProgramWith) {
  for (const int signal : {SIGTERM, SIGKILL}) {
    Rollout rollout("fault=loop at=5 --seed 910274");
    const pid_t program = wait_for_stuck("910274");
    ASSERT_NE(program, 0);
    kill(program, signal);
    const std::string said = rollout.end();
    EXPECT_EQ(WTERMSIG(rollout.status()), signal);
    if (signal == SIGKILL) {
      EXPECT_THAT(said, ContainsRegex(kPlace));
    } else {
      EXPECT_THAT(said, Not(HasSubstr("error"))) << signal;
    }
    EXPECT_THAT(processes_with("910274"), IsEmpty());
  }
}

}  // namespace
}  // namespace tern
