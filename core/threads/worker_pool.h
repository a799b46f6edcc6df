#pragma once
// A fixed group of threads that share the parts of one task. Std only.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

namespace tern {

/// Runs tasks of `parts()` parts: part 0 on the caller's thread, part i always on worker i. Which
/// part does what is the caller's choice, so results need not depend on timing.
///
/// Workers live as long as the pool. Between tasks they look for the next one for some
/// microseconds, then sleep. Nothing is allocated by run(). One caller at a time, not reentrant.
class WorkerPool {
 public:
  /// Starts parts - 1 threads; parts >= 1. Throws Error when the system refuses a thread.
  explicit WorkerPool(std::size_t parts);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  std::size_t parts() const { return errors_.size(); }

  /// Calls task(i) once for each part and returns when all are done. If parts threw, rethrows the
  /// exception of the lowest of them; the pool stays usable.
  template <class Task>
  void run(const Task& task) {
    run_erased([](const void* t, std::size_t part) { (*static_cast<const Task*>(t))(part); }, &task);
  }

 private:
  using Call = void (*)(const void* task, std::size_t part);

  void run_erased(Call call, const void* task);
  void run_part(std::size_t part);
  void work(std::size_t part);
  void stop();

  Call call_ = nullptr;
  const void* task_ = nullptr;
  bool is_stopping_ = false;
  std::vector<std::exception_ptr> errors_;  // one for each part
  std::vector<std::thread> threads_;
  // On cache lines of their own: workers watch the first while others count down the second.
  alignas(64) std::atomic<std::int32_t> round_{0};    // a new value: there is a task
  alignas(64) std::atomic<std::int32_t> pending_{0};  // workers that have not finished it
};

/// The first index of part `part` when `count` things are split evenly into `parts` ranges; part
/// `part` ends where the next one begins.
inline std::size_t part_begin(std::size_t count, std::size_t parts, std::size_t part) {
  return count * part / parts;
}

}  // namespace tern
