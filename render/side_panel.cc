#include "render/side_panel.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "core/field_groups.h"
#include "render/board_overlay.h"
#include "render/gaussian_bracket.h"
#include "render/image_tiles.h"
#include "render/learning_curve_panel.h"
#include "render/observed_images.h"
#include "render/panel_column.h"
#include "render/quantile_ticks.h"
#include "render/side_by_side.h"
#include "render/value_chart.h"
#include "render/why_panel.h"
#include "render/widgets.h"

namespace tern {
namespace {

using namespace widgets;  // NOLINT: the panel's own vocabulary

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

/// "greedy, seed 3, level 12".
std::string how_it_plays(const FrameData& frame) {
  std::string text;
  if (!frame.agent.empty()) text = frame.is_stochastic ? "stochastic, " : "greedy, ";
  text += "seed " + std::to_string(frame.seed);
  if (frame.spec->num_levels > 1) text += ", level " + std::to_string(frame.level);
  return text;
}

void draw_title(PanelColumn& column, const FrameData& frame) {
  column.text(15, frame.spec->id, palette::kInk);
  column.skip(9);
  column.text(kBodyText, policy_label(frame), kLabel);
  column.skip(7);
  column.text(kSmallText, how_it_plays(frame), kLabel);
  if (!frame.policy_action.empty() || frame.is_taken_over) {
    column.skip(7);
    column.text(kBodyText, frame.is_taken_over ? "you steer; tab hands back" : "steered by hand",
                palette::kDanger);
  }
  if (!frame.training.empty()) {
    column.skip(7);
    column.text(kBodyText, frame.training, palette::kGoal);
  }
}

void draw_episode(PanelColumn& column, const FrameData& frame) {
  column.rule();
  column.text(kSmallText, frame.is_by_hand ? "score" : "return", kLabel,
              "episode " + std::to_string(frame.episode));
  column.skip(9);
  column.text(24, return_text(frame), palette::kInk);
  if (!frame.past_returns.empty() && column.in_sight(24)) {
    const Point low{column.left() + 0.5f * column.width(), column.y()};
    columns(column.canvas(), low, {column.right(), column.y() + column.px(24)},
            frame.past_returns, 20, palette::kAgentLight);
  }
  column.skip(10);
  std::string steps = "step " + std::to_string(frame.step);
  if (frame.max_steps > 0) steps += " of " + std::to_string(frame.max_steps);
  std::string right;
  if (!frame.past_returns.empty()) {
    right = "mean " + mean_text(frame.past_returns);
  } else if (frame.step > 0) {
    right = "reward " + short_number(frame.reward);
  }
  column.text(kSmallText, steps, kLabel, right);
  if (frame.max_steps > 0) {
    column.skip(6);
    const float part = static_cast<float>(frame.step) / static_cast<float>(frame.max_steps);
    if (column.take(4)) {
      bar(column.canvas(), {column.left(), column.y()},
          {column.right(), column.y() + column.px(4)}, 0, part, palette::kAgent);
    }
  }
}

/// Where a bar's row is, and what is drawn in it; `from`, `to` in [0, 1].
struct BarRow {
  std::string name, number, hint;
  float from = 0, to = 0;
  Color color = palette::kAgentLight, ink = palette::kInk;
  std::optional<float> mark = {};  // in [0, 1]: what the policy would do
  int depth = 0;                   // of the groups that it is in
};

/// The bar's corners, or nothing if the row is out of sight.
bool draw_row(PanelColumn& column, const BarRow& row, Rectangle* corners = nullptr) {
  const bool is_seen = column.take(kBodyText);
  if (is_seen) {
    const float number_width = kNumber * column.width(), size = column.px(kBodyText);
    const float bar_left = column.left() + kName * column.width();
    const float bar_right = column.right() - number_width - column.px(6);
    const float y = column.y();
    const Rectangle at{{bar_left, y + column.px(1)}, {bar_right, y + column.px(9)}};
    const float name_left = column.left() + column.px(kGroupIndent) * static_cast<float>(row.depth);
    column.canvas().text({name_left, y}, size,
                         fitted(row.depth > 0 ? name_in_group(row.name) : row.name, size,
                                bar_left - name_left - column.px(8)),
                         row.ink);
    bar(column.canvas(), at.low, at.high, row.from, row.to, row.color);
    if (row.mark) {
      const float x = at.low.x + *row.mark * (at.high.x - at.low.x), half = column.px(1.5f);
      column.canvas().rectangle({x - half, at.low.y - column.px(3)},
                                {x + half, at.high.y + column.px(3)}, palette::kItem);
    }
    column.canvas().text({column.right(), y}, size, fitted(row.number, size, number_width),
                         row.ink, Align::kRight);
    column.add_area(kBodyText, row.name + " " + row.hint);
    if (corners != nullptr) *corners = at;
  }
  column.skip(kRow - kBodyText);
  return is_seen;
}

/// After the last row of a section: rules leave a distance of their own.
void end_rows(PanelColumn& column) {
  column.skip(-(kRow - kBodyText));
}

/// Whether a person may choose another action for the moment that is shown.
bool is_branching(const FrameData& frame) {
  return frame.is_paused && !frame.is_by_hand && !frame.is_taken_over && !frame.action.empty();
}

/// "1  " before the first action's name, while its key means something.
std::string branch_key(const FrameData& frame, std::size_t i) {
  if (!is_branching(frame) || i > 9) return "";
  return std::to_string((i + 1) % 10) + "  ";
}

/// Where a person steers, it says what the marks are.
bool draw_action_title(PanelColumn& column, const std::string& title, const std::string& right,
                       const FrameData& frame) {
  if (frame.policy_action.empty()) return column.section(PanelSection::kAction, title, right);
  const std::string mark = "mark: " + agent_name(frame) + " would";
  return column.section(PanelSection::kAction, title, mark, palette::kDanger);
}

void draw_choices(PanelColumn& column, const FrameData& frame) {
  const std::vector<ChoiceBar> bars = choice_bars(frame);
  if (bars.empty()) return;
  const bool has_probabilities = !frame.inspection.probabilities.empty();
  const bool has_values = !has_probabilities && !frame.inspection.action_values.empty();
  const char* title = has_probabilities ? "action probabilities"
                      : has_values      ? "action values Q(s, a)"
                                        : "action";
  const std::string gap = has_values ? gap_label(bars) : "";
  if (!draw_action_title(column, title, gap, frame)) return;
  column.skip(11);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const ChoiceBar& bar = bars[i];
    BarRow row{branch_key(frame, i) + bar.name,
               "",
               "",
               bar.from,
               bar.to,
               palette::kAgentLight,
               palette::kInk};
    if (has_probabilities) {
      char text[16];
      std::snprintf(text, sizeof text, "%.2f", bar.probability.value_or(0));
      row.number = text;
      row.hint = exact_number(bar.probability.value_or(0));
    } else if (has_values && bar.value) {
      row.number = short_number(*bar.value);
      row.hint = exact_number(*bar.value);
      if (bar.deviation) row.hint += ", returns deviate by " + short_number(*bar.deviation);
    }
    if (bar.is_chosen) row.color = palette::kAgent;
    if (bar.is_chosen && !frame.policy_action.empty()) row.ink = palette::kDanger;  // a person's
    if (bar.is_policy_choice) {
      row.mark = 0.0f;
      row.hint += ", what " + agent_name(frame) + " would do";
    }
    if (!bar.is_allowed) {
      row.number = "no";
      row.hint = "is not allowed now";
      row.ink = palette::kMuted;
    }
    Rectangle at;
    const bool is_seen = draw_row(column, row, &at);
    if (is_seen) draw_quantiles(column.canvas(), at.low, at.high, bar);
    if (is_seen && !bar.is_allowed) {
      const float y = (at.low.y + at.high.y) / 2;
      const float size = column.px(kBodyText);
      const float end =
          column.left() + text_width(fitted(row.name, size, at.low.x - column.left()), size);
      column.canvas().line({column.left(), y}, {end, y}, column.px(1), palette::kMuted);
    }
    const bool may_branch = is_branching(frame) && bar.is_allowed && !bar.is_chosen;
    if (may_branch && !column.map.areas.empty() && at.high.x > at.low.x) {
      column.map.areas.back().change = numbered_change(frame, i);
      column.map.areas.back().hint += "; click: what if";
    }
  }
  end_rows(column);
}

void draw_reals(PanelColumn& column, const FrameData& frame) {
  const std::vector<RealBar> bars = real_bars(frame);
  if (bars.empty() || !draw_action_title(column, "action", "", frame)) return;
  column.skip(11);
  for (const RealBar& real : bars) {
    const std::string number =
        frame.action.empty() ? "" : steady_number(real.action, real.high - real.low);
    std::string hint = frame.action.empty() ? "" : exact_number(real.action);
    if (real.mean) hint += ", mean " + short_number(*real.mean);
    if (real.standard_deviation) hint += " +- " + short_number(*real.standard_deviation);
    hint += ", " + short_number(real.low) + " to " + short_number(real.high) +
            (real.unit.empty() ? "" : " " + real.unit);
    Rectangle at;
    BarRow row{real.name,       number,       hint, real.place(0), real.place(real.action),
               palette::kAgent, palette::kInk};
    if (real.policy_action) row.mark = real.place(*real.policy_action);
    if (!draw_row(column, row, &at)) continue;
    draw_gaussian(column.canvas(), at.low, at.high, real);
    if (!is_branching(frame)) continue;
    PanelMap::Area& area = column.map.areas.back();
    area.change = ActionChange{static_cast<std::size_t>(&real - bars.data()), 0};
    area.bar = at;
    area.low = real.low;
    area.high = real.high;
    area.hint += "; click into the bar: what if";
  }
  end_rows(column);
}

void draw_terms(PanelColumn& column, const FrameData& frame) {
  const std::vector<std::string>& names = frame.spec->reward_terms;
  if (names.empty() || frame.reward_terms.size() != names.size()) return;
  const std::string sum = "reward " + short_number(frame.reward);
  if (!column.section(PanelSection::kTerms, "reward terms", sum, palette::kInk)) return;
  column.skip(11);
  const double bound = std::max(frame.largest_reward_term, 1e-9);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double term = static_cast<double>(frame.reward_terms[i]);
    const float to = std::isfinite(term) ? static_cast<float>(0.5 + 0.5 * term / bound) : 0.5f;
    draw_row(column, {names[i], short_number(term), exact_number(term), 0.5f, to,
                      term < 0 ? palette::kDanger : palette::kGoal, palette::kInk});
  }
  end_rows(column);
}

/// The headings of the groups that a list of values passes through.
class GroupHeadings {
 public:
  explicit GroupHeadings(PanelColumn& column) : column_(column) {}

  /// Draws those of `group` that do not stand above already; false if one of them is folded.
  bool enter(const std::string& group) {
    if (group == group_) return is_open_;
    const std::string before = std::exchange(group_, group) + ".";
    depth_ = 0;
    is_open_ = true;
    for (std::size_t dot = group.find('.'); !group.empty() && is_open_;
         dot = group.find('.', dot + 1)) {
      const std::string outer = group.substr(0, dot);
      if (before.compare(0, outer.size() + 1, outer + ".") != 0) {
        opened_[outer] = column_.group(outer, depth_);
        column_.skip(kRow - kBodyText);
      }
      is_open_ = opened_[outer];
      ++depth_;
      if (dot == std::string::npos) break;
    }
    return is_open_;
  }
  int depth() const { return depth_; }

 private:
  PanelColumn& column_;
  std::string group_;
  std::map<std::string, bool> opened_;
  int depth_ = 0;
  bool is_open_ = true;
};

/// A number as a bar in its range.
BarRow number_row(const ObservedValue& observed) {
  const auto place = [&](double value) {
    return static_cast<float>((value - observed.low) / (observed.high - observed.low));
  };
  // "0.2 10 m" would say nothing: multiples ("10 m") are left to `describe`.
  const std::string& unit = observed.unit;
  const bool is_multiple = !unit.empty() && unit[0] >= '0' && unit[0] <= '9';
  const std::string end = unit.empty() || is_multiple ? "" : " " + unit;
  return {observed.name,
          steady_number(observed.value, observed.high - observed.low) + end,
          exact_number(observed.value) + end,
          place(std::clamp(0.0, observed.low, observed.high)),
          place(observed.value),
          palette::kAgentLight,
          palette::kInk};
}

/// What the env tells of the last step beside the observation.
void draw_info(PanelColumn& column, const FrameData& frame) {
  const std::vector<ObservedValue> values = info_values(frame);
  if (values.empty() || !column.section(PanelSection::kInfo, "info")) return;
  column.skip(11);
  for (const ObservedValue& told : values) draw_row(column, number_row(told));
  end_rows(column);
}

void draw_observation(PanelColumn& column, const FrameData& frame) {
  constexpr std::size_t kMost = 1024;
  constexpr float kMostImageHeight = 150;
  const std::vector<ObservedValue> values = observed_values(frame, kMost);
  if (frame.spec->obs.fields().empty() || frame.obs.empty()) return;
  const std::string view =
      frame.spec->players > 1 ? "seen by player " + std::to_string(frame.player) : "";
  if (!column.section(PanelSection::kObservation, "observation", view)) return;
  column.skip(11);
  draw_image_tiles(column, observed_images(frame), kMostImageHeight);
  GroupHeadings headings(column);
  for (const ObservedValue& observed : values) {
    if (!headings.enter(observed.group)) continue;
    BarRow row{observed.name, "", "", 0, 0, palette::kAgentLight, palette::kInk};
    row.depth = headings.depth();
    if (observed.categories > 0) {
      const float n = static_cast<float>(observed.categories),
                  at = static_cast<float>(observed.value - observed.first);
      row.number =
          short_number(observed.value) + "/" + std::to_string(observed.first + observed.categories);
      row.hint = row.number;
      row.from = at / n;
      row.to = (at + 1) / n;
    } else {
      row = number_row(observed);
      row.depth = headings.depth();
    }
    draw_row(column, row);
  }
  end_rows(column);
}

/// What a policy with memory keeps, as cells: blue below zero, orange above.
void draw_memory(PanelColumn& column, const FrameData& frame) {
  const std::vector<double>& state = frame.inspection.recurrent_state;
  if (state.empty()) return;
  const std::string size = std::to_string(state.size()) + " numbers";
  if (!column.section(PanelSection::kMemory, "memory", size)) return;
  constexpr std::size_t kPerRow = 32;
  const std::size_t rows = (state.size() + kPerRow - 1) / kPerRow;
  std::vector<std::uint8_t> rgb(3 * kPerRow * rows, 255);
  for (std::size_t i = 0; i < state.size(); ++i) {
    const double part = std::isfinite(state[i]) ? std::clamp(state[i], -1.0, 1.0) : 0;
    const Color end = part < 0 ? palette::kAgent : palette::kItem;
    const auto mix = [&](std::uint8_t to) {
      return static_cast<std::uint8_t>(std::lround(255 + std::fabs(part) * (to - 255)));
    };
    rgb[3 * i] = mix(end.r);
    rgb[3 * i + 1] = mix(end.g);
    rgb[3 * i + 2] = mix(end.b);
  }
  column.skip(11);
  const float cell = column.width() / column.px(1) / kPerRow;
  const float height = cell * static_cast<float>(rows);
  if (column.take(height)) {
    column.canvas().image({column.left(), column.y()},
                          {column.right(), column.y() + column.px(height)},
                          static_cast<int>(kPerRow), static_cast<int>(rows), rgb.data());
  }
}

void draw_foot(PanelColumn& column, Point low, const FrameData& frame) {
  if (frame.is_recorded) return;
  const float foot = low.y + column.px(14);
  std::string pace = "speed " + speed_label(frame.speed);
  const auto rate = [&](const std::optional<double>& per_second, const char* unit) {
    if (per_second) pace += "   " + count_text(std::llround(*per_second)) + unit;
  };
  rate(frame.steps_per_second, " steps/s");
  rate(frame.frames_per_second, " frames/s");
  const bool has_player = frame.is_by_hand || frame.is_taken_over;
  if (has_player && frame.spec->turn_based) pace = "waits for you";
  column.canvas().text({column.left(), foot}, column.px(kSmallText),
                       frame.is_paused ? "paused" : pace,
                       frame.is_paused ? palette::kDanger : kLabel);
  column.canvas().text({column.right(), foot}, column.px(kSmallText),
                       has_player ? "F1: help" : "h: help", kLabel, Align::kRight);
}

/// How much of the contents is in sight, and where.
void draw_scroll_bar(PanelColumn& column, Point high, float scale, const FrameData& frame,
                     float hidden) {
  const float room = high.y - column.bottom(), all = room + hidden;
  const float top = high.y - room * frame.panel_scroll * scale / all;
  rounded(column.canvas(), {high.x - 7 * scale, top - room * room / all},
          {high.x - 3 * scale, top}, 2 * scale, kRule);
}

}  // namespace

PanelMap draw_side_panel(Canvas& canvas, Point low, Point high, float scale,
                         const FrameData& frame) {
  canvas.rectangle(low, high, kPaper);
  canvas.line({low.x, low.y}, {low.x, high.y}, 0.5f, kRule);
  PanelColumn column(canvas, low, high, scale, frame);
  draw_foot(column, low, frame);
  draw_title(column, frame);
  draw_sides_section(column, frame);
  draw_episode(column, frame);
  draw_learning_curve(column, frame);
  draw_board_section(column, frame);
  draw_value_section(column, frame);
  draw_choices(column, frame);
  draw_quantile_section(column, frame);
  draw_reals(column, frame);
  draw_why_section(column, frame);
  draw_terms(column, frame);
  draw_info(column, frame);
  draw_observation(column, frame);
  draw_memory(column, frame);
  const float end = column.y() - frame.panel_scroll * scale;  // where they would end unscrolled
  column.map.hidden = std::max(column.bottom() - end, 0.0f);
  column.map.panel = {low, high};
  column.map.scale = scale;
  const bool scrolls = column.map.hidden > 0 && !frame.is_recorded;
  if (scrolls) draw_scroll_bar(column, high, scale, frame, column.map.hidden);
  return std::move(column.map);
}

}  // namespace tern
