#include "tests/cli/run_tern.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

extern char** environ;

namespace tern {
namespace {

std::string temporary_file() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tern-said-XXXXXX").string();
  const int descriptor = mkstemp(pattern.data());
  if (descriptor < 0) throw std::runtime_error("cannot make " + pattern);
  close(descriptor);
  return pattern;
}

std::string take_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  std::filesystem::remove(path);
  return text.str();
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> merged_environment(const std::vector<std::string>& extra) {
  std::map<std::string, std::string> values;
  const auto set = [&](const std::string& word) { values[word.substr(0, word.find('='))] = word; };
  for (char** word = environ; *word != nullptr; ++word) set(*word);
  for (const std::string& word : extra) set(word);
  std::vector<std::string> words;
  for (const auto& [name, word] : values) words.push_back(word);
  return words;
}

pid_t start(const std::vector<std::string>& words, const std::string& folder,
            const std::vector<std::string>& environment, const std::string& executable,
            const std::string& out_path, const std::string& err_path) {
  std::vector<std::string> copies = words;
  copies.insert(copies.begin(), executable.empty() ? TERN_EXECUTABLE : executable);
  std::vector<std::string> variables = merged_environment(environment);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_path.c_str(), O_WRONLY | O_TRUNC,
                                   0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_path.c_str(), O_WRONLY | O_TRUNC,
                                   0);
  if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  pid_t process = 0;
  const int error = posix_spawn(&process, copies[0].c_str(), &actions, nullptr,
                                pointers(copies).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + copies[0]);
  return process;
}

Said collect(pid_t process, const std::string& out_path, const std::string& err_path) {
  Said said;
  int status = 0;
  waitpid(process, &status, 0);
  if (WIFEXITED(status)) said.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) said.signal = WTERMSIG(status);
  said.out = take_text(out_path);
  said.err = take_text(err_path);
  return said;
}

}  // namespace

Said run_tern(const std::vector<std::string>& words, const std::string& folder,
              const std::vector<std::string>& environment, const std::string& executable) {
  const std::string out_path = temporary_file(), err_path = temporary_file();
  return collect(start(words, folder, environment, executable, out_path, err_path), out_path,
                 err_path);
}

RunningTern::RunningTern(const std::vector<std::string>& words, const std::string& folder,
                         const std::string& executable)
    : out_path_(temporary_file()),
      err_path_(temporary_file()),
      process_(start(words, folder, {}, executable, out_path_, err_path_)) {}

RunningTern::~RunningTern() {
  if (process_ > 0) end(SIGKILL);
}

std::string RunningTern::first_line() const {
  for (int i = 0; i < 60'000; ++i) {
    std::ifstream out(out_path_);
    std::string line;
    if (std::getline(out, line) && !out.eof()) return line;
    siginfo_t ended = {};
    if (waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        ended.si_pid != 0) {
      return "";
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return "";
}

Said RunningTern::end(int signal) {
  kill(process_, signal);
  const pid_t process = std::exchange(process_, 0);
  return collect(process, out_path_, err_path_);
}

}  // namespace tern
