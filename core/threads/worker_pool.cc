#include "core/threads/worker_pool.h"

namespace tern {
namespace {

/// About ten microseconds: longer than the gap between two parts that end together, far shorter
/// than a turn of the scheduler.
constexpr Patience kPartPatience = {1, 256};

}  // namespace

WorkerPool::WorkerPool(std::size_t parts)
    : team_(parts, kPartPatience, [this](std::size_t part) {
        run_part(part);
        pending_.fetch_sub(1, std::memory_order_release);
        pending_.notify_one();
      }) {}

void WorkerPool::run_erased(Call call, const void* task) {
  call_ = call;
  task_ = task;
  pending_.store(static_cast<std::int32_t>(parts() - 1), std::memory_order_relaxed);
  team_.wake();
  run_part(0);
  team_.wait_until_zero(pending_);
  team_.rethrow_first();
}

void WorkerPool::run_part(std::size_t part) {
  team_.keep_error(part, [&] { call_(task_, part); });
}

}  // namespace tern
