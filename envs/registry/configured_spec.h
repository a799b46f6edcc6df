#pragma once
// The spec of an env that is made with given parameters.

#include "envs/env_entry.h"

namespace tern {

/// The facts of an env with these parameters. Env::spec() of an alias has the id of what it is an
/// alias of; this has the name that the user gave.
inline EnvSpec configured_spec(const EnvEntry& entry, const ParamValues& values) {
  EnvSpec spec = entry.make(values)->spec();
  spec.id = entry.spec.id;
  return spec;
}

}  // namespace tern
