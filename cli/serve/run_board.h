#pragma once
// All runs that are served: a thread looks at their folders while somebody wants to know.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/serve/served_run.h"

namespace tern::cli {

/// A run as it was at the last look.
struct RunCard {
  std::string id, folder;
  std::string summary;  // ServedRun::summary() as text
  std::shared_ptr<const TrainingProgress> progress;
  std::optional<std::int64_t> checkpoint;
  std::string obstacle;       // ServedRun::obstacle()
  std::uint64_t version = 0;  // of the board, when the summary changed last
};

/// What has changed on the board.
struct BoardNews {
  std::uint64_t version = 0;      // up to here
  std::vector<RunCard> changed;   // in the order of their ids
  std::vector<std::string> gone;  // ids
};

/// Thread-safe.
class RunBoard {
 public:
  struct Options {
    std::vector<std::string> named;    // folders that are runs
    std::string runs_folder = "runs";  // all below it, where nothing else is named
    double interval = 0.5;  // seconds between two looks; more where a look takes long
    std::vector<std::string> folders;  // all below these
  };
  /// Looks once, in the caller's thread; then in a thread of its own, while there are questions.
  explicit RunBoard(Options options);
  ~RunBoard();
  RunBoard(const RunBoard&) = delete;
  RunBoard& operator=(const RunBoard&) = delete;

  /// The run of that id, as it is now; none: there is none.
  std::optional<RunCard> find(const std::string& id);
  /// The same, after another look.
  std::optional<RunCard> find_anew(const std::string& id);
  /// All runs, as they are now.
  std::vector<RunCard> cards();
  /// Whether there are more runs than are shown (find_runs()).
  bool has_more();
  /// What has changed since `version` (0: everything there is). Waits until there is something, or
  /// for so many seconds.
  BoardNews news_since(std::uint64_t version, double seconds);

 private:
  using Clock = std::chrono::steady_clock;

  void work();
  void look();
  std::map<std::string, std::string> wanted_runs();  // id -> folder
  void want_runs_below(const std::string& folder, const std::string& prefix,
                       std::map<std::string, std::string>& wanted);
  void publish(const ServedRun& run);
  std::optional<RunCard> card(const std::string& id) const;  // with the mutex
  /// Waits for a look where the last one is too old.
  void refresh(std::unique_lock<std::mutex>& lock);
  /// Waits until there was another look.
  void wait_for_look(std::unique_lock<std::mutex>& lock);

  const Options options_;
  std::map<std::string, ServedRun> runs_;  // of the thread that looks, by id
  bool finds_all_ = true;                  // of the thread that looks
  std::mutex mutex_;
  std::condition_variable asked_, told_;
  // Below: guarded by the mutex.
  std::map<std::string, RunCard> cards_;
  std::map<std::string, std::uint64_t> gone_;  // id -> version
  std::uint64_t version_ = 0, looks_ = 0;
  Clock::time_point last_look_, last_question_;
  double look_seconds_ = 0;  // that the last look took
  bool is_ending_ = false, has_more_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace tern::cli
