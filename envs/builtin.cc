// The table of built-in worlds. Each world's file defines the function named here.

#include "envs/registry.h"

namespace tern {

void add_cartpole(EnvRegistry& registry);

void add_builtin_envs(EnvRegistry& registry) {
  // Control
  add_cartpole(registry);
}

}  // namespace tern
