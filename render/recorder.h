#pragma once
// Episodes as films and pictures, without a display.

#include <cstdint>
#include <string>
#include <vector>

#include "core/policy.h"
#include "render/episode.h"
#include "render/episode_player.h"

namespace tern {

struct RecordOptions {
  int width = 640, height = 480;  // pixels of the whole picture
  int episodes = 1;
  double frames_per_second = 0;  // of the film; 0: the env's own, but at most 25
  double speed = 1;              // of the film: 2 is twice as fast as the env
  bool explains = false;         // on a page every step, also where it takes long (episode_why.h)
  bool panels = false;           // each frame as in a window, with the side panel
  double gamma = 0.99;           // discount factor of what panels say
  std::uint64_t seed = 0;        // of the episodes, for panels
  bool is_stochastic = false;    // their actions are drawn, for panels
  int pictures = 6;              // of a film strip; 1: the last moment alone
};

struct RecordResult {
  std::vector<double> returns;  // of each episode; of player 0 where there are more
  std::vector<std::vector<double>> player_returns;  // of each episode and player; empty with one
  std::vector<int> lengths;     // steps
  int cut = 0;                  // episodes that were cut (envs/episode_limit.h)
  std::size_t frames = 0;       // in the file
  std::int64_t bytes = 0;       // of the file
};

/// Plays episodes and writes them to `path`:
///   .gif   a film in real time, each frame as draw_recorded_frame() lays it out, or with
///          options.panels as draw_viewer_frame() does; steps between two
///          frames are left out, an episode's end stays for a second
///   .mp4   the same, made by the program ffmpeg; .webm too
///   .html  a page with a time line, see episode_page(); size and frames do not matter
///   .png   a film strip of `pictures` moments, evenly spread from the first to the last
/// policy: null for random actions. Throws Error for another ending of the name, for a size outside
/// of 16 to 4096 pixels, for one without room for panels that are wanted, and for panels in a page
/// or strip; Error::failure naming the file if it cannot be written. A file that was
/// there before stays if anything fails.
RecordResult record(const std::string& path, EpisodePlayer& player, Policy* policy,
                    const RecordOptions& options);

/// The same with episodes of one env that were played before, at least one; options.episodes does
/// not matter.
RecordResult write_recording(const std::string& path, const std::vector<Episode>& episodes,
                             const RecordOptions& options);

/// Whether the name has an ending that record() knows.
bool is_recording_path(const std::string& path);

/// Throws Error unless `path` has an ending that record() knows and its folder exists. For callers
/// who want to know before they load a policy.
void check_recording_path(const std::string& path);
/// The same, and of the options the size and whether there is room for panels that are wanted.
void check_recording(const std::string& path, const RecordOptions& options);

}  // namespace tern
