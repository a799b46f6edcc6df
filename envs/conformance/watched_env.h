#pragma once
// An env around another one that notes each call, as the plugin host does for plugins (EnvCall).

#include "envs/env_entry.h"

namespace tern {

/// The entry with every call of its envs noted. Built-in envs keep a batch loop of their own, whose
/// calls are not.
EnvEntry watched(const EnvEntry& entry);

}  // namespace tern
