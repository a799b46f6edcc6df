#pragma once
// Episodes as one page of HTML that anybody can open: no network, nothing to install.

#include <string>
#include <vector>

#include "render/episode.h"

namespace tern {

/// The page: the env drawn from its recorded calls, a time line, what the policy thought, rewards
/// and observations of every step. The episodes, at least one, are of one env. Images among the
/// observations are left out.
std::string episode_page(const std::vector<Episode>& episodes);

/// What the page shows, as JSON: {"env", "agent", "obs", "actions", "terms", "episodes": [{"calls",
/// "pictures", "obs", "reward", ..}]}. Numbers have six significant digits, coordinates five.
///
/// A picture is [p, s, call ..]: the first p and the last s calls of the picture before it, and
/// between them the calls of these numbers.
std::string episode_page_data(const std::vector<Episode>& episodes);

}  // namespace tern
