#include "cli/text/run_env_options.h"

#include <iostream>

namespace tern::cli {

std::vector<Option> run_env_options() {
  return {{"--env", "PATH", "the run's plugin, where it lies now; its code may run"},
          {"--trust", "", "load the plugin of a run that is not yours, now and later"}};
}

RunEnvWords run_env_words(const Args& args, const std::string& command) {
  if (args.has("--env") && args.text("--env").empty()) {
    throw Error("option --env: expected the path of a plugin, ./libmine.so");
  }
  return {command, args.text("--env"), args.has("--trust")};
}

const EnvEntry& find_checked_env(const RunRef& run, const Manifest& manifest,
                                 const RunEnvWords& words) {
  const EnvEntry& entry = find_run_env(run, manifest, words);
  const std::string change = plugin_change(run.run, manifest, entry);
  if (!change.empty()) {
    std::cerr << "tern: warning: " << change << "\ntern: warning: the policy is of the old one"
              << std::endl;
  }
  return entry;
}

}  // namespace tern::cli
