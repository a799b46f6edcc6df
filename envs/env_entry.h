#pragma once
// An entry of the registry: facts and parameters of a kind of env, and how one or many are made.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/params.h"
#include "envs/env.h"

namespace tern {

class EnvGroup;  // envs/vector/env_group.h

using ParamValues = std::vector<ParamValue>;

/// A kind of env: its facts with default parameters and how to make one.
struct EnvEntry {
  EnvSpec spec;                   // with default parameters
  std::vector<ParamInfo> params;  // what `env.<param>` may be
  std::vector<ParamInfo> wrapper_params;  // and what else it may be for a registered env
  std::string origin;             // "built-in", "program", or a plugin's path
  std::string checksum;           // SHA-256 of the plugin's file; "" for the others
  std::string alias_of;           // the id that this one is another name of; "" for most
  std::function<std::unique_ptr<Env>(const ParamValues&)> make;
  std::function<std::unique_ptr<EnvGroup>(const ParamValues&, std::size_t)> make_group;

  std::vector<ParamInfo> all_params() const {
    std::vector<ParamInfo> all = params;
    all.insert(all.end(), wrapper_params.begin(), wrapper_params.end());
    return all;
  }
};

}  // namespace tern
