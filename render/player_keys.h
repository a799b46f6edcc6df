#pragma once
// The keys of a person who plays: what is pressed, and what each key means to an env.

#include <string>
#include <vector>

#include "envs/env.h"
#include "render/key_meaning.h"

namespace tern {

/// What a player did at the keyboard since the last look.
struct PlayerInput {
  Keys held;                  // down now
  std::vector<Keys> presses;  // one entry for each key that went down, in order
};

/// "left", "space", "a".
std::string key_name(Key key);

/// What each key alone means to the env in its present state; those of the same meaning in one line,
/// a row of keys for numbered choices too ("1 .. 7": "column 1 .. 7"). Keys that mean the same as no
/// key are left out, but for the left arrow of an env that only knows left and right. At most 12
/// lines. Found by asking the env, so empty for one that cannot be played.
std::vector<KeyMeaning> key_meanings(const Env& env);

}  // namespace tern
