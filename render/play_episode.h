#pragma once
// An episode from its beginning to its end, recorded.

#include "core/policy.h"
#include "render/episode.h"
#include "render/episode_player.h"

namespace tern {

/// The player's episode, with its present moment as the first.
Episode begin_episode(EpisodePlayer& player);
/// Adds the player's present moment, which follows the last one of `episode`.
void add_moment(Episode& episode, EpisodePlayer& player);

/// Starts the player's next episode and plays it to its end. policy: null for random actions.
Episode play_episode(EpisodePlayer& player, Policy* policy);

}  // namespace tern
