#include "render/quantile_ticks.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace tern {
namespace {

using namespace widgets;  // NOLINT: the panel's own vocabulary

constexpr std::size_t kMostTicks = 100;

/// The middle of the i-th of so many parts of what is rising.
double middle_of(const std::vector<double>& rising, std::size_t i, std::size_t parts) {
  return rising[(2 * i + 1) * rising.size() / (2 * parts)];
}

void draw_ticks(Canvas& canvas, Point low, Point high, const ChoiceBar& bar, float width) {
  constexpr Color kTick{palette::kItem.r, palette::kItem.g, palette::kItem.b, 150};
  const std::size_t ticks = std::min(bar.quantiles.size(), kMostTicks);
  for (std::size_t i = 0; i < ticks; ++i) {
    const float x =
        low.x + bar.place(middle_of(bar.quantiles, i, ticks)) * (high.x - low.x) - width / 2;
    canvas.rectangle({x, low.y}, {x + width, high.y}, kTick);
  }
}

}  // namespace

void draw_quantiles(Canvas& canvas, Point low, Point high, const ChoiceBar& bar) {
  if (bar.quantiles.empty()) return;
  const float unit = (high.y - low.y) / 8;
  draw_ticks(canvas, {low.x, low.y + unit}, {high.x, high.y - unit}, bar, unit);
  const auto x = [&](std::size_t half) {
    return low.x + bar.place(middle_of(bar.quantiles, half, 2)) * (high.x - low.x);
  };
  const float y = low.y - 3 * unit;
  canvas.line({x(0), y}, {x(1), y}, 1.5f * unit, palette::kItem);
}

void draw_quantile_section(PanelColumn& column, const FrameData& frame) {
  constexpr float kRow = 21, kName = 0.40f;
  std::vector<ChoiceBar> bars = choice_bars(frame);
  std::erase_if(bars, [](const ChoiceBar& bar) { return bar.quantiles.empty(); });
  if (bars.empty()) return;
  double low = bars[0].quantiles.front(), high = bars[0].quantiles.back();
  for (const ChoiceBar& bar : bars) {
    low = std::min(low, bar.quantiles.front());
    high = std::max(high, bar.quantiles.back());
  }
  const std::string range = short_number(low) + " to " + short_number(high);
  if (!column.section(PanelSection::kQuantiles, "quantiles of the return", range)) return;
  column.skip(11);
  for (ChoiceBar& bar : bars) {
    bar.low = low;
    bar.high = high > low ? high : low + 1;
    if (column.take(kBodyText)) {
      const float y = column.y(), size = column.px(kBodyText);
      const float left = column.left() + kName * column.width();
      const Point from{left, y - column.px(1)}, to{column.right(), y + column.px(11)};
      column.canvas().text({column.left(), y}, size,
                           fitted(bar.name, size, left - column.left() - column.px(8)),
                           palette::kInk);
      column.canvas().rectangle(from, to, kTrack);
      draw_ticks(column.canvas(), from, to, bar, column.px(1.5f));
      if (bar.value) {
        column.canvas().circle({from.x + bar.place(*bar.value) * (to.x - from.x), y + size / 2},
                               column.px(3), bar.is_chosen ? palette::kAgent : palette::kInk);
      }
      const std::string deviation =
          bar.deviation ? ", standard deviation " + short_number(*bar.deviation) : "";
      column.add_area(kBodyText, bar.name + ": " + std::to_string(bar.quantiles.size()) +
                                     " quantiles from " + exact_number(bar.quantiles.front()) +
                                     " to " + exact_number(bar.quantiles.back()) + deviation);
    }
    column.skip(kRow - kBodyText);
  }
  column.skip(kBodyText - kRow);  // rules leave a distance of their own
}

}  // namespace tern
