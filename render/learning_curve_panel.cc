#include "render/learning_curve_panel.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "render/widgets.h"

namespace tern {
namespace {

using namespace widgets;  // NOLINT: the panel's own vocabulary

constexpr float kHeight = 84;  // of the plot, pixels at scale 1
constexpr float kLabelText = 8;

/// Where steps and returns lie in the plot.
struct Axes {
  Rectangle at;
  double last_step = 1, low = 0, high = 1;

  float x(std::int64_t step) const {
    const double part = std::clamp(static_cast<double>(step) / last_step, 0.0, 1.0);
    return at.low.x + static_cast<float>(part) * (at.high.x - at.low.x);
  }
  float y(double value) const {
    const double part = std::clamp((value - low) / (high - low), 0.0, 1.0);
    return at.low.y + static_cast<float>(part) * (at.high.y - at.low.y);
  }
};

/// Where there is one return only, or none, the axis has some height all the same.
void fit_values(Axes& axes, const LearningCurve& curve) {
  bool is_first = true;
  const auto add = [&](double value) {
    if (!std::isfinite(value)) return;
    axes.low = is_first ? value : std::min(axes.low, value);
    axes.high = is_first ? value : std::max(axes.high, value);
    is_first = false;
  };
  for (const ReturnPoint& point : curve.returns()) add(point.value);
  for (const EvalPoint& point : curve.evaluations()) add(point.mean);
  if (axes.high > axes.low) return;
  const double margin = std::max(1e-3, 0.01 * std::fabs(axes.high));
  axes.low -= margin;
  axes.high += margin;
}

std::string step_label(std::int64_t step) {
  return "step " + std::to_string(step);
}

/// The points of the line, at most one for each pixel of width: the newest that falls on it.
std::vector<ReturnPoint> seen_points(const Axes& axes, const std::vector<ReturnPoint>& returns) {
  std::vector<ReturnPoint> points;
  float last = -1;
  for (const ReturnPoint& point : returns) {
    const float pixel = std::floor(axes.x(point.step));
    if (pixel == last) points.pop_back();
    points.push_back(point);
    last = pixel;
  }
  return points;
}

void draw_returns(PanelColumn& column, const Axes& axes, const std::vector<ReturnPoint>& points) {
  const float reach = column.px(3);
  Point last;
  bool has_last = false;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point here{axes.x(points[i].step), axes.y(points[i].value)};
    const bool is_finite = std::isfinite(points[i].value);
    if (is_finite) {
      column.canvas().capsule(has_last ? last : here, here, column.px(0.8f), palette::kAgentLight);
    }
    // A pointer need not hit the line: it is told the nearest point.
    const float left = i == 0 ? here.x - reach : (last.x + here.x) / 2;
    const float right =
        i + 1 < points.size() ? (here.x + axes.x(points[i + 1].step)) / 2 : here.x + reach;
    column.add_area(
        {{left, axes.at.low.y}, {right, axes.at.high.y}},
        step_label(points[i].step) + ", training return " + short_number(points[i].value));
    last = here;
    has_last = is_finite;
  }
}

bool contains(const std::vector<std::int64_t>& sorted, std::int64_t step) {
  return std::binary_search(sorted.begin(), sorted.end(), step);
}

void draw_evaluations(PanelColumn& column, const Axes& axes, const TrainingProgress& progress) {
  const float radius = column.px(3.2f), reach = column.px(6);
  for (const EvalPoint& point : progress.curve.evaluations()) {
    if (!std::isfinite(point.mean)) continue;
    const Point at{axes.x(point.step), axes.y(point.mean)};
    const bool is_kept = contains(progress.checkpoints, point.step);
    column.canvas().circle(at, radius, palette::kGoal);
    if (!is_kept) column.canvas().circle(at, 0.6f * radius, kPaper);
    column.add_area({{at.x - reach, at.y - reach}, {at.x + reach, at.y + reach}},
                    step_label(point.step) +
                        (point.is_final ? ", final evaluation " : ", evaluation ") +
                        short_number(point.mean) + " +- " + short_number(point.deviation) +
                        (is_kept ? "; click plays it" : "; checkpoint not kept"));
    if (is_kept) column.map.areas.back().checkpoint = point.step;
  }
}

void draw_axes(PanelColumn& column, const Axes& axes) {
  const float text = column.px(kLabelText);
  Canvas& canvas = column.canvas();
  for (const float y : {axes.at.low.y, axes.at.high.y}) {
    canvas.line({axes.at.low.x, y}, {axes.at.high.x, y}, 0.5f, kRule);
  }
  const float number_right = axes.at.low.x - column.px(6);
  canvas.text({number_right, axes.at.high.y - text / 2}, text, short_number(axes.high), kLabel,
              Align::kRight);
  canvas.text({number_right, axes.at.low.y - text / 2}, text, short_number(axes.low), kLabel,
              Align::kRight);
  const float below = axes.at.low.y - text - column.px(5);
  canvas.text({axes.at.low.x, below}, text, "0", kLabel);
  canvas.text({axes.at.high.x, below}, text, count_text(static_cast<std::int64_t>(axes.last_step)),
              kLabel, Align::kRight);
}

}  // namespace

std::string progress_text(const TrainingProgress& progress) {
  const std::int64_t step = progress.curve.step(), total = progress.total_steps;
  if (!progress.is_running) {
    return progress.state + (step > 0 ? ", step " + count_text(step) : "");
  }
  std::string text = progress.state + ": step " + count_text(step);
  if (total > 0) {
    text += " of " + count_text(total) + ", " + std::to_string(100 * step / total) + " %";
  }
  return text;
}

std::string training_speed_text(const TrainingProgress& progress) {
  const double speed = progress.curve.steps_per_second();
  if (!progress.is_running || !(speed > 0)) return "";
  return (speed < 10 ? short_number(speed) : count_text(std::llround(speed))) + " steps/s";
}

void draw_learning_curve(PanelColumn& column, const FrameData& frame) {
  if (frame.progress == nullptr) return;
  const TrainingProgress& progress = *frame.progress;
  const LearningCurve& curve = progress.curve;
  if (!column.section(PanelSection::kCurve, "learning curve", training_speed_text(progress)))
    return;
  if (curve.returns().empty() && curve.evaluations().empty()) {
    column.skip(10);
    column.text(kBodyText, "no episode has ended yet", kLabel);
    return;
  }
  column.skip(14);
  if (column.take(kHeight)) {
    Axes axes;
    axes.last_step = static_cast<double>(
        std::max<std::int64_t>({1, progress.is_running ? progress.total_steps : 0, curve.step()}));
    fit_values(axes, curve);
    const float text = column.px(kLabelText);
    const float numbers = std::max(text_width(short_number(axes.low), text),
                                   text_width(short_number(axes.high), text));
    axes.at = {{column.left() + numbers + column.px(6), column.y()},
               {column.right() - column.px(4), column.y() + column.px(kHeight)}};
    draw_axes(column, axes);
    if (!frame.agent.empty()) {
      const float x = axes.x(frame.policy_step);
      column.canvas().line({x, axes.at.low.y}, {x, axes.at.high.y}, column.px(1), palette::kItem);
    }
    draw_returns(column, axes, seen_points(axes, curve.returns()));
    draw_evaluations(column, axes, progress);
  }
  column.skip(kLabelText + 5);
}

}  // namespace tern
