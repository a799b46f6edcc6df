#pragma once
// What the pools are made of: threads that start, sleep, work and end together. Std only.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace tern {

/// How long a thread looks for a change before it sleeps: some turns of some looks each. Between
/// turns it lets others go first.
struct Patience {
  int turns = 1;
  int looks_each_turn = 1;
};

/// The caller's thread, 0, and others that work whenever they are woken. In a pool it is the last
/// member: its threads use the others from the start.
class ThreadTeam {
 public:
  /// Starts threads 1 .. threads - 1; thread i calls work(i) after a wake(). threads >= 1. Throws
  /// Error, and Error::failure when the system refuses a thread.
  ThreadTeam(std::size_t threads, Patience patience, std::function<void(std::size_t)> work);
  /// Lets work that has begun come to its end.
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  /// The caller's included.
  std::size_t threads() const { return errors_.size(); }

  /// Each other thread works once more. Wakes that follow each other faster than a thread works may
  /// be one to it.
  void wake();
  void wait_until_zero(const std::atomic<std::int32_t>& count) const;

  /// Calls `work`; what it throws is kept for rethrow_first(). Each thread has room for one.
  template <class Work>
  void keep_error(std::size_t thread, const Work& work) {
    try {
      work();
    } catch (...) {
      errors_[thread] = std::current_exception();
    }
  }
  /// Throws what the lowest of the threads has kept, if one has; all is forgotten.
  void rethrow_first();

 private:
  void live(std::size_t thread);
  void stop();

  Patience patience_;
  std::function<void(std::size_t)> work_;
  std::atomic<bool> is_stopping_{false};
  std::vector<std::exception_ptr> errors_;
  std::vector<std::thread> threads_;
  alignas(64) std::atomic<std::int32_t> wakes_{0};  // on a cache line of its own: all watch it
};

}  // namespace tern
