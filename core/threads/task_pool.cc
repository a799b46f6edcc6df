#include "core/threads/task_pool.h"

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

/// Together some tens of microseconds on an idle machine: longer than what the caller does alone
/// between two gradient steps. On a busy one the turns go to whoever has work, above all to our own
/// thread that may wait for this very processor.
constexpr int kTurns = 64, kSpinsEachTurn = 16;

/// Returns the first value other than `old`.
std::int32_t wait_for_change(const std::atomic<std::int32_t>& value, std::int32_t old) {
  for (int turn = 0; turn < kTurns; ++turn) {
    for (int i = 0; i < kSpinsEachTurn; ++i) {
      const std::int32_t now = value.load(std::memory_order_acquire);
      if (now != old) return now;
      relax();
    }
    std::this_thread::yield();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

}  // namespace

TaskPool::TaskPool(std::size_t threads) : errors_(threads) {
  if (threads == 0) throw Error("a task pool needs at least one thread");
  threads_.reserve(threads - 1);
  for (std::size_t i = 1; i < threads; ++i) {
    try {
      threads_.emplace_back([this, i] { help(i); });
    } catch (const std::system_error& error) {
      stop();
      throw Error::failure("the system refused thread " + std::to_string(i + 1) + " of " +
                           std::to_string(threads) + " (" + error.code().message() +
                           "); ask for fewer threads");
    }
  }
}

TaskPool::~TaskPool() {
  stop();
}

void TaskPool::stop() {
  is_stopping_ = true;
  number_.fetch_add(1, std::memory_order_release);
  number_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void TaskPool::run_erased(Call call, const void* task, std::uint32_t items) {
  call_ = call;
  task_ = task;
  items_ = items;
  left_.store(static_cast<std::int32_t>(items), std::memory_order_relaxed);
  const auto number = static_cast<std::uint32_t>(number_.load(std::memory_order_relaxed)) + 1;
  open_.store((static_cast<std::uint64_t>(number) << 32) + items, std::memory_order_release);
  if (!threads_.empty() && items > 1) {
    number_.store(static_cast<std::int32_t>(number), std::memory_order_release);
    number_.notify_all();
  }
  work_off(0);
  for (std::int32_t left = left_.load(std::memory_order_acquire); left != 0;) {
    left = wait_for_change(left_, left);
  }

  std::exception_ptr first;
  for (std::exception_ptr& error : errors_) {
    if (error && !first) first = error;
    error = nullptr;
  }
  if (first) std::rethrow_exception(first);
}

void TaskPool::work_off(std::size_t thread) {
  std::uint64_t open = open_.load(std::memory_order_acquire);
  while (static_cast<std::uint32_t>(open) > 0) {
    if (!open_.compare_exchange_weak(open, open - 1, std::memory_order_acq_rel)) continue;
    const std::size_t item = items_ - static_cast<std::uint32_t>(open);
    try {
      call_(task_, item, thread);
    } catch (...) {
      errors_[thread] = std::current_exception();
    }
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.notify_one();
    open = open_.load(std::memory_order_acquire);
  }
}

void TaskPool::help(std::size_t thread) {
  for (std::int32_t number = 0;;) {
    number = wait_for_change(number_, number);
    if (is_stopping_) return;
    work_off(thread);
  }
}

}  // namespace tern
