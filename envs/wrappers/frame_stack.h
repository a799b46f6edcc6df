#pragma once
// A wrapper that shows the last frames together.

#include <cstdint>
#include <memory>
#include <vector>

#include "envs/stacked_frames.h"
#include "envs/wrappers/observation_wrapper.h"

namespace tern {

/// The frame_stack wrapper: an observation is the newest K of the env's, the oldest first, along the
/// last axis of each field; before the start of an episode its first observation stands. So a policy
/// without memory sees motion (Mnih et al. 2015). A replay buffer keeps each frame once.
class FrameStack final : public ObservationWrapper {
 public:
  /// Throws Error for observations with goals, which Env::relabel reads from one frame.
  FrameStack(std::unique_ptr<Env> inner, int frames);

  void save(StateWriter& out) const override;
  bool load(StateReader& in) override;

 protected:
  void observe(ObsRow inner, ObsRow seen) override;
  void restart() override { is_first_ = true; }

 private:
  StackedFrames layout_;
  std::vector<std::uint8_t> frames_;  // [K, frame bytes], the oldest first
  bool is_first_ = true;
};

}  // namespace tern
