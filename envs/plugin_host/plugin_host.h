#pragma once
// Plugins as entries of the registry: "./lib.so" or "./lib.so:Id" where an id stands; of files in
// Python the names alone (envs/python_host/python_entry.h).

#include <chrono>
#include <functional>
#include <string>

#include "envs/env_entry.h"

namespace tern {

/// A plugin's file and, if it was given, which of its envs.
struct PluginName {
  std::string path;  // as written
  std::string id;    // "" when none was given
};

/// Whether a name is "gym:ID" or "gym:MODULE:ID": an env of Gymnasium's registry.
bool is_gym_name(const std::string& name);

/// Whether a name in an id's place is a plugin's: a path, which has a '/' or names a file ending in
/// .so or .py, or "gym:ID".
bool is_plugin_name(const std::string& name);

/// Of "gym:ID" the path is the whole name.
PluginName parse_plugin_name(const std::string& name);

/// The same for all ways to write a path to one file: the name with the file's absolute path. Of
/// "gym:ID" the name as it stands.
/// Throws Error for a missing file, with the nearest names in its folder.
std::string canonical_plugin_name(const std::string& name);

/// Whether a word can only be a plugin's: it names a file ending in .so or .py, or is "gym:ID".
bool names_plugin_file(const std::string& word);

/// The values with bools, ints and floats in plain form. Throws Error for an unknown key or a value
/// of the wrong type. shown: the plugin, as the user wrote it.
ParamValues plain_param_values(const std::vector<ParamInfo>& infos, const ParamValues& values,
                               const std::string& shown);

/// How long the plugin's code may take until its first step.
constexpr std::chrono::milliseconds kPluginTrialLimit = std::chrono::seconds(60);

/// Throws Error if the code of the plugin may not run. path: canonical; checksum: of the bytes that
/// would run.
using PluginGate = std::function<void(const std::string& path, const std::string& checksum)>;

/// Loads a plugin, a private copy of its file, so that a build that writes into the file does no
/// harm here; first in a child process where its default env makes one step: a crash is an error
/// here. `gate` is asked before any of its code runs. Throws Error that names the file and
/// - as a usage error: no such file, no shared library, no plugin, another ABI version (both are
///   named), an unknown Id (with the nearest), none given where there are several (with all);
/// - as a failure: whatever its own code did wrong, and facts that make no sense.
/// EnvEntry::origin is the file's absolute path, EnvEntry::checksum its SHA-256.
EnvEntry load_plugin_env(const std::string& name,
                         std::chrono::milliseconds limit = kPluginTrialLimit,
                         const PluginGate& gate = nullptr);

}  // namespace tern
