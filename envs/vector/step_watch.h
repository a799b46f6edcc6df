#pragma once
// What is watched of every step while an env of somebody else is trained on: cheap enough to be
// always on. 'tern check-env' looks for far more.

#include <cstdint>
#include <string>
#include <vector>

#include "core/views.h"
#include "envs/env.h"

namespace tern {

// Calls, not loops of the caller's: what is inlined into a step's loop slows it where nobody
// watches.

bool all_finite(FloatRow values);

/// Every so many steps of an episode a row is filled with NaN before the env writes it, and
/// compared with the bounds of its fields afterwards. A prime: few things of an env recur with it.
constexpr std::int32_t kStepsBetweenLooks = 61;
inline bool is_look_due(std::int32_t step) {
  return step % kStepsBetweenLooks == 0;
}

/// So that an element that the env does not write is not finite. Bytes stay as they are.
void poison(ObsRow obs);

/// Where in an episode a row comes from; step 0 is the reset.
struct WatchedStep {
  std::size_t env = 0;  // its number among those that are stepped together
  std::int32_t step = 0;
  ActionRow action = {};
  bool may_be_infinite = false;  // its reward, which is clipped before anybody learns from it
};

/// Throws Error::failure for what cannot be, named with its place: a reward or an observation that
/// is not finite, both flags at once. The slow half of watch_step().
[[noreturn]] void refuse_step(const EnvSpec& spec, const WatchedStep& at, const StepResult& result,
                              ObsRow obs);
/// Notes an element outside the bounds of its field.
void compare_with_bounds(const EnvSpec& spec, const WatchedStep& at, ObsRow obs);

/// Looks at what a step or a reset gave; `at` has no action after a reset.
void watch_step(const EnvSpec& spec, const WatchedStep& at, const StepResult& result, ObsRow obs);

/// Throws Error::failure for a mask that allows nothing, or no choice of one of the components.
void watch_mask(const EnvSpec& spec, const WatchedStep& at, MaskRow mask);

/// Remarks that have come up since the last call, of all threads; each is made once in a process.
std::vector<std::string> take_remarks();
/// Adds one, unless one with this key has been made.
void add_remark(const std::string& key, const std::string& remark);

}  // namespace tern
