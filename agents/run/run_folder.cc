#include "agents/run/run_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/files/file_io.h"
#include "core/metrics/csv_sink.h"
#include "core/metrics/jsonl_sink.h"
#include "core/metrics/tensorboard_sink.h"
#include "core/shell_word.h"

namespace tern {
namespace {

constexpr const char* kLockFile = ".lock";
constexpr const char* kHolder = "process ";  // and its number: what the lock's file holds
constexpr std::int64_t kLongestHolder = 64;  // bytes

/// The process that a lock's file names; 0: none.
pid_t holder_in(const std::string& path) {
  if (!is_file(path) || file_bytes(path) > kLongestHolder) return 0;
  const std::string text = read_text_file(path);
  const std::size_t length = std::strlen(kHolder);
  if (text.compare(0, length, kHolder) != 0) return 0;
  const long process = std::strtol(text.c_str() + length, nullptr, 10);
  const bool is_one = process > 0 && process <= std::numeric_limits<pid_t>::max();
  return is_one ? static_cast<pid_t>(process) : 0;
}

/// Whether a process has a file open; none: its files may not be seen.
std::optional<bool> has_open(pid_t process, const std::string& path) {
  struct stat wanted = {};
  if (::stat(path.c_str(), &wanted) != 0) return false;
  std::error_code error;
  std::filesystem::directory_iterator files("/proc/" + std::to_string(process) + "/fd", error);
  for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) {
    struct stat open = {};
    if (::stat(files->path().c_str(), &open) != 0) continue;
    if (open.st_dev == wanted.st_dev && open.st_ino == wanted.st_ino) return true;
  }
  if (error) return std::nullopt;
  return false;
}

/// A name that is one folder, without '@', which separates a checkpoint's name from the run's.
std::string folder_name(const std::string& name) {
  std::string result;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '.';
    result += plain ? c : '-';
  }
  const std::size_t first = result.find_first_not_of(".-");
  return first == std::string::npos ? "run" : result.substr(first);
}

/// What a folder holds beside what a killed `tern` may have left in it.
std::vector<std::string> foreign_entries(const std::string& path) {
  std::vector<std::string> names;
  for (const std::string& name : list_folder(path)) {
    const bool ours =
        name == kLockFile || (name.front() == '.' && name.find(".tmp-") != std::string::npos);
    if (!ours) names.push_back(name);
  }
  return names;
}

/// The configuration of a new run, in its folder, which is locked.
void write_config(const std::string& path, const std::string& text) {
  for (const std::string& name : list_folder(path)) {
    if (name.find(".tmp-") != std::string::npos) remove_file(path + "/" + name);
  }
  write_file_durably(RunPaths(path).config, as_bytes(text));
}

[[noreturn]] void refuse_run(const std::string& path) {
  throw Error("--out " + path + " holds a run already. Name another folder, or go on with it: " +
              "tern resume " + shell_word(path));
}

/// Throws unless a run may be made in this folder, which may exist.
void check_out(const std::string& path) {
  if (is_file(path)) throw Error("--out " + path + " is a file; expected a new or an empty folder");
  if (!is_folder(path)) return;
  if (is_run_folder(path)) refuse_run(path);
  const std::vector<std::string> names = foreign_entries(path);
  if (names.empty()) return;
  throw Error("--out " + path + " is no run and holds '" + names.front() + "'" +
              (names.size() > 1 ? " and " + std::to_string(names.size() - 1) + " more" : "") +
              "; expected a new or an empty folder");
}

CreatedRun create_explicit(const NewRun& request) {
  const std::string path = without_trailing_slash(request.out);
  check_out(path);
  make_folders(path);
  CreatedRun run{path, RunLock(path)};
  if (is_run_folder(path)) refuse_run(path);  // made by another process in between
  write_config(path, request.config_yaml);
  return run;
}

CreatedRun create_numbered(const NewRun& request) {
  const std::string base = without_trailing_slash(request.runs_folder) + "/" +
                           folder_name(request.name) + "-s" + std::to_string(request.seed);
  make_folders(request.runs_folder);
  for (int number = 1;; ++number) {
    const std::string path = number == 1 ? base : base + "-" + std::to_string(number);
    const bool is_new = make_folder(path);
    // One that was left empty by a killed process is as good as new.
    if (!is_new && (!is_folder(path) || !foreign_entries(path).empty())) continue;
    std::optional<RunLock> lock = RunLock::try_take(path);
    if (!lock || is_run_folder(path)) continue;  // another process was faster
    write_config(path, request.config_yaml);
    return {path, std::move(*lock)};
  }
}

}  // namespace

std::string without_trailing_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

RunPaths::RunPaths(const std::string& folder)
    : run(folder),
      config(folder + "/config.yaml"),
      record(folder + "/run.json"),
      metrics_csv(folder + "/metrics.csv"),
      metrics_jsonl(folder + "/metrics.jsonl"),
      events(folder + "/events.tfevents"),
      eval(folder + "/eval.jsonl"),
      checkpoints(folder + "/checkpoints") {}

RunLock::RunLock(const std::string& run) {
  std::optional<RunLock> lock = try_take(run);
  if (!lock) {
    std::string holder = read_text_file(run + "/" + kLockFile);
    if (!holder.empty() && holder.back() == '\n') holder.pop_back();
    throw Error::failure(run + " is being trained by another process" +
                         (holder.empty() ? "" : " (" + holder + ")") +
                         "; wait for it or stop it, then try again");
  }
  descriptor_ = std::exchange(lock->descriptor_, -1);
}

std::optional<RunLock> RunLock::try_take(const std::string& run) {
  const std::string path = run + "/" + kLockFile;
  RunLock lock;
  lock.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock.descriptor_ < 0) {
    throw Error::failure("cannot write " + path + ": " + std::strerror(errno));
  }
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::nullopt;
    throw Error::failure("cannot lock " + path + ": " + std::strerror(errno));
  }
  // Who holds it is for people; the lock itself is the kernel's and does not depend on it.
  const std::string holder = kHolder + std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock.descriptor_, 0) == 0) {
    [[maybe_unused]] const ssize_t written =
        ::write(lock.descriptor_, holder.data(), holder.size());
  }
  return lock;
}

bool RunLock::is_held(const std::string& run) {
  const std::string path = run + "/" + kLockFile;
  try {
    const pid_t process = holder_in(path);
    if (process == 0) return false;
    if (const std::optional<bool> is_open = has_open(process, path)) return *is_open;
    return ::kill(process, 0) == 0 || errno == EPERM;
  } catch (const Error&) {
    return false;  // the file went or may not be read
  }
}

RunLock::~RunLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

RunLock::RunLock(RunLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

CreatedRun create_run(const NewRun& request) {
  return request.out.empty() ? create_numbered(request) : create_explicit(request);
}

bool is_empty_folder(const std::string& path) {
  return is_folder(path) && foreign_entries(path).empty();
}

bool is_run_folder(const std::string& path) {
  return is_file(RunPaths(path).config);
}

void cut_back_metrics(const std::string& run, std::optional<std::int64_t> step) {
  const RunPaths paths(run);
  const std::int64_t newest = step.value_or(-1);
  CsvSink::truncate_after(paths.metrics_csv, newest);
  JsonlSink::truncate_after(paths.metrics_jsonl, newest);
  TensorBoardSink::truncate_after(paths.events, newest);
  JsonlSink::truncate_after(paths.eval, newest);
}

}  // namespace tern
