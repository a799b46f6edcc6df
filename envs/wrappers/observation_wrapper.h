#pragma once
// Base of wrappers that change the observation.

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "envs/batch_views.h"
#include "envs/wrappers/env_wrapper.h"

namespace tern {

/// Steps the env into a row of its own and has `observe` make the agent's row of it. A deriving
/// class sets spec_.obs in its constructor.
class ObservationWrapper : public EnvWrapper {
 public:
  void reset(ResetContext& ctx, ObsRow obs) final {
    restart();
    inner_->reset(ctx, inner_obs());
    observe(inner_obs(), obs);
  }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) final {
    const StepResult result = inner_->step(action, rng, inner_obs());
    advance();
    observe(inner_obs(), obs);
    return result;
  }

 protected:
  explicit ObservationWrapper(std::unique_ptr<Env> inner)
      : EnvWrapper(std::move(inner)),
        memory_(inner_->spec().obs.bytes()),
        rows_(memory_.data(), inner_->spec().obs, 1) {
    spec_.frame_stack = 1;  // what is seen now is no stack, or a deriving class says so
  }

  /// Writes the whole of `seen`, a row of spec_.obs, from `inner`, a row of the env's.
  virtual void observe(ObsRow inner, ObsRow seen) = 0;
  /// An episode begins; a step was taken.
  virtual void restart() {}
  virtual void advance() {}

 private:
  ObsRow inner_obs() const { return rows_[0]; }

  std::vector<std::uint8_t> memory_;  // from operator new, so aligned for float
  ObsRows rows_;
};

}  // namespace tern
