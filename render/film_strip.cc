#include "render/film_strip.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "render/frame_layout.h"
#include "render/widgets.h"

namespace tern {
namespace {

using namespace widgets;  // NOLINT: the panel's own vocabulary

/// Width over height of what the env shows.
float shape_of(const RecordingCanvas& env) {
  for (const DrawCall& call : env.calls()) {
    if (call.kind != DrawCall::Kind::kSetView) continue;
    const float width = call.points[1].x - call.points[0].x;
    const float height = call.points[1].y - call.points[0].y;
    if (width > 0 && height > 0) return std::clamp(width / height, 0.2f, 5.0f);
  }
  return 4.0f / 3;
}

struct Grid {
  int columns = 1, rows = 1;
  float cell_width = 0, cell_height = 0;
};

/// Whichever number of columns gives the largest pictures; label: height of the line below each.
Grid best_grid(int count, float width, float height, float gap, float label, float shape) {
  Grid best;
  float best_size = -1;
  for (int columns = 1; columns <= count; ++columns) {
    Grid grid;
    grid.columns = columns;
    grid.rows = (count + columns - 1) / columns;
    const auto c = static_cast<float>(grid.columns), r = static_cast<float>(grid.rows);
    grid.cell_width = (width - (c + 1) * gap) / c;
    grid.cell_height = (height - (r + 1) * gap) / r;
    const float size = std::min(grid.cell_width, (grid.cell_height - label) * shape);
    if (size > best_size) {
      best = grid;
      best_size = size;
    }
  }
  return best;
}

}  // namespace

void draw_film_strip(Canvas& canvas, int width, int height, const std::vector<FrameData>& frames) {
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  canvas.set_view({0, 0}, {w, h}, kPaper);
  const float text = std::round(std::clamp(h / 48, 7.0f, 40.0f));
  const float gap = text, label = 2.2f * text, foot = 2.6f * text;
  const Grid grid = best_grid(static_cast<int>(frames.size()), w, h - foot, gap, label,
                              shape_of(frames.front().env));
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto column = static_cast<float>(static_cast<int>(i) % grid.columns);
    const auto row = static_cast<float>(static_cast<int>(i) / grid.columns);
    const float left = std::round(gap + column * (grid.cell_width + gap));
    const float top = std::round(h - gap - row * (grid.cell_height + gap));
    const Point low{left, std::round(top - grid.cell_height + label)};
    draw_env_in(canvas, low, {std::round(left + grid.cell_width), top}, frames[i]);
  }
  // Labels after all envs, which may draw beyond their views.
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto column = static_cast<float>(static_cast<int>(i) % grid.columns);
    const auto row = static_cast<float>(static_cast<int>(i) / grid.columns);
    const float left = std::round(gap + column * (grid.cell_width + gap));
    const float bottom = std::round(h - gap - row * (grid.cell_height + gap) - grid.cell_height);
    const FrameData& frame = frames[i];
    std::string line = "step " + std::to_string(frame.step);
    if (frames.front().episode != frames.back().episode) {
      line = "episode " + std::to_string(frame.episode) + ", " + line;
    }
    if (const std::string end = end_label(frame); !end.empty()) line += ", " + end;
    canvas.text({left, bottom + 0.6f * text}, text, fitted(line, text, grid.cell_width), kLabel);
  }
  const FrameData& last = frames.back();
  const std::string line =
      last.spec->id + "  " + policy_label(last) + "   return " + return_text(last);
  canvas.text({gap, 1.1f * text}, 1.1f * text, fitted(line, 1.1f * text, w - 2 * gap),
              palette::kInk);
}

}  // namespace tern
