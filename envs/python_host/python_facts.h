#pragma once
// What a file in Python says of its envs, from the JSON that host.py makes of it.

#include <string>
#include <vector>

#include "core/params.h"
#include "envs/env.h"

namespace tern {

/// An env of a file: its id and the keyword parameters of its constructor.
struct PythonEnvFacts {
  std::string id;
  std::vector<ParamInfo> params;
  std::string source;  // of `gym:ID`: what tells whether it has changed since
};

/// Which optional methods an env has.
struct PythonMethods {
  bool can_save = false, has_keys = false, has_goals = false;
};

/// All throw Error::failure that begins with `where`, for facts that make no sense.
std::vector<PythonEnvFacts> read_python_contents(const std::string& json, const std::string& where);
EnvSpec read_python_spec(const std::string& json, const std::string& where);
PythonMethods read_python_methods(const std::string& json, const std::string& where);

}  // namespace tern
