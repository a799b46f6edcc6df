#pragma once
// What the files of this folder give each other.

#include <memory>

#include "cli/text/run_or_env.h"
#include "cli/training/training.h"
#include "render/episode_player.h"

namespace tern::cli {

// Each of a command: see ViewingCommands.
Work prepare_watch(const Args& args);
Work prepare_play(const Args& args);
Work prepare_record(const Args& args);
Work prepare_serve(const Args& args);
TrainingWork with_window(const RunConfig& config, const TrainingWork& work);

/// Plays the chosen env.
inline std::unique_ptr<EpisodePlayer> make_player(const ChosenPlayer& chosen) {
  return std::make_unique<EpisodePlayer>(*chosen.entry, chosen.params, chosen.episode);
}

}  // namespace tern::cli
