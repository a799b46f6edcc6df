#pragma once
// What is asked of a process that holds envs. Groups of envs are named by numbers that the parent
// chooses. A request begins with Ask and the group's number.

#include <cstdint>

#include "core/rng_state.h"
#include "envs/isolation/env_process.h"
#include "envs/vector/env_group.h"

namespace tern {

enum class Ask : std::uint32_t {
  kMake,   // parameters, count -> spec
  kDrop,   //
  kRenew,  // env
  kReset,  // begin, end, rules, SentEpisode each -> row each: SentEpisode, obs, mask
  kStep,   // begin, end, rules, SentEpisode each, actions, wants info -> what each step led to
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
  kInfo,
};

/// Of a RunningEpisode what a step reads and changes. Its action log and the players' returns go by
/// themselves.
struct SentEpisode {
  tern_rng rng = {}, level_rng = {}, reset_rng = {};
  std::uint64_t level = 0;
  double episode_return = 0;
  std::int32_t episode_length = 0;
  std::uint32_t is_started = 0;
};

inline SentEpisode state_of(const RunningEpisode& episode) {
  return {
      episode.rng.state(),    episode.level_rng.state(), episode.reset_rng,           episode.level,
      episode.episode_return, episode.episode_length,    episode.is_started ? 1u : 0u};
}

inline void set_state(RunningEpisode& episode, const SentEpisode& state) {
  episode.rng = Rng(state.rng);
  episode.level_rng = Rng(state.level_rng);
  episode.reset_rng = state.reset_rng;
  episode.level = state.level;
  episode.episode_return = state.episode_return;
  episode.episode_length = state.episode_length;
  episode.is_started = state.is_started != 0;
}

}  // namespace tern
