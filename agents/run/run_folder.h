#pragma once
// The folder of a run: where everything lies, making one, and who may write to it. Std only.
//
//   runs/<name>/
//     config.yaml       the resolved configuration; its presence makes the folder a run
//     run.json          version, commit, host, seed, path taken, time and cost (run_record.h)
//     metrics.csv  metrics.jsonl  events.tfevents     eval.jsonl
//     checkpoints/      checkpoint.h
//     .lock             held by the process that trains

#include <cstdint>
#include <optional>
#include <string>

namespace tern {

/// As folders are named here: "runs/a/" is "runs/a".
std::string without_trailing_slash(std::string path);

/// Paths inside a run's folder.
struct RunPaths {
  explicit RunPaths(const std::string& run);
  std::string run, config, record, metrics_csv, metrics_jsonl, events, eval, checkpoints;
};

/// The right to write to a run: one process at a time. Released when destroyed and by the system
/// when the process dies, however that happens.
class RunLock {
 public:
  /// Throws Error::failure naming the process that holds it, or the file if it cannot be made.
  explicit RunLock(const std::string& run);
  /// Nothing if another process holds it.
  static std::optional<RunLock> try_take(const std::string& run);
  /// Whether a process of this machine holds it, told from the files that it has open: the lock
  /// itself is not touched. Of a process whose files may not be seen: whether it lives.
  static bool is_held(const std::string& run);
  ~RunLock();
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&&) = delete;

 private:
  RunLock() = default;
  int descriptor_ = -1;
};

struct NewRun {
  std::string out;   // the folder asked for; "": runs/<name>-s<seed>, then -2, -3, ..
  std::string name;  // "ppo_cartpole"
  std::int64_t seed = 0;
  std::string config_yaml;  // the resolved configuration's text
  std::string runs_folder = "runs";
};

/// A folder made for a run, locked.
struct CreatedRun {
  std::string path;
  RunLock lock;
};

/// Makes the folder and writes config.yaml. Throws Error (exit 2) if `out` holds a run already,
/// naming `tern resume`, or is a folder with anything else in it; Error::failure if it cannot be
/// made.
CreatedRun create_run(const NewRun& request);

/// A folder that holds nothing but what a run may have left that was killed before it began.
bool is_empty_folder(const std::string& path);

/// True for a folder that holds a run.
bool is_run_folder(const std::string& path);

/// Cuts metrics, events and evaluations back to a checkpoint's step: what was reported after it is
/// about to be trained again. step none: drops all, for a run that starts again. Needs the lock.
/// What is reported *at* a checkpoint's step, evaluations included, must be written before that
/// checkpoint is committed: it is kept, and never written twice.
void cut_back_metrics(const std::string& run, std::optional<std::int64_t> step);

}  // namespace tern
