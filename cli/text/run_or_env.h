#pragma once
// RUN or ENV, as the commands that show episodes read it.

#include <memory>
#include <string>

#include "agents/config/run_config.h"
#include "cli/text/command.h"
#include "core/policy.h"
#include "envs/registry/registry.h"
#include "render/episode_options.h"

namespace tern::cli {

/// Who plays what.
struct ChosenPlayer {
  std::string word;         // as it was written
  std::string shell_words;  // the same with its key=value words, for a command that is shown
  std::string env_word;     // the env's id or the plugin's path
  const EnvEntry* entry = nullptr;
  ParamValues params;
  EpisodeOptions episode;   // levels as the run evaluates them, seed and the like from options
  bool has_policy = false;  // false: random actions
  std::string run;          // its folder; "": an env
  RunConfig config;         // of the run

  /// The policy, loaded now: half a second, most of it LibTorch. Null for random actions.
  std::shared_ptr<Policy> load_policy() const;
};

/// The first word: an env or a plugin's path, played with random actions; or else a run, whose
/// policy plays. key=value words configure the env; those that differ from the run's are said on
/// standard error. Reads --seed, --stochastic and --steps, and of a run --env and --trust. command:
/// for messages, "watch". Throws Error for a word that is neither (nearest names), before anything
/// is loaded.
ChosenPlayer choose_player(const Args& args, const std::string& command);

/// The first word: a run that may have no checkpoint yet. Reads the same options. Throws Error also
/// for an env, and for a run that is written with one of its checkpoints.
ChosenPlayer choose_followed_run(const Args& args, const std::string& command);

/// "640x480" in an option. Throws Error naming the option, the text and what was expected.
struct PictureSize {
  int width = 0, height = 0;
};
PictureSize size_option(const Args& args, const std::string& option, PictureSize fallback);

/// The options that choose_player() reads.
std::vector<Option> player_options();

}  // namespace tern::cli
