#include "core/threads/worker_pool.h"

#include <string>
#include <system_error>

#include "core/error.h"

namespace tern {
namespace {

/// Tells the processor that this is a waiting loop.
inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// About ten microseconds: longer than the gap between two parts that end together, far shorter
/// than a turn of the scheduler.
constexpr int kSpins = 256;

/// Returns the first value other than `old`.
std::int32_t wait_for_change(const std::atomic<std::int32_t>& value, std::int32_t old) {
  for (int i = 0; i < kSpins; ++i) {
    const std::int32_t now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    relax();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

}  // namespace

WorkerPool::WorkerPool(std::size_t parts) : errors_(parts) {
  if (parts == 0) throw Error("a worker pool needs at least one part");
  threads_.reserve(parts - 1);
  for (std::size_t part = 1; part < parts; ++part) {
    try {
      threads_.emplace_back([this, part] { work(part); });
    } catch (const std::system_error& error) {
      stop();
      throw Error::failure("the system refused thread " + std::to_string(part + 1) + " of " +
                           std::to_string(parts) + " (" + error.code().message() +
                           "); ask for fewer threads");
    }
  }
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::stop() {
  is_stopping_ = true;
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerPool::run_erased(Call call, const void* task) {
  call_ = call;
  task_ = task;
  pending_.store(static_cast<std::int32_t>(threads_.size()), std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  run_part(0);
  for (std::int32_t left = pending_.load(std::memory_order_acquire); left != 0;) {
    left = wait_for_change(pending_, left);
  }

  std::exception_ptr first;
  for (std::exception_ptr& error : errors_) {
    if (error && !first) first = error;
    error = nullptr;
  }
  if (first) std::rethrow_exception(first);
}

void WorkerPool::run_part(std::size_t part) {
  try {
    call_(task_, part);
  } catch (...) {
    errors_[part] = std::current_exception();
  }
}

void WorkerPool::work(std::size_t part) {
  for (std::int32_t round = 0;;) {
    round = wait_for_change(round_, round);
    if (is_stopping_) return;
    run_part(part);
    pending_.fetch_sub(1, std::memory_order_release);
    pending_.notify_one();
  }
}

}  // namespace tern
