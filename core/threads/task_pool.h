#pragma once
// Threads that help the caller with the items of a task. Std only.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/threads/thread_team.h"

namespace tern {

/// Runs tasks of many items: the caller and the pool's threads each take the next item until none
/// is left. Who does which item is left to chance, so an item's result must not depend on it. The
/// caller never waits for a thread that has not begun: on a busy machine it does the work alone,
/// and a pool costs next to nothing. (WorkerPool is for parts that belong to a thread.)
///
/// Between tasks threads look for the next one for some tens of microseconds, letting others go
/// first, then sleep. Nothing is allocated by run(). One caller at a time, not reentrant.
class TaskPool {
 public:
  /// Starts threads - 1 threads; threads >= 1. Throws Error when the system refuses one.
  explicit TaskPool(std::size_t threads);

  /// Including the caller's.
  std::size_t threads() const { return team_.threads(); }

  /// Calls task(item, thread) once for each item in 0..items-1, thread in 0..threads()-1 (0: the
  /// caller's), and returns when all are done. If items threw, rethrows one of the exceptions,
  /// after the other items; the pool stays usable.
  template <class Task>
  void run(std::size_t items, const Task& task) {
    run_erased([](const void* t, std::size_t item,
                  std::size_t thread) { (*static_cast<const Task*>(t))(item, thread); },
               &task, static_cast<std::uint32_t>(items));
  }

 private:
  using Call = void (*)(const void* task, std::size_t item, std::size_t thread);

  void run_erased(Call call, const void* task, std::uint32_t items);
  void work_off(std::size_t thread);

  // Written by the caller before it opens a task, read by those who took an item of it.
  Call call_ = nullptr;
  const void* task_ = nullptr;
  std::uint32_t items_ = 0;
  std::uint32_t number_ = 0;  // of the present task
  // On cache lines of their own. `open_` is (task number << 32) + items not yet taken: whoever
  // lowers it has an item of the present task, which cannot end before that item.
  alignas(64) std::atomic<std::uint64_t> open_{0};
  alignas(64) std::atomic<std::int32_t> left_{0};  // items not yet done
  alignas(64) ThreadTeam team_;
};

/// task(item, thread) for items 0..items-1 on the pool, or on this thread if there is none.
template <class Task>
void run_tasks(TaskPool* pool, std::size_t items, const Task& task) {
  if (pool != nullptr) {
    pool->run(items, task);
  } else {
    for (std::size_t i = 0; i < items; ++i) task(i, std::size_t{0});
  }
}

}  // namespace tern
