#include "envs/wrappers/time_aware.h"

#include <algorithm>
#include <utility>

namespace tern {

TimeAware::TimeAware(std::unique_ptr<Env> inner) : ObservationWrapper(std::move(inner)) {
  if (spec_.max_episode_steps <= 0) {
    throw Error("env.time_aware: " + spec_.id + " has no time limit; leave the key out");
  }
  spec_.obs.of(DType::kFloat32).scalar("time left", 0, 1);
}

void TimeAware::observe(ObsRow inner, ObsRow seen) {
  const std::size_t size = inner.floats().size();
  std::copy(inner.floats().begin(), inner.floats().end(), seen.floats().begin());
  std::copy(inner.bytes().begin(), inner.bytes().end(), seen.bytes().begin());
  const float passed = static_cast<float>(steps_) / static_cast<float>(spec_.max_episode_steps);
  seen[size] = std::max(0.0f, 1 - passed);  // beyond the limit only where none is applied
}

void TimeAware::save(StateWriter& out) const {
  inner_->save(out);
  out.write(steps_);
}

bool TimeAware::load(StateReader& in) {
  if (!inner_->load(in)) return false;
  in.read(steps_);
  check_saved_count(steps_, "steps of an episode");
  return true;
}

}  // namespace tern
