#pragma once
// Why a policy did what it did, at every step of an episode that was played.

#include <cstddef>
#include <limits>

#include "core/policy.h"
#include "render/episode.h"

namespace tern {

struct WhyOptions {
  /// Also where it takes long: observations with images, or with many numbers.
  bool is_wanted = false;
  /// After so many seconds no further step is explained.
  double most_seconds = std::numeric_limits<double>::infinity();
};

/// Whether it is quick and its scores take little room: at most 64 numbers a step, no images.
bool is_cheap_to_explain(const EnvSpec& spec);

/// Fills `episode.why` by asking `policy`, which played it: of small observations by every method
/// and for as many of its outputs as take little room, of others by integrated gradients for the
/// first of them.
/// Steps that the policy cannot explain have no scores. Leaves it empty for null, for policies that
/// do not explain themselves, and where it would take long and is not wanted.
void explain_episode(Episode& episode, Policy* policy, const WhyOptions& options);

}  // namespace tern
