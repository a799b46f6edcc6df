#pragma once
// How the levels of the board games work: a level is the whole luck of an episode. An env seeds a
// stream of its own with the level at reset, draws everything from that, and saves it with its
// state, so the same level and the same actions are the same game.

#include <cstdint>

namespace tern {

constexpr std::uint64_t kNumBoardLevels = 1'000'000;

}  // namespace tern
