#include "render/side_panel.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "render/gaussian_bracket.h"
#include "render/widgets.h"

namespace tern {
namespace {

using namespace widgets;  // NOLINT: the panel's own vocabulary

/// Writes from the top of a rectangle to its bottom.
class Column {
 public:
  Column(Canvas& canvas, Point low, Point high, float scale)
      : canvas_(canvas),
        left_(low.x + 18 * scale),
        right_(high.x - 18 * scale),
        bottom_(low.y),
        y_(high.y - 16 * scale),
        scale_(scale) {}

  float left() const { return left_; }
  float right() const { return right_; }
  float width() const { return right_ - left_; }
  float y() const { return y_; }
  float px(float pixels) const { return pixels * scale_; }
  float room() const { return y_ - bottom_; }
  void skip(float pixels) { y_ -= px(pixels); }
  /// Whether a section of at least this height still fits, rule included.
  bool has_room_for(float pixels) const { return room() >= px(pixels + 28); }
  /// The lower end of the column, moved up by what is pinned there.
  void keep_free(float pixels) { bottom_ += px(pixels); }

  /// One line with its capitals `height` high below the present place; goes below it.
  void text(float height, const std::string& line, Color color) {
    y_ -= px(height);
    canvas_.text({left_, y_}, px(height), fitted(line, px(height), width()), color);
  }
  void text_right(float height, const std::string& line, Color color) {
    canvas_.text({right_, y_}, px(height), line, color, Align::kRight);
  }
  void rule() {
    skip(14);
    canvas_.line({left_, y_}, {right_, y_}, 0.5f, kRule);
    skip(14);
  }

 private:
  Canvas& canvas_;
  float left_, right_, bottom_, y_, scale_;
};

constexpr float kSmall = 9, kBody = 10;          // heights of capitals
constexpr float kRow = 21;                       // from one bar to the next
constexpr float kName = 0.40f, kNumber = 0.30f;  // of the width, beside bars

/// As many decimals as the range asks for, whatever the value, so that the digits stand still.
std::string steady_number(double value, double range) {
  char text[48];
  std::snprintf(text, sizeof text, range <= 1 ? "%.3f" : range <= 200 ? "%.2f" : "%.1f", value);
  return std::fabs(value) < 1e6 ? text : short_number(value);
}

std::string mean_text(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return short_number(sum / static_cast<double>(values.size()));
}

void draw_title(Column& column, const FrameData& frame) {
  column.text(15, frame.spec->id, palette::kInk);
  column.skip(9);
  column.text(kBody, policy_label(frame), kLabel);
  if (!frame.training.empty()) {
    column.skip(7);
    column.text(kBody, frame.training, palette::kGoal);
  }
}

void draw_episode(Canvas& canvas, Column& column, const FrameData& frame) {
  column.text(kSmall, "return", kLabel);
  column.text_right(kSmall, "episode " + std::to_string(frame.episode), kLabel);
  column.skip(9);
  column.text(24, return_text(frame), palette::kInk);
  if (!frame.past_returns.empty()) {
    const Point low{column.left() + 0.5f * column.width(), column.y()};
    columns(canvas, low, {column.right(), column.y() + column.px(24)}, frame.past_returns, 20,
            palette::kAgentLight);
  }
  column.skip(10);
  std::string steps = "step " + std::to_string(frame.step);
  if (frame.max_steps > 0) steps += " of " + std::to_string(frame.max_steps);
  column.text(kSmall, steps, kLabel);
  if (!frame.past_returns.empty()) {
    column.text_right(kSmall, "mean " + mean_text(frame.past_returns), kLabel);
  } else if (frame.step > 0) {
    column.text_right(kSmall, "reward " + short_number(frame.reward), kLabel);
  }
  if (frame.max_steps > 0) {
    column.skip(10);
    const float part = static_cast<float>(frame.step) / static_cast<float>(frame.max_steps);
    bar(canvas, {column.left(), column.y()}, {column.right(), column.y() + column.px(4)}, 0, part,
        palette::kAgent);
  }
}

void draw_value(Canvas& canvas, Column& column, const FrameData& frame) {
  const auto value = state_value(frame.inspection, frame.mask);
  if (!value || !column.has_room_for(kSmall + 40)) return;
  column.rule();
  column.text(kSmall, frame.inspection.value ? "value V(s)" : "best Q(s, a)", kLabel);
  column.text_right(kBody,
                    short_number(frame.past_values.empty() ? *value : frame.past_values.back()),
                    palette::kInk);
  column.skip(40);
  sparkline(canvas, {column.left(), column.y()},
            {column.right() - column.px(3), column.y() + column.px(30)}, frame.past_values,
            std::clamp<std::size_t>(frame.past_values.size(), 30, 200), palette::kGoal);
}

/// A row of name, bar and number; `from`, `to` in [0, 1].
void bar_row(Canvas& canvas, Column& column, const std::string& name, const std::string& number,
             float from, float to, Color color, Color ink) {
  const float number_width = kNumber * column.width();
  const float bar_left = column.left() + kName * column.width();
  const float bar_right = column.right() - number_width - column.px(6);
  column.skip(kBody);
  canvas.text({column.left(), column.y()}, column.px(kBody),
              fitted(name, column.px(kBody), bar_left - column.left() - column.px(8)), ink);
  bar(canvas, {bar_left, column.y() + column.px(1)}, {bar_right, column.y() + column.px(9)}, from,
      to, color);
  column.text_right(kBody, fitted(number, column.px(kBody), number_width), ink);
  column.skip(kRow - kBody);
}

/// How many of the wanted rows to show: `reserved` pixels stay free for what follows, but not at
/// the cost of the first few. One row is kept for "+ n more".
std::size_t rows_that_fit(const Column& column, std::size_t wanted, float reserved) {
  constexpr std::size_t kFirstFew = 6;
  const auto fit = [&](float room) {
    const auto rows = static_cast<std::size_t>(std::max(room / column.px(kRow), 0.0f));
    return wanted <= rows ? wanted : rows > 1 ? rows - 1 : 0;
  };
  return std::max(fit(column.room() - column.px(reserved)),
                  std::min(fit(column.room()), kFirstFew));
}

void draw_more(Column& column, std::size_t missing) {
  if (missing == 0) return;
  column.text(kSmall, "+ " + std::to_string(missing) + " more", kLabel);
  column.skip(kRow - kSmall);
}

void draw_choices(Canvas& canvas, Column& column, const FrameData& frame, float reserved) {
  const std::vector<ChoiceBar> bars = choice_bars(frame);
  if (bars.empty() || !column.has_room_for(kSmall + 11 + kRow)) return;
  const bool has_probabilities = !frame.inspection.probabilities.empty();
  const bool has_values = !has_probabilities && !frame.inspection.action_values.empty();
  column.rule();
  column.text(kSmall,
              has_probabilities ? "action probabilities"
              : has_values      ? "action values Q(s, a)"
                                : "action",
              kLabel);
  column.skip(11);
  const std::size_t shown = rows_that_fit(column, bars.size(), reserved);
  for (std::size_t i = 0; i < shown; ++i) {
    const ChoiceBar& bar = bars[i];
    std::string number;
    if (has_probabilities) {
      char text[16];
      std::snprintf(text, sizeof text, "%.2f", bar.probability.value_or(0));
      number = text;
    } else if (has_values && bar.value) {
      number = short_number(*bar.value);
    }
    if (!bar.is_allowed) number = "no";
    const Color ink = bar.is_allowed ? palette::kInk : palette::kMuted;
    bar_row(canvas, column, bar.name, number, bar.from, bar.to,
            bar.is_chosen ? palette::kAgent : palette::kAgentLight, ink);
  }
  draw_more(column, bars.size() - shown);
  column.skip(-(kRow - kBody));
}

void draw_reals(Canvas& canvas, Column& column, const FrameData& frame, float reserved) {
  const std::vector<RealBar> bars = real_bars(frame);
  if (bars.empty() || !column.has_room_for(kSmall + 11 + kRow)) return;
  column.rule();
  column.text(kSmall, "action", kLabel);
  column.skip(11);
  const std::size_t shown = rows_that_fit(column, bars.size(), reserved);
  for (std::size_t i = 0; i < shown; ++i) {
    const RealBar& real = bars[i];
    const float bar_left = column.left() + kName * column.width();
    const float bar_right = column.right() - kNumber * column.width() - column.px(6);
    const std::string number =
        frame.action.empty() ? "" : steady_number(real.action, real.high - real.low);
    const float y = column.y();
    bar_row(canvas, column, real.name, number, real.place(0), real.place(real.action),
            palette::kAgent, palette::kInk);
    draw_gaussian(canvas, {bar_left, y - column.px(9)}, {bar_right, y - column.px(1)}, real);
  }
  draw_more(column, bars.size() - shown);
  column.skip(-(kRow - kBody));
}

void draw_observation(Canvas& canvas, Column& column, const FrameData& frame) {
  constexpr std::size_t kMost = 64;
  const std::vector<ObservedValue> values = observed_values(frame, kMost);
  if (values.empty() || !column.has_room_for(kSmall + 11 + kRow)) return;
  column.rule();
  column.text(kSmall, "observation", kLabel);
  column.skip(11);
  const std::size_t shown = rows_that_fit(column, values.size(), 0);
  for (std::size_t i = 0; i < shown; ++i) {
    const ObservedValue& observed = values[i];
    if (observed.categories > 0) {
      const float n = static_cast<float>(observed.categories),
                  at = static_cast<float>(observed.value);
      bar_row(canvas, column, observed.name,
              short_number(observed.value) + "/" + std::to_string(observed.categories), at / n,
              (at + 1) / n, palette::kAgentLight, palette::kInk);
      continue;
    }
    const auto place = [&](double value) {
      return static_cast<float>((value - observed.low) / (observed.high - observed.low));
    };
    std::string number = steady_number(observed.value, observed.high - observed.low);
    // "0.2 10 m" would say nothing: multiples ("10 m") are left to `describe`.
    const std::string& unit = observed.unit;
    const bool is_multiple = !unit.empty() && unit[0] >= '0' && unit[0] <= '9';
    if (!unit.empty() && !is_multiple) number += " " + unit;
    bar_row(canvas, column, observed.name, number,
            place(std::clamp(0.0, observed.low, observed.high)), place(observed.value),
            palette::kAgentLight, palette::kInk);
  }
  draw_more(column, values.size() - shown);
}

}  // namespace

void draw_side_panel(Canvas& canvas, Point low, Point high, float scale, const FrameData& frame) {
  canvas.rectangle(low, high, kPaper);
  canvas.line({low.x, low.y}, {low.x, high.y}, 0.5f, kRule);
  Column column(canvas, low, high, scale);

  // The foot, pinned to the lower end.
  const float foot = low.y + column.px(14);
  std::string pace = "speed " + speed_label(frame.speed);
  if (frame.is_by_hand && frame.spec->turn_based) pace = "waits for you";
  canvas.text({column.left(), foot}, column.px(kSmall), frame.is_paused ? "paused" : pace,
              frame.is_paused ? palette::kDanger : kLabel);
  canvas.text({column.right(), foot}, column.px(kSmall), frame.is_by_hand ? "F1: help" : "h: help",
              kLabel, Align::kRight);
  column.keep_free(40);

  draw_title(column, frame);
  column.rule();
  draw_episode(canvas, column, frame);
  draw_value(canvas, column, frame);
  const float observation_part = frame.spec->obs.fields().empty() ? 0 : 3.5f * kRow;
  draw_choices(canvas, column, frame, observation_part);
  draw_reals(canvas, column, frame, observation_part);
  draw_observation(canvas, column, frame);
}

}  // namespace tern
