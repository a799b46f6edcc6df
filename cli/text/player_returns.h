#pragma once
// The returns of players who take turns, in words.

#include <string>
#include <vector>

namespace tern::cli {

/// "player 0: 0.2 +- 0.9798, player 1: -0.2 +- 0.9798": mean and deviation over the episodes; of a
/// single one "player 0: 1, player 1: -1". returns: of each episode and player, at least one episode.
std::string player_returns_text(const std::vector<std::vector<double>>& returns);

}  // namespace tern::cli
