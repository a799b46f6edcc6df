#pragma once
// Episodes as one page of HTML that anybody can open: no network, nothing to install.

#include <string>
#include <vector>

#include "render/episode.h"

namespace tern {

/// The page: the env drawn from its recorded calls, a time line, what the policy thought, rewards
/// and observations of every step, and Episode::why. The episodes, at least one, are of one env.
std::string episode_page(const std::vector<Episode>& episodes);

/// What the page shows, as JSON: {"env", "agent", "obs", "actions", "terms", "episodes": [{"calls",
/// "pictures", "obs", "reward", ..}]}. Numbers have six significant digits, coordinates five.
/// Drawings as in page_drawings.h, images and scores as in page_images.h.
std::string episode_page_data(const std::vector<Episode>& episodes);

}  // namespace tern
