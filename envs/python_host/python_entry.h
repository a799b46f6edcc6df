#pragma once
// Envs in Python as entries of the registry: "./pig.py" or "./pig.py:Pig-v0" where an id stands,
// and "gym:ID", those of Gymnasium.

#include <chrono>
#include <string>

#include "envs/env_entry.h"
#include "envs/plugin_host/plugin_host.h"

namespace tern {

/// Whether a plugin's name is that of a file in Python or of an env of Gymnasium's.
bool is_python_name(const std::string& name);

/// Starts a Python that runs the text of the file as it is now, and makes one env. `gate` is asked
/// before any of its code runs. Throws Error that names the file: as a usage error where there is
/// no file, no Python, no such env; as a failure for what the file does wrong, with its traceback.
/// EnvEntry::origin is the file's absolute path, EnvEntry::checksum the SHA-256 of its text. Of
/// "gym:ID" the origin is that name, and the checksum tells the version of Gymnasium and the text
/// of the env's module; before any of it runs `gate` is asked with the SHA-256 of the name.
EnvEntry load_python_env(const std::string& name, std::chrono::milliseconds limit,
                         const PluginGate& gate);

}  // namespace tern
