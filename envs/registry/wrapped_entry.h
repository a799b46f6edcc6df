#pragma once
// An entry of the registry whose env may be wrapped.

#include "envs/env_entry.h"

namespace tern {

/// Makes the entry's functions take wrapper keys too (envs/wrappers/wrap.h), and lists these.
void accept_wrappers(EnvEntry& entry);

}  // namespace tern
