#pragma once
// What is watched of every step while an env of somebody else is trained on: cheap enough to be
// always on. 'tern check-env' looks for far more.

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "core/views.h"
#include "envs/env.h"

namespace tern {

inline bool all_finite(FloatRow values) {
  std::uint32_t found = 0;  // without a branch, so that the compiler makes vectors of it
  for (const float value : values) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    found |= static_cast<std::uint32_t>((bits & 0x7f800000u) == 0x7f800000u);
  }
  return found == 0;
}

/// Every so many steps of an episode a row is filled with NaN before the env writes it, and
/// compared with the bounds of its fields afterwards.
constexpr std::int32_t kStepsBetweenLooks = 64;
inline bool is_look_due(std::int32_t step) {
  return step % kStepsBetweenLooks == 0;
}

/// So that an element that the env does not write is not finite. Bytes stay as they are.
inline void poison(ObsRow obs) {
  for (float& value : obs.floats()) value = std::numeric_limits<float>::quiet_NaN();
}

/// Where in an episode a row comes from; step 0 is the reset.
struct WatchedStep {
  std::size_t env = 0;  // its number among those that are stepped together
  std::int32_t step = 0;
  ActionRow action = {};
};

/// Throws Error::failure for what cannot be: a reward or an observation that is not finite, both
/// flags at once. The slow half of watch_step().
[[noreturn]] void refuse_step(const EnvSpec& spec, const WatchedStep& at, const StepResult& result,
                              ObsRow obs);
/// Notes an element outside the bounds of its field.
void compare_with_bounds(const EnvSpec& spec, const WatchedStep& at, ObsRow obs);

inline void watch_step(const EnvSpec& spec, const WatchedStep& at, const StepResult& result,
                       ObsRow obs) {
  const bool is_good = std::isfinite(result.reward) && !(result.terminated && result.truncated) &&
                       all_finite(obs.floats());
  if (!is_good) refuse_step(spec, at, result, obs);
  if (is_look_due(at.step)) compare_with_bounds(spec, at, obs);
}

/// Remarks that have come up since the last call, of all threads; each is made once in a process.
std::vector<std::string> take_remarks();
/// Adds one, unless one with this key has been made.
void add_remark(const std::string& key, const std::string& remark);

}  // namespace tern
