#pragma once
// An env's spec as a checkpoint keeps it, so that its policy can be loaded without the env. Std
// only.

#include <string>

#include "core/files/json.h"
#include "envs/env.h"

namespace tern {

/// What a policy and those who show it need of a spec: id, observations, actions, limits.
Json spec_to_json(const EnvSpec& spec);

/// What spec_to_json made. Throws Error::failure that begins with `place` for what is none, and for
/// spaces that no env can have.
EnvSpec spec_from_json(const Json& document, const std::string& place);

}  // namespace tern
