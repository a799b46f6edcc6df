#pragma once
// The page of the documentation that lists the envs, made from their specs.

#include <string>

#include "envs/registry/registry.h"

namespace tern {

/// docs/environments.md: a section for each env, its aliases in it, and the wrappers.
std::string environment_page(const EnvRegistry& registry);

/// Where the page expects the picture of an env: "images/envs/cartpole-v1.png", below docs/.
std::string picture_path(const std::string& id);

}  // namespace tern
