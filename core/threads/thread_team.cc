#include "core/threads/thread_team.h"

#include <string>
#include <system_error>
#include <utility>

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

/// Returns the first value other than `old`.
std::int32_t wait_for_change(const std::atomic<std::int32_t>& value, std::int32_t old,
                             Patience patience) {
  for (int turn = 0; turn < patience.turns; ++turn) {
    if (turn > 0) std::this_thread::yield();
    for (int i = 0; i < patience.looks_each_turn; ++i) {
      const std::int32_t now = value.load(std::memory_order_acquire);
      if (now != old) return now;
      relax();
    }
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

}  // namespace

ThreadTeam::ThreadTeam(std::size_t threads, Patience patience,
                       std::function<void(std::size_t)> work)
    : patience_(patience), work_(std::move(work)), errors_(threads) {
  if (threads == 0) throw Error("a pool needs at least one thread");
  threads_.reserve(threads - 1);
  for (std::size_t i = 1; i < threads; ++i) {
    try {
      threads_.emplace_back([this, i] { live(i); });
    } catch (const std::system_error& error) {
      stop();
      throw Error::failure("the system refused thread " + std::to_string(i + 1) + " of " +
                           std::to_string(threads) + " (" + error.code().message() +
                           "); ask for fewer threads");
    }
  }
}

ThreadTeam::~ThreadTeam() { stop(); }

void ThreadTeam::wake() {
  wakes_.fetch_add(1, std::memory_order_release);
  wakes_.notify_all();
}

void ThreadTeam::wait_until_zero(const std::atomic<std::int32_t>& count) const {
  for (std::int32_t left = count.load(std::memory_order_acquire); left != 0;) {
    left = wait_for_change(count, left, patience_);
  }
}

void ThreadTeam::rethrow_first() {
  std::exception_ptr first;
  for (std::exception_ptr& error : errors_) {
    if (error && !first) first = error;
    error = nullptr;
  }
  if (first) std::rethrow_exception(first);
}

void ThreadTeam::live(std::size_t thread) {
  for (std::int32_t wakes = 0;;) {
    wakes = wait_for_change(wakes_, wakes, patience_);
    if (is_stopping_) return;
    work_(thread);
  }
}

void ThreadTeam::stop() {
  is_stopping_ = true;
  wake();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace tern
