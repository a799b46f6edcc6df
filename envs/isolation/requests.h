#pragma once
// What is asked of a process that holds envs. Groups of envs are named by numbers that the parent
// chooses. A request begins with Ask and the group's number.

#include <cstdint>

#include "core/rng_state.h"
#include "envs/isolation/env_process.h"
#include "envs/vector/lanes.h"

namespace tern {

enum class Ask : std::uint32_t {
  kMake,   // parameters, count -> spec
  kDrop,   //
  kRenew,  // env
  kReset,  // begin, end, rules, LaneState each -> row each: LaneState, obs, mask
  kStep,   // begin, end, rules, LaneState each, actions -> what each step led to
  // Of one env, in the order of Env's functions: env, arguments -> results.
  kResetOne,
  kStepOne,
  kActionMask,
  kDraw,
  kRewardTerms,
  kMetrics,
  kHumanAction,
  kGetState,
  kSetState,
  kSave,
  kLoad,
  kTransitions,
  kRelabel,
  kCurrentPlayer,
  kPlayerRewards,
};

/// Of a Lane what a step reads and changes. Its action log and the players' returns go by
/// themselves.
struct LaneState {
  tern_rng rng = {}, level_rng = {}, reset_rng = {};
  std::uint64_t level = 0;
  double episode_return = 0;
  std::int32_t episode_length = 0;
  std::uint32_t is_started = 0;
};

inline LaneState state_of(const Lane& lane) {
  return {lane.rng.state(),    lane.level_rng.state(), lane.reset_rng,           lane.level,
          lane.episode_return, lane.episode_length,    lane.is_started ? 1u : 0u};
}

inline void set_state(Lane& lane, const LaneState& state) {
  lane.rng = Rng(state.rng);
  lane.level_rng = Rng(state.level_rng);
  lane.reset_rng = state.reset_rng;
  lane.level = state.level;
  lane.episode_return = state.episode_return;
  lane.episode_length = state.episode_length;
  lane.is_started = state.is_started != 0;
}

}  // namespace tern
