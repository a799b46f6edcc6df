#pragma once
// How often the episodes that were shown were in each state of a tabular env.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

namespace tern {

/// Not thread-safe.
class VisitCounts {
 public:
  /// Beyond it the level that was seen first is forgotten.
  static constexpr std::size_t kMostLevels = 1000;

  void add(std::uint64_t level, int state) {
    const auto [counts, is_new] = counts_.try_emplace(level);
    ++counts->second[state];
    if (!is_new) return;
    levels_.push_back(level);
    if (levels_.size() <= kMostLevels) return;
    counts_.erase(levels_.front());
    levels_.pop_front();
  }
  std::int64_t of(std::uint64_t level, int state) const {
    const auto counts = counts_.find(level);
    if (counts == counts_.end()) return 0;
    const auto count = counts->second.find(state);
    return count == counts->second.end() ? 0 : count->second;
  }

 private:
  std::unordered_map<std::uint64_t, std::unordered_map<int, std::int64_t>> counts_;
  std::deque<std::uint64_t> levels_;  // of counts_, in the order in which they were seen
};

}  // namespace tern
