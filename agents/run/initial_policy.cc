#include "agents/run/initial_policy.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "agents/run/changed_env.h"
#include "agents/run/resolve_config.h"
#include "agents/run/run_env.h"
#include "agents/run/run_ref.h"
#include "core/error.h"
#include "core/utf8.h"
#include "envs/registry/configured_spec.h"
#include "envs/registry/registry.h"

namespace tern {
namespace {

constexpr char kPart[] = "policy.bin";

/// The agents' keys that say what a policy is made of; each agent has some of them.
const std::vector<std::string>& policy_keys() {
  static const std::vector<std::string> keys = {
      "encoder",        "cnn_channels",     "cnn_kernels",
      "cnn_strides",    "fourier_octaves",  "recurrent",
      "recurrent_size", "hidden_sizes",     "activation",
      "layer_norm",     "share_trunk",      "normalize_obs",
      "dueling",        "use_sde",          "critics",
      "quantiles",      "normalize_reward", "critic_hidden_sizes"};
  return keys;
}

[[noreturn]] void refuse(const std::string& run, const std::string& why) {
  throw Error("run.init_from: this run cannot begin with the policy of " + shown(run) + ": " + why);
}

std::string value_of(const std::vector<ParamValue>& values, const std::string& key) {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const ParamValue& value) { return value.key == key; });
  return found == values.end() ? "" : found->text;
}

void check_agent(const std::string& run, const RunConfig& there, const RunConfig& here) {
  if (there.agent != here.agent) {
    refuse(run, "it is one of " + shown(there.agent) + ", and " + here.agent + " is to be trained");
  }
  std::string differences;
  for (const std::string& key : policy_keys()) {
    const std::string was = value_of(there.agent_params, key);
    const std::string is = value_of(here.agent_params, key);
    if (was == is) continue;
    differences += (differences.empty() ? "" : ", ") + ("agent." + key) + " is " + shown(was) +
                   " there and " + is + " here";
  }
  if (!differences.empty()) refuse(run, "its networks are others: " + differences);
}

void check_env(const RunRef& ref, const Manifest& manifest, const RunConfig& here) {
  const EnvSpec there = configured_spec(find_run_env(ref, manifest), manifest.config.env);
  const EnvSpec spec = configured_spec(registry().find(here.env_id), here.env);
  const std::string differences = space_differences(there, spec);
  if (!differences.empty()) {
    refuse(ref.run, "its observations or actions are others, those of " + there.id +
                        "; here they are of " + spec.id + ":\n" + differences);
  }
}

std::string policy_sha256(const Manifest& manifest) {
  for (const ManifestPart& part : manifest.parts) {
    if (part.name == kPart) return part.sha256;
  }
  return "";
}

void check_sha256(const RunRef& ref, const Manifest& manifest, const std::string& expected) {
  const std::string found = policy_sha256(manifest);
  if (expected.empty() || expected == found) return;
  refuse(ref.run, "the one at step " + std::to_string(*ref.step) + " is no longer that of " +
                      "run.init_sha256 (SHA-256 " + shown(found.substr(0, 12)) + ".. now, " +
                      shown(expected.substr(0, 12)) + ".. there). Was it trained again?");
}

std::string absolute(const std::string& run) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(run, error);
  if (error) {
    throw Error::failure("cannot tell where '" + run + "' is: " + error.message() +
                         ". Is the present folder gone?");
  }
  return path.lexically_normal().string();
}

}  // namespace

RunConfig with_initial_policy(RunConfig config) {
  if (config.run.init_from.empty()) return config;
  const RunRef ref = find_checkpoint(config.run.init_from);
  const Manifest manifest = Checkpoint(ref.run, *ref.step).manifest();
  RunConfig there = manifest.config;
  if (there.agent == config.agent) {
    find_run_env(ref, manifest);  // asks before a plugin is loaded; with_newer_keys does not
    there = with_newer_keys(there);
  }
  check_agent(ref.run, there, config);
  check_env(ref, manifest, config);
  check_sha256(ref, manifest, config.run.init_sha256);
  config.run.init_from = absolute(ref.run) + "@" + std::to_string(*ref.step);
  config.run.init_sha256 = policy_sha256(manifest);
  if (!is_utf8(config.run.init_from)) {
    throw Error("run.init_from: '" + shown(config.run.init_from) +
                "' is not UTF-8, as a run must keep it; rename it");
  }
  return config;
}

Bytes read_initial_policy(const RunConfig& config) {
  const RunRef ref = find_checkpoint(config.run.init_from);
  const Checkpoint checkpoint(ref.run, *ref.step);
  check_sha256(ref, checkpoint.manifest(), config.run.init_sha256);
  return checkpoint.read_part(kPart);
}

}  // namespace tern
