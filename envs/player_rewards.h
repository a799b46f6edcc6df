#pragma once
// Whose turn it is and what each player got, where several take turns (EnvSpec::players).

#include <algorithm>
#include <cstddef>
#include <string>

#include "core/error.h"
#include "core/views.h"
#include "envs/env.h"

namespace tern {

/// Who moves next. Throws Error::failure for a player that the spec does not have.
template <class E>
int mover_of(const E& env, const EnvSpec& spec) {
  const int player = env.current_player();
  if (player >= 0 && player < spec.players) return player;
  throw Error::failure(spec.id + ": current_player() returned " + std::to_string(player) +
                       "; expected 0 to " + std::to_string(spec.players - 1) +
                       " (spec.players is " + std::to_string(spec.players) + ")");
}

/// Writes what the last step gave each player. mover: who moved, and got `reward`.
template <class E>
void get_player_rewards(const E& env, int mover, float reward, FloatRow rewards) {
  if (env.player_rewards(rewards)) return;
  std::fill(rewards.begin(), rewards.end(), 0.0f);
  rewards[static_cast<std::size_t>(mover)] = reward;
}

}  // namespace tern
