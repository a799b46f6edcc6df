#pragma once
// A wrapper that adds to the observation how much of the episode is left.

#include <memory>

#include "envs/wrappers/observation_wrapper.h"

namespace tern {

/// The time_aware wrapper: a field "time left" is put after the others, 1 at the reset and 0 at the
/// time limit, so that a task with a limit is Markovian (Pardo et al. 2018).
class TimeAware final : public ObservationWrapper {
 public:
  /// Throws Error without a time limit.
  explicit TimeAware(std::unique_ptr<Env> inner);

  void save(StateWriter& out) const override;
  bool load(StateReader& in) override;

 protected:
  void observe(ObsRow inner, ObsRow seen) override;
  void restart() override { steps_ = 0; }
  void advance() override { ++steps_; }

 private:
  int steps_ = 0;
};

}  // namespace tern
