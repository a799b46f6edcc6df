#include "envs/observation_bars.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "core/drawing/recording_canvas.h"
#include "core/field_groups.h"

namespace tern {
namespace {

// The picture is 10 units wide; a row of numbers is 1 unit high, an image 8.
constexpr float kWidth = 10;
constexpr float kMargin = 0.5f;
constexpr float kNameWidth = 3.6f;
constexpr float kBarLeft = kNameWidth + 0.3f;
constexpr float kBarRight = kWidth - 1.9f;
constexpr float kRowHeight = 1;
constexpr float kImageHeight = 8;
constexpr int kMaxLitCells = 16;  // an index among more categories is written as a number

float height_of(const Field& field) { return field.is_image() ? kImageHeight : kRowHeight; }

/// Where `value` lies between the ends of the bar, in [0, 1]. Unbounded sides are approached as
/// x / (1 + |x|) approaches 1.
float position_in(const Field& field, double value) {
  const auto squashed = [](double x) {
    return std::isinf(x) ? (x > 0 ? 1.0 : -1.0) : x / (1 + std::fabs(x));
  };
  double low = field.low, high = field.high;
  if (std::isinf(low) || std::isinf(high)) {
    low = std::isinf(low) ? -1 : squashed(low);
    high = std::isinf(high) ? 1 : squashed(high);
    value = squashed(value);
  }
  if (!(low < high) || std::isnan(value)) return 0;
  return static_cast<float>(std::clamp((value - low) / (high - low), 0.0, 1.0));
}

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

/// Printable ASCII, short enough for its column.
std::string label_text(const Field& field) {
  constexpr std::size_t kLongest = 16, kLongestInGroup = 13;
  std::string text;
  for (const char c : field.name) text += c >= ' ' && c <= '~' ? c : '?';
  const std::string last = name_in_group(text);
  if (text.size() > kLongestInGroup && last.size() < text.size()) text = ".." + last;
  if (text.size() > kLongest) text = text.substr(0, kLongest - 2) + "..";
  return text;
}

void draw_scalar(const Field& field, double value, float y, Canvas& canvas) {
  const float span = kBarRight - kBarLeft;
  const float zero = kBarLeft + span * position_in(field, std::clamp(0.0, field.low, field.high));
  const float at = kBarLeft + span * position_in(field, value);
  canvas.line({kBarLeft, y + 0.5f}, {kBarRight, y + 0.5f}, 0.4f, palette::kFloor);
  canvas.rectangle({std::min(zero, at), y + 0.3f}, {std::max(zero, at), y + 0.7f}, palette::kAgent);
  canvas.line({zero, y + 0.2f}, {zero, y + 0.8f}, 0.03f, palette::kMuted);
  canvas.circle({at, y + 0.5f}, 0.16f, palette::kAgent);
  canvas.text({kWidth, y + 0.35f}, 0.42f, number_text(value), palette::kInk, Align::kRight);
}

void draw_index(const Field& field, double value, float y, Canvas& canvas) {
  if (field.categories <= kMaxLitCells) {
    const float cell = (kBarRight - kBarLeft) / static_cast<float>(field.categories);
    for (int i = 0; i < field.categories; ++i) {
      const float x = kBarLeft + cell * static_cast<float>(i);
      const float left = x + 0.05f * cell, right = x + 0.95f * cell;
      if (value == field.first + i) {
        canvas.rectangle({left, y + 0.25f}, {right, y + 0.75f}, palette::kAgent);
      } else {
        canvas.line({left, y + 0.5f}, {right, y + 0.5f}, 0.5f, palette::kFloor);
      }
    }
  }
  canvas.text({kWidth, y + 0.35f}, 0.42f,
              number_text(value) + "/" + std::to_string(field.first + field.categories),
              palette::kInk, Align::kRight);
}

void draw_vector(const Field& field, ObsRow obs, float y, Canvas& canvas) {
  const std::size_t n = field.size();
  const float width = (kWidth - kBarLeft) / static_cast<float>(n);
  const float zero = 0.1f + 0.8f * position_in(field, std::clamp(0.0, field.low, field.high));
  canvas.line({kBarLeft, y + 0.5f}, {kWidth, y + 0.5f}, 0.8f, palette::kFloor);
  for (std::size_t i = 0; i < n; ++i) {
    const float x = kBarLeft + width * static_cast<float>(i);
    const float at = 0.1f + 0.8f * position_in(field, obs.value(field.offset + i));
    canvas.rectangle({x + 0.1f * width, y + std::min(zero, at)},
                     {x + 0.9f * width, y + std::max(zero, at) + 0.03f}, palette::kAgent);
  }
}

/// Three channels are red, green and blue; of any other number the brightest is shown in grey.
void draw_image(const Field& field, ObsRow obs, float y, Canvas& canvas) {
  const int height = field.shape[0], width = field.shape[1], channels = field.shape[2];
  std::vector<std::uint8_t> rgb;
  std::size_t i = field.offset;
  for (int pixel = 0; pixel < height * width; ++pixel) {
    float brightest = 0;
    for (int channel = 0; channel < channels; ++channel, ++i) {
      const float level = position_in(field, obs.value(i));
      brightest = std::max(brightest, level);
      if (channels == 3) rgb.push_back(static_cast<std::uint8_t>(255 * level));
    }
    if (channels != 3) rgb.insert(rgb.end(), 3, static_cast<std::uint8_t>(255 * brightest));
  }
  const float room = kWidth - kBarLeft, tall = kImageHeight - 0.4f;
  const float scale = std::min(room / static_cast<float>(width), tall / static_cast<float>(height));
  const Point low{kBarLeft, y + 0.2f};
  canvas.image(low, {low.x + scale * static_cast<float>(width), low.y + scale * static_cast<float>(height)},
               width, height, rgb.data());
}

void draw_field(const Field& field, ObsRow obs, float y, Canvas& canvas) {
  const float middle = y + height_of(field) / 2 - 0.15f;
  canvas.text({0, middle}, 0.42f, label_text(field), palette::kInk);
  if (field.is_image()) {
    draw_image(field, obs, y, canvas);
  } else if (field.categories > 0 && field.size() == 1) {
    draw_index(field, obs.value(field.offset), y, canvas);
  } else if (field.size() == 1) {
    draw_scalar(field, obs.value(field.offset), y, canvas);
  } else {
    draw_vector(field, obs, y, canvas);
  }
}

}  // namespace

void draw_observation_bars(const ObsSpace& space, ObsRow obs, Canvas& canvas) {
  float height = 0;
  for (const Field& field : space.fields()) height += height_of(field);
  canvas.set_view({-kMargin, -kMargin}, {kWidth + kMargin, height + kMargin}, palette::kBackground);
  float y = height;
  for (const Field& field : space.fields()) {
    y -= height_of(field);
    draw_field(field, obs, y, canvas);
  }
}

void draw_env(const Env& env, const EnvSpec& spec, ObsRow obs, Canvas& canvas) {
  RecordingCanvas recording;
  env.draw(recording);
  if (recording.empty()) {
    draw_observation_bars(spec.obs, obs, canvas);
  } else {
    recording.replay(canvas);
  }
}

}  // namespace tern
