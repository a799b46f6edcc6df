#pragma once
// Episodes that a window begins with, in the files of `tern rollout --actions`.

#include <memory>
#include <string>

#include "envs/env.h"
#include "render/episode_script.h"

namespace tern::cli {

/// Reads actions, and the random state before them where the file has one. Throws Error as
/// actions_from_file().
std::shared_ptr<const EpisodeScript> read_episode_script(const EnvSpec& spec,
                                                         const std::string& path);

/// Writes such a file, or nothing where that fails: it is a convenience.
void write_episode_script(const EnvSpec& spec, const EpisodeScript& script, bool is_paused,
                          const std::string& path);

/// Whether the file was written while the window stood still.
bool is_paused_script(const std::string& path);

}  // namespace tern::cli
