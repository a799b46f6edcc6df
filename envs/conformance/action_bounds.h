#pragma once
// Finds bounds of Box actions that are legal but that no policy learns well with.

#include <string>

#include "core/space.h"

namespace tern {

/// What is said of the first Box component whose bounds are huge or one-sided, "" if none is:
/// policies think in units of half the range, or in the env's where there is none, and begin with
/// the middle and a deviation of about 1.
std::string bounds_remark(const ActionSpace& space);

}  // namespace tern
