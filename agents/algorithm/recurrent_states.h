#pragma once
// What a recurrent policy carries from step to step of a rollout: a state for each env. Std only.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "core/rng.h"
#include "core/state_io.h"
#include "core/views.h"

namespace tern {

/// The states of N envs through a rollout of T steps. Nothing at all where the state has no numbers.
class RecurrentStates {
 public:
  RecurrentStates(std::size_t steps, std::size_t num_envs, std::size_t state_size)
      : steps_(steps),
        num_envs_(num_envs),
        size_(state_size),
        states_(num_envs * size_),
        after_(steps * num_envs * size_),
        begins_(steps * num_envs),
        order_(num_envs) {
    std::iota(order_.begin(), order_.end(), 0);
  }

  bool is_empty() const { return size_ == 0; }
  /// Whether an episode begins at each sample, so that its state is 0; [K].
  const std::uint8_t* begins() const { return begins_.data(); }

  /// The states that envs from n on are in, [N - n, size].
  const float* now(std::size_t n) const { return states_.data() + n * size_; }
  /// Takes what the network made of it at sample k = t N + n.
  void take(std::size_t k, const float* state) {
    std::copy_n(state, size_, after_.data() + k * size_);
    std::copy_n(state, size_, states_.data() + k % num_envs_ * size_);
  }
  /// After step t of envs [begin, end): where an episode ended, the next one starts with 0.
  void end_step(std::size_t t, std::size_t begin, std::size_t end,
                Row<const std::uint8_t> terminated, Row<const std::uint8_t> truncated) {
    for (std::size_t n = begin; !is_empty() && n < end; ++n) {
      const std::size_t k = t * num_envs_ + n;
      const bool has_ended = terminated[k] || truncated[k];
      if (has_ended) std::fill_n(states_.data() + n * size_, size_, 0.0f);
      if (t + 1 < steps_) begins_[k + num_envs_] = has_ended;
    }
  }
  /// The episode of env n is over.
  void forget(std::size_t n) { std::fill_n(states_.data() + n * size_, size_, 0.0f); }
  /// The states after step t, also of episodes that ended there; [N, size].
  const float* after(std::size_t t) const { return after_.data() + t * num_envs_ * size_; }

  /// An epoch's order of samples: any permutation, or with memory one of envs, each with all its
  /// steps from first to last.
  void shuffle(Rng& rng, Row<std::int32_t> samples) {
    if (is_empty()) {
      rng.shuffle(samples);
      return;
    }
    rng.shuffle(Row<std::int32_t>(order_));
    for (std::size_t i = 0; i < num_envs_; ++i) {
      for (std::size_t t = 0; t < steps_; ++t) {
        samples[i * steps_ + t] = static_cast<std::int32_t>(t * num_envs_) + order_[i];
      }
    }
  }

  void save(StateWriter& out) const {
    if (!is_empty()) out.write(states_, order_);
  }
  void load(StateReader& in) {
    if (is_empty()) return;
    in.read(Row<float>(states_));
    in.read_order(Row<std::int32_t>(order_));
  }

 private:
  std::size_t steps_, num_envs_, size_;
  std::vector<float> states_;  // [N, size], to act on next
  std::vector<float> after_;   // [T, N, size]
  std::vector<std::uint8_t> begins_;
  std::vector<std::int32_t> order_;  // of envs
};

}  // namespace tern
