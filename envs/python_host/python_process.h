#pragma once
// A Python interpreter that holds envs of one file and answers requests, one at a time (host.py).

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tern {

/// What an interpreter is asked to do: the kind that host.py reads.
enum class PythonAsk : char {
  kLoad = 'L',
  kMake = 'M',
  kDrop = 'D',
  kReset = 'R',
  kStep = 'S',
  kDraw = 'P',
  kInfo = 'I',
  kTerms = 'W',
  kKeys = 'K',
  kRelabel = 'G',
  kSave = 'V',
  kRestore = 'U',
  kGetState = 'T',
  kSetState = 'Z'
};

/// A file with envs, as it was when it was read; or an env of Gymnasium's registry.
struct PythonFile {
  std::string path;      // absolute; "gym:ID" of Gymnasium's
  std::string shown;     // as the user wrote it
  std::string source;    // its text: what runs, whatever becomes of the file
  std::string checksum;  // SHA-256 of the text
  std::string gym_id;    // "": it is a file
};

/// Who asks, for messages. Kept by the caller for the call.
struct PythonCaller {
  const std::string& where;  // "./pig.py: 'Pig-v0'"
  const char* function;      // "step"
};

/// One interpreter, which has run the file. It ends with this object, and with this process,
/// however that ends. What it prints goes to standard error.
class PythonProcess {
 public:
  /// Throws Error for a machine without Python or Gymnasium and an id that Gymnasium does not have,
  /// Error::failure for whatever the file does wrong.
  PythonProcess(const PythonFile& file, std::chrono::milliseconds limit);
  ~PythonProcess();
  PythonProcess(const PythonProcess&) = delete;
  PythonProcess& operator=(const PythonProcess&) = delete;

  /// What the file has, as JSON: [{"id": .., "params": [..]}].
  const std::string& contents() const { return contents_; }
  /// Sends a request and waits for its answer. Any thread. Throws Error::failure for an exception
  /// of the env, with its traceback; for an interpreter that ended or did not answer in time, from
  /// then on each time.
  std::string ask(PythonAsk what, std::uint64_t env, std::string_view payload,
                  const PythonCaller& caller, std::chrono::milliseconds limit);
  std::uint64_t new_env() { return ++envs_made_; }
  bool is_over() const { return !end_.empty(); }
  /// Whether this process started it, and is no copy of the one that did.
  bool is_ours() const;

 private:
  void start(const std::string& python);
  void end();
  /// False: it has ended, or time is up.
  bool send_all(std::string_view bytes);
  bool receive(char* into, std::size_t size, std::chrono::steady_clock::time_point deadline);
  [[noreturn]] void report_end(const PythonCaller& caller, std::chrono::milliseconds limit);
  std::string how_it_ended();

  std::mutex mutex_;
  PythonFile file_;
  std::string contents_, end_;  // end_: what became of it; "": it lives
  pid_t owner_ = 0, child_ = 0;
  int socket_ = -1, lifeline_ = -1;
  std::uint64_t envs_made_ = 0;
};

constexpr std::size_t kMostPythons = 16;
/// How long a file may take to be loaded, and each call of an env.
constexpr std::chrono::milliseconds kPythonLimit = std::chrono::seconds(60);

/// The interpreters for the envs of one file: one, or one for each thread that steps envs, 16 at
/// most. Started when they are needed and replaced once they have ended; a copy of the process
/// starts its own.
class PythonProcesses {
 public:
  explicit PythonProcesses(PythonFile file) : file_(std::move(file)) {}
  const PythonFile& file() const { return file_; }
  /// limit: for loading the file, if it is loaded now.
  std::shared_ptr<PythonProcess> get(std::size_t i, std::chrono::milliseconds limit = kPythonLimit);

 private:
  PythonFile file_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<PythonProcess>> processes_;
};

}  // namespace tern
