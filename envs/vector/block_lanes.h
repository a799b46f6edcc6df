#pragma once
// The batch loop of envs that have a lane kernel (envs/lane_env.h): their states lie in columns,
// and one loop, compiled for several widths of vectors, steps a block of them.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "envs/lane_env.h"
#include "envs/vector/env_group.h"

namespace tern {

/// Lanes whose state lies together. A loop over a block has columns at known distances, so that the
/// compiler need not ask whether they overlap.
constexpr std::size_t kLaneBlock = 64;

/// Steps `count` lanes of one block. state: value k of lane i at state[k * kLaneBlock + i].
/// actions, reward, terminated: [count]; obs: [count, E::kObsSize].
template <class E>
inline void step_lanes(const typename E::Params& params, double* __restrict state,
                       const typename E::Action* __restrict actions, float* __restrict obs,
                       float* __restrict reward, std::uint8_t* __restrict terminated,
                       std::size_t count) {
  const typename E::Params fixed = params;  // a copy that no store can be thought to change
  // Results go to columns first: bytes in the same loop would make GCC step 64 lanes at a time and
  // run out of registers, and rows of six floats it does not vectorise.
  float ended[kLaneBlock], column[E::kObsSize][kLaneBlock];
  for (std::size_t i = 0; i < count; ++i) {
    typename E::State lane;
    std::size_t k = 0;
    lane.visit([&](double& value) { value = state[kLaneBlock * k++ + i]; });
    const LaneStep result = E::advance(fixed, actions[i], lane);
    k = 0;
    lane.visit([&](double& value) { state[kLaneBlock * k++ + i] = value; });
    float row[E::kObsSize];
    E::observe(lane, row);
    for (std::size_t j = 0; j < E::kObsSize; ++j) column[j][i] = row[j];
    reward[i] = static_cast<float>(result.reward());
    ended[i] = static_cast<float>(result.ended());
  }
  for (std::size_t i = 0; i < count; ++i) terminated[i] = ended[i] != 0 ? 1 : 0;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < E::kObsSize; ++j) obs[i * E::kObsSize + j] = column[j][i];
  }
}

/// step_lanes, compiled for each SimdLevel. No level has fused multiply-add in it (and the files
/// that define TERN_WIDE_LANES are compiled without contraction), so all give the same bits.
template <class E>
struct LaneKernels {
  using Kernel = void (*)(const typename E::Params&, double*, const typename E::Action*, float*,
                          float*, std::uint8_t*, std::size_t);

#define TERN_LANE_KERNEL(name)                                                                   \
  static void name(const typename E::Params& params, double* state,                              \
                   const typename E::Action* actions, float* obs, float* reward,                 \
                   std::uint8_t* terminated, std::size_t count) {                                \
    step_lanes<E>(params, state, actions, obs, reward, terminated, count);                       \
  }

  __attribute__((flatten)) TERN_LANE_KERNEL(baseline)
#if defined(TERN_WIDE_LANES) && defined(__x86_64__)
  __attribute__((flatten, target("avx2"))) TERN_LANE_KERNEL(avx2)
#if defined(__clang__)
  __attribute__((flatten, target("avx512f,avx512bw,avx512dq,avx512vl")))
#else
  __attribute__((flatten,
                 target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")))
#endif
  TERN_LANE_KERNEL(avx512)
#endif
#undef TERN_LANE_KERNEL

  static Kernel of(SimdLevel level) {
#if defined(TERN_WIDE_LANES) && defined(__x86_64__)
    if (level == SimdLevel::kAvx512) return avx512;
    if (level == SimdLevel::kAvx2) return avx2;
#endif
    static_cast<void>(level);
    return baseline;
  }
};

/// Throws Error where several players take turns.
void refuse_players(const EnvSpec& spec);

/// The group for envs of type E, which has a lane kernel.
template <class E>
class BlockLanes final : public HeldEnvGroup {
 public:
  /// count >= 1; `make` gives an E.
  BlockLanes(std::size_t count, Make make)
      : HeldEnvGroup(count, std::move(make)), blocks_((count + kLaneBlock - 1) / kLaneBlock) {
    for (std::size_t i = 0; i < count; ++i) settle(i);
    refuse_players(spec_);
    if (!spec_.action.is_box()) num_options_ = static_cast<std::uint32_t>(spec_.action.options());
  }

  void renew(std::size_t i) override {
    HeldEnvGroup::renew(i);
    settle(i);
  }

  void step(std::size_t begin, std::size_t end, RunningEpisode* episodes, const EpisodeRules& rules,
            const ActionRows& actions, const StepBatch& batch) override {
    const auto kernel = LaneKernels<E>::of(rules.simd);
    for (std::size_t first = begin; first < end;) {
      const std::size_t last = std::min(end, (first / kLaneBlock + 1) * kLaneBlock);
      check(first, last, episodes, actions);
      kernel(typed(0).params(), column(first), action_data(actions) + first,
             obs_data(batch) + first * E::kObsSize, batch.reward.data() + first,
             batch.terminated.data() + first, last - first);
      for (std::size_t i = first; i < last && !batch.info.empty(); ++i) {
        put_info(typed(i), i, batch);
      }
      count_step(first, last, episodes, rules, batch);
      first = last;
    }
  }

 private:
  struct Block {
    alignas(64) double state[E::kStateSize][kLaneBlock] = {};
  };

  double* column(std::size_t i) { return &blocks_[i / kLaneBlock].state[0][i % kLaneBlock]; }
  E& typed(std::size_t i) const { return static_cast<E&>(*envs_[i]); }
  void settle(std::size_t i) { typed(i).live_in(column(i), kLaneBlock); }

  static const typename E::Action* action_data(const ActionRows& actions) {
    return reinterpret_cast<const typename E::Action*>(actions.data());
  }
  static float* obs_data(const StepBatch& batch) {
    return reinterpret_cast<float*>(batch.obs.data());
  }

  /// Throws as EnvGroup::step says. First looks over all envs at once: nearly always all is well.
  void check(std::size_t first, std::size_t last, const RunningEpisode* episodes,
             const ActionRows& actions) const {
    const typename E::Action* const action = action_data(actions);
    bool is_good = true;
    for (std::size_t i = first; i < last; ++i) {
      if constexpr (std::is_same<typename E::Action, float>::value) {
        is_good &= std::fabs(action[i]) <= std::numeric_limits<float>::max();
      } else {
        is_good &= static_cast<std::uint32_t>(action[i]) < num_options_;
      }
    }
    for (std::size_t i = first; i < last; ++i) is_good &= episodes[i].is_started;
    if (is_good) return;
    for (std::size_t i = first; i < last; ++i) {
      if (!episodes[i].is_started) throw_not_reset();
      check_action(spec_, actions[i]);
    }
  }

  /// Counts the step of each env, applies the time limit, starts new episodes where one ended.
  void count_step(std::size_t first, std::size_t last, RunningEpisode* episodes,
                  const EpisodeRules& rules, const StepBatch& batch) {
    const std::int32_t limit = rules.max_episode_steps > 0
                                   ? rules.max_episode_steps
                                   : std::numeric_limits<std::int32_t>::max();
    const std::size_t mask_size = batch.mask.row_size();
    std::memset(batch.truncated.data() + first, 0, last - first);
    if (mask_size > 0) {
      std::memset(batch.mask.data() + first * mask_size, 1, (last - first) * mask_size);
    }
    for (std::size_t i = first; i < last; ++i) {
      RunningEpisode& episode = episodes[i];
      episode.episode_return += static_cast<double>(batch.reward[i]);
      ++episode.episode_length;
      if (batch.terminated[i] == 0 && episode.episode_length < limit) continue;
      batch.truncated[i] = batch.terminated[i] == 0;
      end_episode(typed(i), i, episode, batch);
      start_episode<false>(typed(i), i, episode, rules, batch.obs[i], batch.mask[i]);
    }
  }

  std::vector<Block> blocks_;      // where the states of the envs lie
  std::uint32_t num_options_ = 0;  // of a Discrete action
};

/// The group that suits an env of type E.
template <class E>
using EnvGroupOf = std::conditional_t<HasLaneKernel<E>::value, BlockLanes<E>, TypedEnvGroup<E>>;

}  // namespace tern
