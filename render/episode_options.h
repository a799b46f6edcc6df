#pragma once
// How the episodes are chosen that are shown to people.

#include <cstdint>
#include <memory>

#include "render/episode_script.h"

namespace tern {

struct EpisodeOptions {
  std::uint64_t seed = 0;
  bool by_hand = false;           // a person chooses the actions
  bool stochastic = false;        // draw actions as in training instead of taking the best
  std::uint64_t level_begin = 0;  // episodes draw their level from [begin, end)
  std::uint64_t level_end = 0;    // 0: up to the last that the env has
  int cut_after = 0;  // steps of an episode; 0: kLongestEpisode where the env has no time limit
  std::shared_ptr<const EpisodeScript> script = nullptr;  // of the first episode; null: none
};

}  // namespace tern
