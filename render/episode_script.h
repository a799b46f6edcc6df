#pragma once
// How an episode begins that was begun before, perhaps by another build of its env.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/rng.h"

namespace tern {

struct EpisodeScript {
  std::optional<Rng> rng;  // the env's stream before the reset; none: as the seed has it
  std::uint64_t level = 0;  // read with rng
  std::vector<std::vector<float>> actions;  // the first ones; choices as whole numbers
};

}  // namespace tern
