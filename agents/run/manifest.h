#pragma once
// What a checkpoint says of itself: manifest.json. Std only.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agents/config/run_config.h"
#include "envs/env.h"

namespace tern {

/// The schema this build writes. It reads all from kOldestCheckpointSchema on.
///   2: Gaussian policies are in units of the actions' range (ActionUnits), not in the env's; PPO's
///      policy carries the unit of scaled rewards.
inline constexpr int kCheckpointSchema = 2;
inline constexpr int kOldestCheckpointSchema = 2;

/// One binary file of a checkpoint.
struct ManifestPart {
  std::string name;  // "policy.bin"
  std::int64_t bytes = 0;
  std::string sha256;
  bool newest_only = false;  // may be missing from all but the newest checkpoint of a run
};

struct Manifest {
  int schema = kCheckpointSchema;
  std::string tern_version;  // filled in by CheckpointWriter
  std::string agent;         // "ppo"
  std::string env_id;
  std::string plugin_path;             // where its file lay last, absolute; "": a built-in env
  std::string plugin_sha256;           // of the plugin's file that trained up to this step
  std::vector<std::string> env_facts;  // env_facts() of a plugin's env; empty in older runs
  std::optional<EnvSpec> spec;         // of the env, wrappers included; none in older runs
  std::int64_t step = 0;               // environment steps
  double seconds = 0;                  // trained, over all processes of the run
  std::string parameters_sha256;       // over parameters, normaliser and optimiser state
  std::optional<double> eval_mean;  // mean return of the evaluation at this step, if there was one
  std::string blas_core;            // a resume on another core warns: "SkylakeX"
  RunConfig config;                 // resolved
  std::vector<ManifestPart> parts;  // filled in by CheckpointWriter
};

/// The document as it is stored, pretty-printed, ending in a newline. Reading gives it back
/// exactly, the texts of all configuration values included.
std::string manifest_to_json(const Manifest& manifest);

/// place: the file's path, for the messages. Throws Error::failure for a schema that this build
/// does not read, naming both numbers, and for a document that lacks something.
Manifest manifest_from_json(const std::string& json, const std::string& place);

/// The resolved configuration alone, as `describe RUN --json` shows it:
///   {"env": {"id": .., <param>: ..}, "agent": {"name": .., <param>: ..}, "run": {..}}
/// Texts that are numbers, booleans or lists of numbers become such.
std::string config_to_json(const RunConfig& config);

}  // namespace tern
