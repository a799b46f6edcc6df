#include "render/recorder.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "core/drawing/raster_canvas.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "render/episode_page.h"
#include "render/episode_why.h"
#include "render/film_strip.h"
#include "render/frame_layout.h"
#include "render/gif.h"
#include "render/play_episode.h"
#include "render/png.h"
#include "render/value_chart.h"
#include "render/video.h"

namespace tern {
namespace {

constexpr double kDefaultRate = 25;   // frames a second: smooth, and half the size of 50
constexpr double kFastestGif = 50;    // viewers play shorter delays slowly
constexpr double kFastestVideo = 60;
constexpr int kEndHold = 100;         // centiseconds
constexpr std::size_t kSamples = 24;  // frames that the colours are chosen from

bool ends_with(const std::string& text, const std::string& ending) {
  return text.size() > ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

/// The endings that a recording may have, and what each makes of it.
enum class Kind { kGif, kStrip, kPage, kVideo };
std::optional<Kind> kind_of(const std::string& path) {
  static const std::pair<const char*, Kind> kKinds[] = {
      {".gif", Kind::kGif},    {".GIF", Kind::kGif},   {".png", Kind::kStrip}, {".PNG", Kind::kStrip},
      {".html", Kind::kPage}, {".mp4", Kind::kVideo}, {".webm", Kind::kVideo}};
  for (const auto& [ending, kind] : kKinds) {
    if (ends_with(path, ending)) return kind;
  }
  return std::nullopt;
}

void check_size(const RecordOptions& options) {
  constexpr int kLeast = 16, kMost = 4096;
  if (std::min(options.width, options.height) >= kLeast &&
      std::max(options.width, options.height) <= kMost) {
    return;
  }
  throw Error("a film of " + std::to_string(options.width) + "x" + std::to_string(options.height) +
              " pixels cannot be recorded; expected " + std::to_string(kLeast) + " to " +
              std::to_string(kMost) + " in both directions");
}

void check_panels(const RecordOptions& options, Kind kind) {
  if (!options.panels) return;
  if (kind == Kind::kPage || kind == Kind::kStrip) {
    throw Error("panels are for films (.gif, .mp4, .webm); a page has its own, a strip has no room");
  }
  if (has_room_for_panel(options.width, options.height)) return;
  throw Error("a film of " + std::to_string(options.width) + "x" + std::to_string(options.height) +
              " pixels has no room for panels; expected at least 420 pixels of width, as in 800x500");
}

/// A moment of an episode; drawn when it is wanted.
struct Shot {
  const Episode* episode;
  std::size_t t;
  FrameData frame() const { return frame_of(*episode, t); }
  bool is_end() const { return t + 1 == episode->moments.size(); }
};

void draw_shot(RasterCanvas& picture, const Shot& shot, const RecordOptions& options) {
  FrameData frame = shot.frame();
  if (!options.panels) {
    draw_recorded_frame(picture, options.width, options.height, frame);
    return;
  }
  frame.is_recorded = true;
  frame.seed = options.seed;
  frame.is_stochastic = options.is_stochastic;
  frame.level = shot.episode->level;
  frame.chart =
      std::make_shared<const ValueChart>(value_chart(*shot.episode, shot.t, options.gamma));
  draw_viewer_frame(picture, options.width, options.height, frame);
}

std::vector<Episode> play(EpisodePlayer& player, Policy* policy, const RecordOptions& options,
                          bool is_page) {
  std::vector<Episode> episodes;
  for (int i = 0; i < options.episodes; ++i) {
    episodes.push_back(play_episode(player, policy));
    if (is_page) explain_episode(episodes.back(), policy, {.is_wanted = options.explains});
  }
  return episodes;
}

RecordResult result_of(const std::vector<Episode>& episodes) {
  RecordResult result;
  for (const Episode& episode : episodes) {
    const Moment& end = episode.moments.back();
    result.returns.push_back(end.episode_return);
    if (!end.player_returns.empty()) result.player_returns.push_back(end.player_returns);
    result.lengths.push_back(episode.steps());
    if (end.is_cut) ++result.cut;
  }
  return result;
}

std::vector<Shot> all_moments(const std::vector<Episode>& episodes) {
  std::vector<Shot> shots;
  for (const Episode& episode : episodes) {
    for (std::size_t t = 0; t < episode.moments.size(); ++t) shots.push_back({&episode, t});
  }
  return shots;
}

/// What a film shows, `steps_per_frame` apart, and the end of each episode.
std::vector<Shot> shots_of(const std::vector<Episode>& episodes, double steps_per_frame) {
  std::vector<Shot> shots;
  for (const Episode& episode : episodes) {
    const std::size_t end = episode.moments.size() - 1;
    for (int frame = 0;; ++frame) {
      // A little more: 0.1 * 30 steps are three.
      const auto t = static_cast<std::size_t>(std::floor(frame * steps_per_frame + 1e-9));
      if (t >= end) break;
      shots.push_back({&episode, t});
    }
    shots.push_back({&episode, end});
  }
  return shots;
}

/// `count` of them from the first to the last, evenly; all if there are fewer.
std::vector<Shot> spread(const std::vector<Shot>& shots, std::size_t count) {
  if (shots.size() <= count) return shots;
  std::vector<Shot> chosen;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t last = shots.size() - 1;
    chosen.push_back(count == 1 ? shots[last] : shots[(i * last + (count - 1) / 2) / (count - 1)]);
  }
  return chosen;
}

std::vector<std::uint8_t> gif_of(const std::vector<Shot>& shots, const RecordOptions& options,
                                 double rate) {
  RasterCanvas picture(options.width, options.height);
  ColorCounts colors;
  for (const Shot& shot : spread(shots, kSamples)) {
    draw_shot(picture, shot, options);
    colors.add(picture.rgb().data(), picture.rgb().size() / 3);
  }
  GifEncoder gif(options.width, options.height, choose_colors(colors, kGifColors));
  for (std::size_t i = 0; i < shots.size(); ++i) {
    draw_shot(picture, shots[i], options);
    gif.add(picture, shots[i].is_end() ? kEndHold : gif_delay(static_cast<std::int64_t>(i), rate));
  }
  return gif.finish();
}

/// Returns the number of frames.
std::size_t write_video(const std::string& path, const std::vector<Shot>& shots,
                        const RecordOptions& options, double rate) {
  RasterCanvas picture(options.width, options.height);
  VideoEncoder video(path, options.width, options.height, rate);
  std::size_t frames = 0;
  for (const Shot& shot : shots) {
    draw_shot(picture, shot, options);
    const int times = shot.is_end() ? std::max(static_cast<int>(rate * kEndHold / 100), 1) : 1;
    for (int i = 0; i < times; ++i) video.add(picture);
    frames += static_cast<std::size_t>(times);
  }
  video.finish();
  return frames;
}

std::vector<std::uint8_t> strip_of(const std::vector<Shot>& shots, const RecordOptions& options) {
  RasterCanvas picture(options.width, options.height);
  std::vector<FrameData> frames;
  for (const Shot& shot : shots) frames.push_back(shot.frame());
  if (options.pictures <= 1) {
    draw_recorded_frame(picture, options.width, options.height, frames.front());
  } else {
    draw_film_strip(picture, options.width, options.height, frames);
  }
  return encode_png(options.width, options.height, picture.rgb().data());
}

}  // namespace

void check_recording_path(const std::string& path) {
  const std::optional<Kind> kind = kind_of(path);
  if (!kind) {
    throw Error("'" + path +
                "' cannot be recorded to; expected a name that ends in .gif, .mp4 or .webm (a "
                "film), .png (a film strip) or .html (a page to step through)");
  }
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (!is_folder(folder)) {
    throw Error::failure("cannot write " + path + ": there is no folder '" + folder +
                         "'. Create it first or choose another");
  }
  if (*kind == Kind::kVideo) check_ffmpeg(path);
}

void check_recording(const std::string& path, const RecordOptions& options) {
  check_recording_path(path);
  check_size(options);
  check_panels(options, *kind_of(path));
}

bool is_recording_path(const std::string& path) {
  return kind_of(path).has_value();
}

RecordResult record(const std::string& path, EpisodePlayer& player, Policy* policy,
                    const RecordOptions& options) {
  check_recording(path, options);
  const bool is_page = *kind_of(path) == Kind::kPage;
  return write_recording(path, play(player, policy, options, is_page), options);
}

RecordResult write_recording(const std::string& path, const std::vector<Episode>& episodes,
                             const RecordOptions& options) {
  check_recording(path, options);
  if (episodes.empty()) throw Error("a recording needs at least one episode");
  const Kind kind = *kind_of(path);
  const double steps_per_second =
      std::max(episodes.front().spec->frames_per_second, 1) * options.speed;
  const double fastest = kind == Kind::kGif ? kFastestGif : kFastestVideo;
  const double rate = std::min(options.frames_per_second > 0
                                   ? options.frames_per_second
                                   : std::min(kDefaultRate, steps_per_second),
                               fastest);
  RecordResult result = result_of(episodes);
  std::vector<std::uint8_t> bytes;
  switch (kind) {
    case Kind::kGif: {
      const std::vector<Shot> shots = shots_of(episodes, steps_per_second / rate);
      bytes = gif_of(shots, options, rate);
      result.frames = shots.size();
      break;
    }
    case Kind::kVideo:
      result.frames =
          write_video(path, shots_of(episodes, steps_per_second / rate), options, rate);
      result.bytes = file_bytes(path);
      return result;
    case Kind::kStrip: {
      const auto count = static_cast<std::size_t>(std::max(options.pictures, 1));
      const std::vector<Shot> shots = spread(all_moments(episodes), count);
      bytes = strip_of(shots, options);
      result.frames = shots.size();
      break;
    }
    case Kind::kPage: {
      const std::string page = episode_page(episodes);
      bytes.assign(page.begin(), page.end());
      result.frames = all_moments(episodes).size();
      break;
    }
  }
  result.bytes = static_cast<std::int64_t>(bytes.size());
  write_file_durably(path, bytes);
  return result;
}

}  // namespace tern
