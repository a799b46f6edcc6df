#pragma once
// What the bytes of a terminal's keyboard mean.

#include <string_view>
#include <vector>

#include "render/player_keys.h"
#include "render/window.h"

namespace tern {

/// To a viewer. What is not understood is left out.
std::vector<ViewerKey> keys_in(std::string_view bytes);

/// While a person steers: letters, digits, arrows, space and enter are the env's, what is left to
/// the viewer is as in a player's window (KeyUse).
struct SteeringKeys {
  std::vector<ViewerKey> keys;
  std::vector<Keys> presses;
};
SteeringKeys steering_keys_in(std::string_view bytes);

}  // namespace tern
