#pragma once
// The newest policy on its way from the thread that trains to the one that shows.

#include <memory>
#include <mutex>
#include <utility>

#include "core/policy.h"

namespace tern {

/// Holds the newest policy. put() and get() may be called from any threads. The policy itself is
/// not thread-safe: who puts one never uses it again, and one reader at a time uses what it got.
class PolicySlot {
 public:
  void put(std::shared_ptr<Policy> policy) {
    const std::lock_guard<std::mutex> lock(mutex_);
    policy_.swap(policy);
  }  // the old policy dies here, outside of the lock
  /// Null before the first put().
  std::shared_ptr<Policy> get() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return policy_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<Policy> policy_;
};

}  // namespace tern
