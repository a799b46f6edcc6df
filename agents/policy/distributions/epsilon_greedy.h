#pragma once
// Greedy and uniformly random actions among the allowed ones, for agents that learn Q(s, a). Std
// only.

#include <cstdint>

#include "core/const_views.h"
#include "core/rng.h"

namespace tern {

/// argmax of q over the allowed actions, the first of equals. mask: [M]. Throws Error::failure if
/// nothing is allowed.
std::int32_t greedy_action(Row<const float> q, ConstMaskRow mask);
/// A uniformly drawn allowed action; one draw. Throws as above.
std::int32_t random_action(ConstMaskRow mask, Rng& rng);

}  // namespace tern
