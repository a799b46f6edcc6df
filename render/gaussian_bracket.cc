#include "render/gaussian_bracket.h"

namespace tern {

void draw_gaussian(Canvas& canvas, Point low, Point high, const RealBar& bar) {
  if (!bar.mean) return;
  const double sigma = bar.standard_deviation.value_or(0);
  const float unit = (high.y - low.y) / 8;
  const auto x = [&](double value) { return low.x + bar.place(value) * (high.x - low.x); };
  const float y = low.y - 3 * unit;
  canvas.line({x(*bar.mean - sigma), y}, {x(*bar.mean + sigma), y}, 1.5f * unit, palette::kItem);
  canvas.circle({x(*bar.mean), y}, 2.5f * unit, palette::kItem);
}

}  // namespace tern
