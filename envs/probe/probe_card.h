#pragma once
// How all probes look: a card with a name, a track from -1 to 1 with the observation as a lamp on
// it, and the rule in one line.

#include <algorithm>
#include <string_view>

#include "core/canvas.h"
#include "envs/env.h"

namespace tern {

inline void draw_probe_card(Canvas& canvas, std::string_view name, float observation,
                            std::string_view rule) {
  canvas.set_view({-2, -1.2f}, {2, 1.2f}, palette::kFloor);
  canvas.text({0, 0.65f}, 0.3f, name, palette::kInk, Align::kCenter);
  canvas.capsule({-1.4f, 0}, {1.4f, 0}, 0.05f, palette::kMuted);
  canvas.line({0, -0.15f}, {0, 0.15f}, 0.03f, palette::kMuted);
  const float x = 1.4f * std::clamp(observation, -1.0f, 1.0f);
  canvas.circle({x, 0}, 0.22f, palette::kAgent);
  canvas.circle({x, 0}, 0.1f, palette::kFloor);
  canvas.text({0, -0.8f}, 0.24f, rule, palette::kInk, Align::kCenter);
}

/// Left arrow: action 0, right arrow: action 1; without a key the probe waits.
inline bool probe_key(const Keys& keys, MutableActionRow action) {
  if (!keys[Key::kLeft] && !keys[Key::kRight]) return false;
  action.discrete() = keys[Key::kRight] ? 1 : 0;
  return true;
}

}  // namespace tern
