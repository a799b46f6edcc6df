#pragma once
// Broken twins of the terms of PPO's loss: an agent that has one of them must not learn.

#include "agents/losses/ppo_closed_form.h"

namespace tern {

inline LossTerm flipped_surrogate(float ratio, float advantage, double clip_range) {
  return clipped_surrogate(ratio, -advantage, clip_range);
}

inline LossTerm no_surrogate(float, float, double) { return {}; }

inline LossTerm flipped_value_error(float value, float old_value, float target, double clip_range) {
  const LossTerm right = value_error(value, old_value, target, clip_range);
  return {-right.loss, -right.gradient};
}

inline LossTerm no_value_error(float, float, float, double) { return {}; }

}  // namespace tern
