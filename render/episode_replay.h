#pragma once
// Back and forth in an episode that was played: an env of its own that takes the recorded actions.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "envs/batch_views.h"
#include "envs/env_entry.h"
#include "render/episode.h"

namespace tern {

/// A fingerprint of all that the future of an episode depends on, as far as the env can tell: what
/// it saves and its documented state, the observation, the mask and the random stream.
std::uint64_t state_hash(const Env& env, ObsRow obs, MaskRow mask, const Rng& rng);

/// Writes the numbers of FrameData::action into a row of actions.
void set_action(const ActionSpace& space, const std::vector<float>& values,
                MutableActionRow action);

/// Works for every env: what is deterministic is exact when its actions are taken again. Going on
/// costs the steps between, going back all from the reset. Not thread-safe.
class EpisodeReplay {
 public:
  /// The env's entry and parameters are those of the episode, which must outlive this. Throws Error
  /// if the beginning of the episode was not kept.
  EpisodeReplay(const EnvEntry& entry, const ParamValues& params, const Episode& episode);

  /// Brings the env to moment t. Throws Error if the episode has no such moment.
  void go_to(std::size_t t);
  std::size_t now() const { return now_; }
  std::uint64_t state_hash() const;
  const Env& env() const { return *env_; }

 private:
  void restart();
  void step();

  const EnvEntry& entry_;
  ParamValues params_;
  const Episode& episode_;
  std::unique_ptr<Env> env_;
  Rng rng_;
  StepBuffers buffers_;  // one row of each
  std::size_t now_ = 0;
};

}  // namespace tern
