#include "render/terminal_frame.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/drawing/raster_canvas.h"
#include "core/drawing/text_canvas.h"
#include "render/env_grid.h"
#include "render/explainer.h"
#include "render/frame_layout.h"
#include "render/learning_curve_panel.h"
#include "render/side_by_side.h"

namespace tern {
namespace {

constexpr Color kText{208, 212, 214}, kDim{128, 138, 143}, kBright{255, 255, 255};
constexpr Color kBar = palette::kAgentLight, kChosen{40, 150, 220}, kAlert{240, 120, 40};

/// Lines from the top of a rectangle of characters to its bottom.
class Lines {
 public:
  Lines(TerminalScreen& screen, const TerminalKind& kind, int column, int row, int width,
        int bottom)
      : screen_(screen), kind_(kind), column_(column), row_(row), width_(width), bottom_(bottom) {}

  bool has_room() const { return row_ < bottom_; }
  void skip() { ++row_; }
  void add(const std::string& line, Color ink, const std::string& right = "") {
    if (!has_room()) return;
    const int end = static_cast<int>(right.size());
    screen_.text(column_, row_, width_ - (end > 0 ? end + 1 : 0), line, ink);
    if (end > 0) screen_.text(column_ + width_ - end, row_, end, right, kText);
    ++row_;
  }
  void add_bar(const std::string& name, const std::string& number, float from, float to,
               Color color, Color ink) {
    if (!has_room()) return;
    const int name_width = width_ * 2 / 5 - 1, number_width = std::max(width_ / 4, 8);
    const int left = column_ + name_width + 1;
    screen_.text(column_, row_, name_width, name, ink);
    screen_.bar(left, row_, width_ - name_width - number_width - 2, from, to, color,
                kind_.has_blocks);
    const int size = std::min(static_cast<int>(number.size()), number_width);
    screen_.text(column_ + width_ - size, row_, size, number, ink);
    ++row_;
  }

 private:
  TerminalScreen& screen_;
  const TerminalKind& kind_;
  int column_, row_, width_, bottom_;
};

/// Characters, from the upper left corner.
struct Box {
  int left = 0, top = 0, columns = 0, rows = 0;
};

void draw_env_in_blocks(TerminalScreen& screen, const RecordingCanvas& env, const FrameData& frame,
                        const Box& box) {
  const int columns = box.columns, rows = box.rows;
  RasterCanvas picture(columns, 2 * rows);
  const auto w = static_cast<float>(columns), h = static_cast<float>(2 * rows);
  picture.set_view({0, 0}, {w, h}, palette::kBackground);
  draw_env_in(picture, {0, 0}, {w, h}, env, frame.spec->id);
  const auto pixel = [&](int x, int y) {
    const std::uint8_t* rgb = &picture.rgb()[3 * static_cast<std::size_t>(y * columns + x)];
    return Color{rgb[0], rgb[1], rgb[2]};
  };
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      screen.put(box.left + column, box.top + row,
                 {U'\u2580', pixel(column, 2 * row), pixel(column, 2 * row + 1)});
    }
  }
}

void draw_env_in_letters(TerminalScreen& screen, const RecordingCanvas& env, const Box& box) {
  TextCanvas canvas(box.columns, box.rows);
  env.replay(canvas);
  const std::string picture = canvas.str();
  int row = box.top;
  for (std::size_t begin = 0, end; (end = picture.find('\n', begin)) != std::string::npos;
       begin = end + 1, ++row) {
    screen.text(box.left, row, box.columns, picture.substr(begin, end - begin), kText);
  }
}

void draw_env(TerminalScreen& screen, const RecordingCanvas& env, const FrameData& frame,
              const TerminalKind& kind, const Box& box) {
  if (kind.has_blocks) {
    draw_env_in_blocks(screen, env, frame, box);
  } else {
    draw_env_in_letters(screen, env, box);
  }
}

/// How a grid of envs is shared out.
struct TileShape {
  int across = 1, columns = 0, rows = 0;  // tiles in a row; characters of each, with its caption
  bool has_room() const { return columns >= 12 && rows >= 5; }
};

TileShape tile_shape(const FrameData& frame, int columns, int rows) {
  const std::size_t count = frame.tiles.size();
  TileShape shape;
  shape.across = static_cast<int>(grid_columns(count, static_cast<float>(columns),
                                               static_cast<float>(2 * rows), /*caption=*/2,
                                               aspect_of(frame.tiles[0].env)));
  shape.columns = columns / shape.across;
  shape.rows = rows / ((static_cast<int>(count) + shape.across - 1) / shape.across);
  return shape;
}

void draw_tiles(TerminalScreen& screen, const FrameData& frame, const TerminalKind& kind,
                const TileShape& shape) {
  for (std::size_t i = 0; i < frame.tiles.size(); ++i) {
    const int row = static_cast<int>(i) / shape.across, column = static_cast<int>(i) % shape.across;
    const Box box{column * shape.columns, row * shape.rows + 1, shape.columns - 1, shape.rows - 1};
    const bool is_selected = i == frame.selected_tile;
    const TileCaption caption =
        tile_caption(frame.tiles[i], static_cast<float>(box.columns - 2),
                     [](const std::string& line) { return static_cast<float>(line.size()); });
    const Color ink = is_selected ? kBright : frame.tiles[i].end.empty() ? kDim : kAlert;
    screen.text(box.left, box.top - 1, box.columns, (is_selected ? "> " : "  ") + caption.left,
                ink);
    const int size = static_cast<int>(caption.right.size());
    screen.text(box.left + box.columns - size, box.top - 1, size, caption.right, kText);
    draw_env(screen, frame.tiles[i].env, frame, kind, box);
  }
}

/// Both of two side by side, each in half of the columns; all of a grid, if they have room.
void draw_envs(TerminalScreen& screen, const FrameData& frame, const TerminalKind& kind,
               int columns, int rows) {
  if (!frame.tiles.empty()) {
    const TileShape shape = tile_shape(frame, columns, rows);
    if (shape.has_room()) return draw_tiles(screen, frame, kind, shape);
  }
  const std::vector<const FrameData*> sides = sides_in_order(frame);
  const int count = static_cast<int>(sides.size()), gap = count > 1 ? 1 : 0;
  for (int i = 0; i < count; ++i) {
    const int left = i * (columns + gap) / count;
    const int width = (i + 1) * (columns + gap) / count - gap - left;
    const FrameData& side = *sides[static_cast<std::size_t>(i)];
    draw_env(screen, side.env, side, kind, {left, 0, width, rows});
  }
}

std::string value_text(double value, const std::string& unit) {
  const bool is_multiple = !unit.empty() && unit[0] >= '0' && unit[0] <= '9';
  return short_number(value) + (unit.empty() || is_multiple ? "" : " " + unit);
}

void add_actions(Lines& lines, const FrameData& frame) {
  const Inspection& thought = frame.inspection;
  for (const ChoiceBar& bar : choice_bars(frame)) {
    std::string number;
    if (!thought.probabilities.empty() && bar.probability) number = short_number(*bar.probability);
    if (thought.probabilities.empty() && bar.value) number = short_number(*bar.value);
    if (bar.deviation) number += " +-" + short_number(*bar.deviation);
    if (!bar.is_allowed) number = "no";
    const std::string mark = bar.is_policy_choice ? "* " : "";
    lines.add_bar(mark + bar.name, number, bar.from, bar.to, bar.is_chosen ? kChosen : kBar,
                  !bar.is_allowed ? kDim
                  : bar.is_chosen ? kBright
                                  : kText);
  }
  for (const RealBar& real : real_bars(frame)) {
    const std::string number = frame.action.empty() ? "" : value_text(real.action, real.unit);
    lines.add_bar(real.name, number, real.place(0), real.place(real.action), kChosen, kText);
    if (!real.policy_action) continue;
    lines.add_bar("* " + real.name, value_text(*real.policy_action, real.unit), real.place(0),
                  real.place(*real.policy_action), kBar, kText);
  }
}

void add_observation(Lines& lines, const FrameData& frame) {
  for (const ObservedValue& observed : observed_values(frame, 64)) {
    const auto place = [&](double value) {
      return static_cast<float>((value - observed.low) / (observed.high - observed.low));
    };
    if (observed.categories > 0) {
      const float n = static_cast<float>(observed.categories),
                  at = static_cast<float>(observed.value - observed.first);
      lines.add_bar(
          observed.name,
          short_number(observed.value) + "/" + std::to_string(observed.first + observed.categories),
          at / n, (at + 1) / n, kBar, kText);
    } else {
      lines.add_bar(observed.name, value_text(observed.value, observed.unit),
                    place(std::clamp(0.0, observed.low, observed.high)), place(observed.value),
                    kBar, kText);
    }
  }
}

/// What the policy's output rests on.
void add_why(Lines& lines, const FrameData& frame) {
  if (frame.why == nullptr) return;
  lines.skip();
  const std::string method = method_label(frame);
  lines.add(frame.why->output.empty() ? "why" : "why: " + frame.why->output, kBright,
            frame.why->refusal.empty() ? method : "");
  if (!frame.why->refusal.empty()) lines.add(frame.why->refusal, kAlert);
  for (const ScoreBar& bar : score_bars(frame, 8)) {
    lines.add_bar(bar.name, score_text(bar.score), 0.5f, bar.to,
                  bar.score < 0 ? kChosen : palette::kItem, kText);
  }
}

/// The newest points of the learning curve.
void add_progress(Lines& lines, const TrainingProgress& progress) {
  const LearningCurve& curve = progress.curve;
  const std::string speed = training_speed_text(progress);
  if (!curve.returns().empty()) {
    lines.add("training return " + short_number(curve.returns().back().value), kText, speed);
  }
  if (!curve.evaluations().empty()) {
    const EvalPoint& last = curve.evaluations().back();
    lines.add("evaluation " + short_number(last.mean) + " +- " + short_number(last.deviation),
              kText, "step " + count_text(last.step));
  }
}

/// What plays side by side, the left one first.
void add_sides(Lines& lines, const FrameData& frame) {
  for (const FrameData* each : sides_in_order(frame)) {
    lines.add(each->side, each == &frame ? kBright : kText, return_text(*each));
  }
  lines.add(difference_text(frame), frame.first_difference ? kAlert : kDim);
}

void add_panel(Lines lines, const FrameData& frame, bool shows_grid) {
  lines.add(frame.spec->id, kBright);
  lines.add(policy_label(frame), kDim, "seed " + std::to_string(frame.seed));
  if (!frame.tiles.empty() && !shows_grid) {
    lines.add(std::to_string(frame.tiles.size()) + " envs, no room for them: t the next", kDim);
  }
  if (!frame.training.empty()) lines.add(frame.training, palette::kGoal);
  if (frame.other != nullptr) add_sides(lines, frame);
  if (frame.progress != nullptr) add_progress(lines, *frame.progress);
  lines.skip();
  std::string step = "step " + std::to_string(frame.step);
  if (frame.max_steps > 0) step += " of " + std::to_string(frame.max_steps);
  lines.add("return " + return_text(frame), kBright, "episode " + std::to_string(frame.episode));
  lines.add(step, kText);
  if (const auto value = state_value(frame.inspection, frame.mask)) {
    lines.add(value_name(frame.inspection), kText, short_number(*value));
  }
  if (frame.chart != nullptr && !frame.chart->td_errors.empty()) {
    const double error = frame.chart->td_errors.back();
    lines.add("realised so far", kText, short_number(frame.chart->realised.back()));
    if (std::isfinite(error)) lines.add("TD error", kText, short_number(error));
  }
  if (frame.board != nullptr && frame.board->here) {
    lines.add("optimum V*(s)", kText, short_number(frame.board->here->optimum));
    const std::string best =
        frame.board->here->is_action_best ? "the best action" : "a better action is known";
    if (frame.board->here->action) lines.add(best, kText);
  }
  lines.skip();
  if (frame.is_taken_over || !frame.policy_action.empty()) {
    lines.add(frame.is_taken_over ? "you steer; tab hands back" : "steered by hand", kAlert);
    if (!frame.policy_action.empty()) lines.add("* " + agent_name(frame) + " would", kDim);
  }
  add_actions(lines, frame);
  add_why(lines, frame);
  if (!frame.reward_terms.empty()) {
    lines.skip();
    lines.add("reward", kDim, short_number(frame.reward));
    const double bound = std::max(frame.largest_reward_term, 1e-9);
    for (std::size_t i = 0; i < frame.reward_terms.size(); ++i) {
      const double term = static_cast<double>(frame.reward_terms[i]);
      lines.add_bar(frame.spec->reward_terms[i], short_number(term), 0.5f,
                    static_cast<float>(0.5 + 0.5 * term / bound),
                    term < 0 ? kAlert : palette::kGoal, kText);
    }
  }
  const std::vector<ObservedValue> told = info_values(frame);
  if (!told.empty()) {
    lines.skip();
    lines.add("info", kDim);
    for (const ObservedValue& value : told) lines.add(value.name, kText, short_number(value.value));
  }
  lines.skip();
  if (frame.spec->players > 1) {
    lines.add("seen by player " + std::to_string(frame.player), kDim);
  }
  add_observation(lines, frame);
}

void add_help(TerminalScreen& screen, int columns, int rows, const FrameData& frame) {
  const std::vector<KeyMeaning> lines = help_lines(frame);
  int row = std::max((rows - static_cast<int>(lines.size())) / 2, 0);
  const int left = std::max((columns - 36) / 2, 0);
  for (const KeyMeaning& help : lines) {
    for (int i = 0; i < 36; ++i) screen.put(left + i, row, {U' ', kText, {38, 50, 56}});
    screen.text(left + 1, row, 16, help.keys, kBar);
    screen.text(left + 18, row, 18, help.meaning, kBright);
    ++row;
  }
}

/// The state of the show, the place in the episode, and what the keys are.
void add_foot(TerminalScreen& screen, const FrameData& frame, const TerminalKind& kind) {
  const int row = screen.rows() - 1, columns = screen.columns();
  std::string state = frame.is_paused ? "paused" : frame.is_replay ? "replay" : "live";
  if (!frame.breakpoint.empty()) state += " at " + frame.breakpoint;
  state += "  " + speed_label(frame.speed);
  const std::string end = end_label(frame);
  if (!frame.notice.empty()) {
    state = frame.notice;
  } else if (!end.empty() && frame.breakpoint.empty() && frame.other == nullptr &&
             frame.tiles.empty()) {
    state = end + " after " + std::to_string(frame.step) + " steps";
    if (frame.is_taken_over) state += "; enter plays again";
  }
  const std::string keys = frame.is_taken_over ? "tab hands back  F1 keys  esc quit"
                                               : "space pause  <- -> step  h keys  q quit";
  const int size = std::min(static_cast<int>(state.size()), columns);
  screen.text(0, row, size, state, frame.is_paused || !end.empty() ? kAlert : kText);
  const int keys_size = static_cast<int>(keys.size());
  const int track = size + 2, track_width = columns - track - keys_size - 2;
  const int steps = std::max(frame.recorded_steps - frame.first_recorded_step, 1);
  const float part = static_cast<float>(frame.time_line_step - frame.first_recorded_step) /
                     static_cast<float>(steps);
  if (track_width >= 8) {
    screen.bar(track, row, track_width, 0, frame.is_replay ? part : 1,
               frame.is_replay ? palette::kItem : kBar, kind.has_blocks);
  }
  if (size + 2 + keys_size <= columns) {
    screen.text(columns - keys_size, row, keys_size, keys, kDim);
  }
}

}  // namespace

void draw_terminal_frame(TerminalScreen& screen, const FrameData& frame,
                         const TerminalKind& terminal) {
  TerminalKind kind = terminal;  // without colours blocks are all alike
  kind.has_blocks = terminal.has_blocks && terminal.colors != TerminalColors::kNone;
  constexpr int kLeastBeside = 70, kMostPanel = 44, kGap = 2;
  const int columns = screen.columns(), rows = screen.rows() - 1;
  const bool is_beside = columns >= kLeastBeside;
  const int panel = is_beside ? std::min(kMostPanel, columns * 2 / 5) : columns;
  const int env_columns = is_beside ? columns - panel - kGap : columns;
  const int env_rows = is_beside ? rows : std::max(rows / 2, 1);
  draw_envs(screen, frame, kind, env_columns, env_rows);
  const bool shows_grid =
      !frame.tiles.empty() && tile_shape(frame, env_columns, env_rows).has_room();
  add_panel(is_beside ? Lines(screen, kind, columns - panel, 0, panel, rows)
                      : Lines(screen, kind, 0, env_rows, columns, rows),
            frame, shows_grid);
  add_foot(screen, frame, kind);
  if (frame.shows_help) add_help(screen, env_columns, env_rows, frame);
}

}  // namespace tern
