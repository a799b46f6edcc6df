#pragma once
// Images among the observations, tinted by what the policy's output owes to each of their pixels.

#include <vector>

#include "render/observed_images.h"

namespace tern {

/// The tiles of observed_images(): orange where the output gains, blue where it loses, on a grey
/// picture. The strongest pixel of a field has the full colour; in a tile of three channels they
/// add up. Empty without scores in FrameData::why.
std::vector<ObservedImage> explained_images(const FrameData& frame);

}  // namespace tern
