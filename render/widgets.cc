#include "render/widgets.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/drawing/glyph_mask.h"
#include "core/trig.h"

namespace tern::widgets {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// Smallest and largest finite value; {0, 0} if there is none.
std::pair<double, double> range_of(const std::vector<double>& values) {
  double low = 0, high = 0;
  bool is_first = true;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = is_first ? value : std::min(low, value);
    high = is_first ? value : std::max(high, value);
    is_first = false;
  }
  return {low, high};
}

}  // namespace

float text_width(std::string_view line, float height) {
  return static_cast<float>(pixel_text_width(line, static_cast<int>(std::round(height))));
}

void rounded(Canvas& canvas, Point low, Point high, float radius, Color color) {
  constexpr int kPieces = 8;  // of a quarter
  radius = std::min({radius, (high.x - low.x) / 2, (high.y - low.y) / 2});
  if (!(radius > 0)) return;
  std::vector<Point> corners;
  const Point centers[4] = {{high.x - radius, high.y - radius},
                            {low.x + radius, high.y - radius},
                            {low.x + radius, low.y + radius},
                            {high.x - radius, low.y + radius}};
  for (int quarter = 0; quarter < 4; ++quarter) {
    for (int i = 0; i <= kPieces; ++i) {
      const SinCos angle = sincos((quarter + static_cast<double>(i) / kPieces) * kPi / 2);
      corners.push_back({centers[quarter].x + radius * static_cast<float>(angle.cos),
                         centers[quarter].y + radius * static_cast<float>(angle.sin)});
    }
  }
  canvas.polygon(corners.data(), corners.size(), color);
}

void bar(Canvas& canvas, Point low, Point high, float from, float to, Color color) {
  const float width = high.x - low.x, radius = (high.y - low.y) / 2;
  rounded(canvas, low, high, radius, kTrack);
  from = std::clamp(from, 0.0f, 1.0f);
  to = std::clamp(to, 0.0f, 1.0f);
  if (from > to) std::swap(from, to);
  const float left = low.x + from * width, right = low.x + to * width;
  rounded(canvas, {left, low.y}, {std::max(right, left + 1), high.y}, radius, color);
}

void sparkline(Canvas& canvas, Point low, Point high, const std::vector<double>& values,
               std::size_t capacity, Color color) {
  if (values.size() < 2) return;
  auto [least, most] = range_of(values);
  const double margin = std::max(0.05 * (most - least), 1e-9 + 0.01 * std::fabs(most));
  least -= margin;
  most += margin;
  const float step = (high.x - low.x) / static_cast<float>(std::max<std::size_t>(capacity, 2) - 1);
  Point last;
  bool has_last = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t age = values.size() - 1 - i;
    if (age >= capacity) continue;
    const auto up = static_cast<float>((values[i] - least) / (most - least));
    const Point here{high.x - step * static_cast<float>(age), low.y + up * (high.y - low.y)};
    const bool is_finite = std::isfinite(here.y);
    if (has_last && is_finite) canvas.capsule(last, here, 0.8f, color);
    last = here;
    has_last = is_finite;
  }
  if (has_last) canvas.circle(last, 2.4f, color);
}

void columns(Canvas& canvas, Point low, Point high, const std::vector<double>& values,
             std::size_t capacity, Color color) {
  auto [least, most] = range_of(values);
  least = std::min(least, 0.0);
  most = std::max(most, 0.0);
  const double span = std::max(most - least, 1e-9);
  const float step = (high.x - low.x) / static_cast<float>(capacity);
  const auto level = [&](double value) {
    return low.y + static_cast<float>((value - least) / span) * (high.y - low.y);
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t age = values.size() - 1 - i;
    if (age >= capacity || !std::isfinite(values[i])) continue;
    const float right = high.x - step * static_cast<float>(age);
    const float top = level(std::max(values[i], 0.0)), bottom = level(std::min(values[i], 0.0));
    canvas.rectangle({right - 0.75f * step, std::min(bottom, top - 1)}, {right, top}, color);
  }
}

std::string fitted(std::string_view line, float height, float width) {
  if (text_width(line, height) <= width) return std::string(line);
  for (std::size_t length = line.size(); length > 0; --length) {
    const std::string shorter = std::string(line.substr(0, length - 1)) + "..";
    if (text_width(shorter, height) <= width) return shorter;
  }
  return "";
}

std::vector<std::string> wrapped(std::string_view line, float height, float width) {
  std::vector<std::string> pieces;
  std::istringstream words{std::string(line)};
  for (std::string word; words >> word;) {
    const bool fits =
        !pieces.empty() && text_width(pieces.back() + " " + word, height) <= width;
    if (fits) {
      pieces.back() += " " + word;
    } else {
      pieces.push_back(word);
    }
  }
  return pieces;
}

float pill(Canvas& canvas, Point at, float text_height, std::string_view line) {
  const float height = 2.2f * text_height, margin = 0.9f * text_height;
  const float width = text_width(line, text_height) + 2 * margin;
  rounded(canvas, {at.x, at.y - height}, {at.x + width, at.y}, 0.6f * text_height, kShade);
  canvas.text({at.x + margin, at.y - height + 0.6f * text_height}, text_height, line, kPaper);
  return height;
}

}  // namespace tern::widgets
