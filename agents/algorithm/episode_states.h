#pragma once
// What is remembered of the episodes of N envs, from step to step. Std only.

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/state_io.h"
#include "core/views.h"
#include "envs/batch_views.h"

namespace tern {

/// A state for each env before a step and one after it. Nothing at all where it has no numbers.
class EpisodeStates {
 public:
  EpisodeStates(std::size_t num_envs, std::size_t size)
      : size_(size), before_(num_envs * size), after_(num_envs * size) {}

  bool is_empty() const { return size_ == 0; }
  /// [N * size]
  Row<const float> before() const { return before_; }
  /// Of env i, [size].
  Row<const float> before(std::size_t i) const { return {before_.data() + i * size_, size_}; }
  Row<float> after(std::size_t i) { return {after_.data() + i * size_, size_}; }
  /// The step is done: what came after it is now before the next one, 0 where an episode ended.
  void advance(const StepBatch& step) {
    if (is_empty()) return;
    before_.swap(after_);
    for (std::size_t i = 0; i < step.terminated.size(); ++i) {
      if (step.terminated[i] || step.truncated[i])
        std::fill_n(before_.data() + i * size_, size_, 0.0f);
    }
  }

  /// The episode of env i is over.
  void forget(std::size_t i) { std::fill_n(before_.data() + i * size_, size_, 0.0f); }

  void save(StateWriter& out) const {
    if (!is_empty()) out.write(before_);
  }
  void load(StateReader& in) {
    if (!is_empty()) in.read(Row<float>(before_));
  }

 private:
  std::size_t size_;
  std::vector<float> before_, after_;  // [N, size]
};

}  // namespace tern
