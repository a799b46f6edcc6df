#pragma once
// A fixed group of threads that share the parts of one task. Std only.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/threads/thread_team.h"

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

  std::size_t parts() const { return team_.threads(); }

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

  Call call_ = nullptr;
  const void* task_ = nullptr;
  alignas(64) std::atomic<std::int32_t> pending_{0};  // workers that have not finished the task
  alignas(64) ThreadTeam team_;
};

/// The first index of part `part` when `count` things are split evenly into `parts` ranges; part
/// `part` ends where the next one begins.
inline std::size_t part_begin(std::size_t count, std::size_t parts, std::size_t part) {
  return count * part / parts;
}

}  // namespace tern
