#include "core/threads/task_pool.h"

namespace tern {
namespace {

/// Together some tens of microseconds on an idle machine: longer than what the caller does alone
/// between two gradient steps. On a busy one the turns go to whoever has work, above all to our own
/// thread that may wait for this very processor.
constexpr Patience kTaskPatience = {64, 16};

}  // namespace

TaskPool::TaskPool(std::size_t threads)
    : team_(threads, kTaskPatience, [this](std::size_t thread) { work_off(thread); }) {}

void TaskPool::run_erased(Call call, const void* task, std::uint32_t items) {
  call_ = call;
  task_ = task;
  items_ = items;
  left_.store(static_cast<std::int32_t>(items), std::memory_order_relaxed);
  open_.store((static_cast<std::uint64_t>(++number_) << 32) + items, std::memory_order_release);
  if (threads() > 1 && items > 1) team_.wake();
  work_off(0);
  team_.wait_until_zero(left_);
  team_.rethrow_first();
}

void TaskPool::work_off(std::size_t thread) {
  std::uint64_t open = open_.load(std::memory_order_acquire);
  while (static_cast<std::uint32_t>(open) > 0) {
    if (!open_.compare_exchange_weak(open, open - 1, std::memory_order_acq_rel)) continue;
    const std::size_t item = items_ - static_cast<std::uint32_t>(open);
    team_.keep_error(thread, [&] { call_(task_, item, thread); });
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.notify_one();
    open = open_.load(std::memory_order_acquire);
  }
}

}  // namespace tern
