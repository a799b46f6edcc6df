#include "render/recorder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/drawing/raster_canvas.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "render/film_strip.h"
#include "render/frame_layout.h"
#include "render/gif.h"
#include "render/png.h"

namespace tern {
namespace {

constexpr double kDefaultRate = 25;   // frames a second: smooth, and half the size of 50
constexpr double kFastestRate = 50;   // GIF viewers play shorter delays slowly
constexpr int kEndHold = 100;         // centiseconds
constexpr std::size_t kSamples = 24;  // frames that the colours are chosen from
constexpr int kMostFrames = 10'000;   // of an episode, for the sake of memory

bool ends_with(const std::string& text, const std::string& ending) {
  return text.size() > ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

bool is_gif(const std::string& path) {
  return ends_with(path, ".gif") || ends_with(path, ".GIF");
}
bool is_png(const std::string& path) {
  return ends_with(path, ".png") || ends_with(path, ".PNG");
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

/// A moment of a recording. The observation and its history, which no recording shows, are dropped.
FrameData slim(const FrameData& frame) {
  FrameData copy = frame;
  copy.obs = {};
  copy.past_values = {};
  copy.past_returns = {};
  return copy;
}

/// Plays the episodes; keeps the first and the last moment of each, and those between at `rate`
/// frames a second.
std::vector<FrameData> play(EpisodePlayer& player, Policy* policy, const RecordOptions& options,
                            double rate, RecordResult& result) {
  std::vector<FrameData> frames;
  const double frames_per_step = rate / std::max(player.spec().frames_per_second, 1);
  for (int episode = 0; episode < options.episodes; ++episode) {
    player.start(policy);
    frames.push_back(slim(player.frame()));
    int kept = 0;
    for (int step = 1; !player.has_ended(); ++step) {
      player.step(policy);
      const bool is_due =
          std::floor(step * frames_per_step) > std::floor((step - 1) * frames_per_step);
      if ((is_due && ++kept < kMostFrames) || player.has_ended()) {
        frames.push_back(slim(player.frame()));
      }
    }
    if (player.is_cut()) ++result.cut;
    result.returns.push_back(frames.back().episode_return);
    if (player.spec().players > 1) result.player_returns.push_back(frames.back().player_returns);
    result.lengths.push_back(frames.back().step);
  }
  return frames;
}

/// `count` of them from the first to the last, evenly; all if there are fewer.
std::vector<FrameData> spread(const std::vector<FrameData>& frames, std::size_t count) {
  if (frames.size() <= count) return frames;
  std::vector<FrameData> chosen;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t last = frames.size() - 1;
    chosen.push_back(count == 1 ? frames[last]
                                : frames[(i * last + (count - 1) / 2) / (count - 1)]);
  }
  return chosen;
}

std::vector<std::uint8_t> film_of(const std::vector<FrameData>& frames,
                                  const RecordOptions& options, double rate) {
  RasterCanvas picture(options.width, options.height);
  ColorCounts colors;
  for (const FrameData& frame : spread(frames, kSamples)) {
    draw_recorded_frame(picture, options.width, options.height, frame);
    colors.add(picture.rgb().data(), picture.rgb().size() / 3);
  }
  GifEncoder gif(options.width, options.height, choose_colors(colors, kGifColors));
  for (std::size_t i = 0; i < frames.size(); ++i) {
    draw_recorded_frame(picture, options.width, options.height, frames[i]);
    const bool is_end = frames[i].terminated || frames[i].truncated;
    gif.add(picture, is_end ? kEndHold : gif_delay(static_cast<std::int64_t>(i), rate));
  }
  return gif.finish();
}

}  // namespace

void check_recording_path(const std::string& path) {
  if (!is_gif(path) && !is_png(path)) {
    throw Error("'" + path +
                "' cannot be recorded to; expected a name that ends in .gif (a film) or "
                ".png (a film strip)");
  }
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (is_folder(folder)) return;
  throw Error::failure("cannot write " + path + ": there is no folder '" + folder +
                       "'. Create it first or choose another");
}

RecordResult record(const std::string& path, EpisodePlayer& player, Policy* policy,
                    const RecordOptions& options) {
  check_recording_path(path);
  check_size(options);
  const double own_rate = std::max(player.spec().frames_per_second, 1);
  const double wanted = options.frames_per_second > 0 ? options.frames_per_second : kDefaultRate;
  const double rate = std::min({wanted, own_rate, kFastestRate});

  RecordResult result;
  // A strip chooses among all moments, a film among those of its rate.
  const std::vector<FrameData> frames =
      play(player, policy, options, is_gif(path) ? rate : own_rate, result);
  std::vector<std::uint8_t> bytes;
  if (is_gif(path)) {
    bytes = film_of(frames, options, rate);
    result.frames = frames.size();
  } else {
    const auto count = static_cast<std::size_t>(std::max(options.pictures, 1));
    const std::vector<FrameData> chosen = spread(frames, count);
    RasterCanvas picture(options.width, options.height);
    if (count == 1) {
      draw_recorded_frame(picture, options.width, options.height, chosen.front());
    } else {
      draw_film_strip(picture, options.width, options.height, chosen);
    }
    bytes = encode_png(options.width, options.height, picture.rgb().data());
    result.frames = chosen.size();
  }
  result.bytes = static_cast<std::int64_t>(bytes.size());
  write_file_durably(path, bytes);
  return result;
}

}  // namespace tern
