#include "render/env_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "render/widgets.h"

namespace tern {
namespace {

using namespace widgets;  // NOLINT: the panel's own vocabulary

constexpr float kCaption = 22, kLeastCaption = 12,
                kGap = 2;  // pixels; the first and last at scale 1

void draw_outline(Canvas& canvas, const Rectangle& at, float width, Color color) {
  const Point a = at.low, b = at.high;
  canvas.rectangle(a, {b.x, a.y + width}, color);
  canvas.rectangle({a.x, b.y - width}, b, color);
  canvas.rectangle(a, {a.x + width, b.y}, color);
  canvas.rectangle({b.x - width, a.y}, b, color);
}

}  // namespace

float aspect_of(const RecordingCanvas& env) {
  for (const DrawCall& call : env.calls()) {
    if (call.kind != DrawCall::Kind::kSetView || call.points.size() < 2) continue;
    const float width = call.points[1].x - call.points[0].x;
    const float height = call.points[1].y - call.points[0].y;
    const float aspect = width / height;
    return std::isfinite(aspect) ? std::clamp(aspect, 0.1f, 10.0f) : 1;
  }
  return 1;
}

std::size_t grid_columns(std::size_t count, float width, float height, float caption,
                         float aspect) {
  std::size_t best = 1;
  float largest = 0;
  for (std::size_t columns = 1; columns <= count; ++columns) {
    const std::size_t rows = (count + columns - 1) / columns;
    const float room = height / static_cast<float>(rows) - caption;
    const float filled = static_cast<float>(count) / static_cast<float>(columns * rows);
    const float tall = filled * std::min(width / static_cast<float>(columns) / aspect, room);
    if (tall <= largest) continue;
    largest = tall;
    best = columns;
  }
  return best;
}

std::vector<TilePlace> tile_places(const Rectangle& area, float scale, const FrameData& frame) {
  const std::size_t count = frame.tiles.size();
  if (count == 0) return {};
  const float width = area.high.x - area.low.x, height = area.high.y - area.low.y;
  const float most = height / std::sqrt(static_cast<float>(count));  // of a tile, about
  const float caption =
      std::clamp(most / 6, kLeastCaption, std::max(kCaption * scale, kLeastCaption));
  const std::size_t columns =
      grid_columns(count, width, height, caption, aspect_of(frame.tiles[0].env));
  const std::size_t rows = (count + columns - 1) / columns;
  const float gap = std::round(kGap * scale);
  std::vector<TilePlace> places;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = i / columns, column = i % columns;
    const auto x = [&](std::size_t c) {
      return std::round(area.low.x + width * static_cast<float>(c) / static_cast<float>(columns));
    };
    const auto y = [&](std::size_t r) {
      return std::round(area.high.y - height * static_cast<float>(r) / static_cast<float>(rows));
    };
    const float room = x(column + 1) - (column + 1 < columns ? gap : 0);
    const float right = std::max(room, x(column) + 1);  // an env is never flat, whatever the window
    const float bottom = y(row + 1) + (row + 1 < rows ? gap : 0);
    const float below = std::max(y(row) - caption, bottom + 1), top = std::max(y(row), below);
    places.push_back({{{x(column), bottom}, {right, below}}, {{x(column), below}, {right, top}}});
  }
  return places;
}

TileCaption tile_caption(const Tile& tile, float width,
                         const std::function<float(const std::string&)>& measure) {
  const std::string step = std::to_string(tile.step);
  const std::string end = tile.end.empty() ? "" : ", " + tile.end;
  const std::string wide = "seed " + std::to_string(tile.seed) + "  step " + step;
  const std::array<TileCaption, 5> captions = {{{wide + end, "return " + tile.result},
                                                {wide, "return " + tile.result},
                                                {"step " + step, "return " + tile.result},
                                                {step, tile.result},
                                                {"", tile.result}}};
  for (const TileCaption& caption : captions) {
    const std::string between = caption.left.empty() ? "" : "  ";
    if (measure(caption.left + between + caption.right) <= width) return caption;
  }
  return {};
}

void draw_tile_captions(Canvas& canvas, const std::vector<TilePlace>& places, float scale,
                        const FrameData& frame) {
  for (std::size_t i = 0; i < std::min(places.size(), frame.tiles.size()); ++i) {
    const Rectangle& at = places[i].caption;
    const float height = at.high.y - at.low.y;
    const float text = std::min(std::max(9 * scale, 7.0f), std::round(0.58f * height));
    const float margin = 0.6f * text, y = at.low.y + (height - text) / 2;
    const bool is_selected = i == frame.selected_tile, is_over = !frame.tiles[i].end.empty();
    canvas.rectangle(at.low, at.high, kPaper);
    const auto measure = [&](const std::string& line) { return text_width(line, text); };
    const TileCaption caption =
        tile_caption(frame.tiles[i], at.high.x - at.low.x - 2 * margin, measure);
    canvas.text({at.low.x + margin, y}, text, caption.left,
                is_over       ? palette::kDanger
                : is_selected ? palette::kAgent
                              : kLabel);
    canvas.text({at.high.x - margin, y}, text, caption.right, palette::kInk, Align::kRight);
    const float line = std::max(2 * scale, 1.0f);
    draw_outline(canvas, places[i].whole(), is_selected ? line : 0.5f,
                 is_selected ? palette::kAgent : kRule);
  }
}

}  // namespace tern
