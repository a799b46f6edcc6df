#pragma once
// A policy that refuses what it cannot act on, for those outside the batches that Tern fills
// itself: embedding programs, viewers, other languages. Std only.

#include <memory>

#include "core/policy.h"
#include "core/policy_spec.h"

namespace tern {

/// `policy`, which knows its env and checks every row before anything is read or written:
///   observation   as many floats and bytes as spec.obs has, no NaN
///   mask          [M] with an allowed action for each component, or empty where spec.has_masks is
///   not
///                 set: all are allowed. Empty for Box actions
///   action        spec.action.size() int32 for discrete actions, float32 for Box
///   state         state_size() numbers
///   rng           only needed where actions are drawn
/// Throws Error::failure, a sentence that names what was expected; then no row was written. The
/// checks allocate nothing and take about a nanosecond for each number of a row.
std::unique_ptr<Policy> checked_policy(std::unique_ptr<Policy> policy, const PolicySpec& spec);

}  // namespace tern
