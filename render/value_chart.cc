#include "render/value_chart.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"

namespace tern {
namespace {

using namespace widgets;  // NOLINT: the panel's own vocabulary

/// Rewards further away are left out: of what is 1 now, less than a thousandth would be left.
std::size_t horizon(double gamma, std::size_t steps) {
  if (gamma >= 1) return steps;
  const double far = gamma <= 0 ? 1 : std::ceil(std::log(1e-3) / std::log(gamma));
  return std::min(steps, static_cast<std::size_t>(std::max(far, 1.0)));
}

/// The discounted returns from each of the moments [begin, end) on.
std::vector<double> realised_returns(const Episode& episode, std::size_t begin, std::size_t end,
                                     double gamma) {
  const std::vector<Moment>& moments = episode.moments;
  const std::size_t last = std::min(end - 1 + horizon(gamma, moments.size()), moments.size() - 1);
  double sum = 0;
  if (!moments[last].terminated) {  // what comes after it is not known
    sum = state_value(moments[last].inspection, moments[last].mask).value_or(0);
  }
  std::vector<double> returns(end - begin);
  for (std::size_t i = last + 1; i-- > begin;) {
    if (i < last) sum = static_cast<double>(moments[i + 1].reward) + gamma * sum;
    if (i < end) returns[i - begin] = sum;
  }
  return returns;
}

struct Range {
  double low = 0, high = 0;
  void add(const std::vector<double>& values) {
    for (const double value : values) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
};

/// Where the chart's moments and numbers lie.
struct Axes {
  Point low, high;
  Range range;
  std::size_t count = 1;

  float x(std::size_t i) const {
    const auto steps = static_cast<float>(std::max<std::size_t>(count, 30) - 1);
    return low.x + (high.x - low.x) * static_cast<float>(i) / steps;
  }
  float y(double value) const {
    const double span = std::max(range.high - range.low, 1e-9);
    return low.y + static_cast<float>((value - range.low) / span) * (high.y - low.y);
  }
};

void draw_line(Canvas& canvas, const Axes& axes, const std::vector<double>& values, Color color,
               float width) {
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (!std::isfinite(values[i - 1]) || !std::isfinite(values[i])) continue;
    canvas.capsule({axes.x(i - 1), axes.y(values[i - 1])}, {axes.x(i), axes.y(values[i])},
                   width / 2, color);
  }
}

/// From zero, on a scale of their own.
void draw_errors(Canvas& canvas, const Axes& axes, const std::vector<double>& errors) {
  const float zero = axes.y(0), width = std::max(axes.x(1) - axes.x(0), 1.0f);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (!std::isfinite(errors[i]) || errors[i] == 0) continue;
    const float y = axes.y(errors[i]);
    canvas.rectangle({axes.x(i) - width / 2, std::min(zero, y)},
                     {axes.x(i) + width / 2, std::max(zero, y)},
                     errors[i] < 0 ? palette::kDanger : palette::kGoal);
  }
  canvas.line({axes.low.x, zero}, {axes.high.x, zero}, 0.5f, kLabel);
}

/// Words in the colours of the lines.
void draw_legend(PanelColumn& column, const ValueChart& chart) {
  struct Word {
    std::string text;
    Color color;
  };
  std::vector<Word> words;
  if (!chart.realised.empty()) {
    words.push_back({"realised " + short_number(chart.realised.back()), palette::kItem});
  }
  words.push_back({"so far " + short_number(chart.returns.back()), palette::kAgentLight});
  if (!chart.td_errors.empty() && std::isfinite(chart.td_errors.back())) {
    words.push_back({"TD error " + short_number(chart.td_errors.back()),
                     chart.td_errors.back() < 0 ? palette::kDanger : palette::kGoal});
  }
  if (!column.take(kSmallText)) return;
  const float size = column.px(kSmallText);
  float x = column.left();
  for (const Word& word : words) {
    const std::string text = fitted(word.text, size, column.right() - x);
    column.canvas().text({x, column.y()}, size, text, word.color);
    x += text_width(word.text, size) + column.px(10);
  }
}

}  // namespace

ValueChart value_chart(const Episode& episode, std::size_t t, double gamma) {
  const std::vector<Moment>& moments = episode.moments;
  if (t >= moments.size()) throw Error("there is no moment " + std::to_string(t));
  ValueChart chart;
  const std::size_t begin = t + 1 > kRememberedValues ? t + 1 - kRememberedValues : 0;
  for (std::size_t i = begin; i <= t; ++i) {
    const std::optional<double> value = state_value(moments[i].inspection, moments[i].mask);
    if (!value) return {};
    chart.values.push_back(*value);
    chart.returns.push_back(moments[i].episode_return);
  }
  if (episode.spec->players > 1) return chart;  // they see each other's states
  chart.realised = realised_returns(episode, begin, t + 1, gamma);
  for (std::size_t i = begin; i <= t; ++i) {
    const std::optional<double> before =
        i == 0 ? std::nullopt : state_value(moments[i - 1].inspection, moments[i - 1].mask);
    const double next = moments[i].terminated ? 0 : gamma * chart.values[i - begin];
    const double reward = static_cast<double>(moments[i].reward);
    chart.td_errors.push_back(before ? reward + next - *before : NAN);
  }
  return chart;
}

void draw_value_section(PanelColumn& column, const FrameData& frame) {
  constexpr float kLines = 56, kErrors = 22, kGap = 6;
  const std::optional<double> value = state_value(frame.inspection, frame.mask);
  if (!value) return;
  if (!column.section(PanelSection::kValue, value_name(frame.inspection), short_number(*value),
                      palette::kGoal)) {
    return;
  }
  if (frame.chart == nullptr || frame.chart->values.empty()) return;
  const ValueChart& chart = *frame.chart;
  column.skip(8);
  draw_legend(column, chart);
  column.skip(kGap);
  if (column.take(kLines)) {
    Axes axes{{column.left() + column.px(2), column.y()},
              {column.right() - column.px(4), column.y() + column.px(kLines)},
              {},
              chart.values.size()};
    for (const auto* line : {&chart.values, &chart.realised, &chart.returns}) axes.range.add(*line);
    const float zero = axes.y(0);
    column.canvas().line({axes.low.x, zero}, {axes.high.x, zero}, 0.5f, kRule);
    draw_line(column.canvas(), axes, chart.returns, palette::kAgentLight, column.px(1.6f));
    draw_line(column.canvas(), axes, chart.realised, palette::kItem, column.px(1.6f));
    draw_line(column.canvas(), axes, chart.values, palette::kGoal, column.px(1.6f));
    column.canvas().circle({axes.x(chart.values.size() - 1), axes.y(chart.values.back())},
                           column.px(2.6f), palette::kGoal);
    std::string hint = std::string(value_name(frame.inspection)) + " " + exact_number(*value);
    if (!chart.realised.empty()) {
      hint += ", discounted return from here " + exact_number(chart.realised.back());
    }
    column.add_area(kLines, hint);
  }
  if (chart.td_errors.empty()) return;
  column.skip(kGap);
  if (!column.take(kErrors)) return;
  Axes axes{{column.left() + column.px(2), column.y()},
            {column.right() - column.px(4), column.y() + column.px(kErrors)},
            {},
            chart.td_errors.size()};
  axes.range.add(chart.td_errors);
  draw_errors(column.canvas(), axes, chart.td_errors);
  column.add_area(kErrors, "TD errors from " + short_number(axes.range.low) + " to " +
                               short_number(axes.range.high) + ", here " +
                               exact_number(chart.td_errors.back()));
}

}  // namespace tern
