#pragma once
// run.json: where a run came from, how it was computed, and what it cost.

#include <cstdint>
#include <string>
#include <vector>

namespace tern {

/// The path that the numbers took; the same path gives the same bits.
struct ComputePath {
  std::string blas_core;  // "SkylakeX"
  std::string simd;       // "AVX-512"
  int threads = 1;
};

/// One process that trained the run.
struct RunSession {
  std::string command;  // "train", "resume"
  std::string status;   // "running", "finished", "stopped", "failed", "killed"
  std::string started;  // UTC, "2024-05-01T12:00:00Z"
  std::string version;  // of Tern
  std::string host;
  std::int64_t process = 0;
  ComputePath path;
  std::int64_t first_step = 0, last_step = 0;
  double wall_seconds = 0;
  double cpu_seconds = 0;  // user and system, all threads
  std::int64_t peak_memory_bytes = 0;
  std::string note;  // what did not go on exactly; "": nothing
};

struct RunRecord {
  std::string version;  // of Tern, when the run began
  std::string commit;   // of Tern's sources, "" if unknown
  std::string host;
  std::int64_t seed = 0;
  ComputePath path;                          // of the first process
  double wall_seconds = 0, cpu_seconds = 0;  // summed over sessions
  std::vector<RunSession> sessions;
};

/// Keeps run.json up to date for this process.
class RunRecorder {
 public:
  /// Reads what earlier processes wrote (a session still "running" was killed) and adds a session.
  /// A missing or unreadable run.json is begun anew: nothing that training depends on is in it.
  RunRecorder(const std::string& run, const std::string& command, const std::string& commit,
              std::int64_t seed, const ComputePath& path, std::int64_t first_step,
              const std::string& note = "");
  /// Writes the present cost; call it with each checkpoint and at the end ("finished", "stopped",
  /// "failed"). When the run failed, an Error in writing that down is kept quiet: what the user
  /// must hear is why it failed.
  void update(std::int64_t step, const std::string& status = "running");
  const RunRecord& record() const { return record_; }

 private:
  std::string path_;
  RunRecord record_;
  double started_seconds_ = 0;  // on the monotonic clock
  double started_cpu_seconds_ = 0;
};

RunRecord read_run_record(const std::string& run);

/// The session's status now: "killed" for one that says "running" while its process, on this host,
/// is no more. Of other hosts' processes nothing is known.
std::string present_status(const RunSession& session);

}  // namespace tern
