#pragma once
// An episode from its reset to its end, with all that was seen and thought.

#include "core/policy.h"
#include "render/episode.h"
#include "render/episode_player.h"

namespace tern {

/// Plays the player's next episode, of at most `most_steps` steps. policy: null for random actions.
Episode play_episode(EpisodePlayer& player, Policy* policy, int most_steps);

}  // namespace tern
