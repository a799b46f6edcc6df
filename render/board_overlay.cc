#include "render/board_overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "render/widgets.h"

namespace tern {
namespace {

using namespace widgets;  // NOLINT: the panel's own vocabulary

constexpr std::size_t kMostNumbers = 144;  // cells; more are too small to be read
constexpr std::uint8_t kTint = 150;        // opacity

/// What is written into a cell, if there is something.
std::optional<double> shown_value(const BoardCell& cell, BoardView view) {
  const StateThought& thought = cell.thought;
  if (view == BoardView::kVisits) return static_cast<double>(cell.visits);
  if (view == BoardView::kOptimum) return thought.optimum;
  if (!thought.value) return std::nullopt;
  return view == BoardView::kPolicy ? *thought.value : *thought.value - thought.optimum;
}

/// Values of the policy and of the optimum share one scale; differences and visits are measured
/// from zero.
struct Scale {
  double low = 0, high = 0;

  Scale(const BoardValues& board, BoardView view) {
    bool is_first = true;
    const auto add = [&](std::optional<double> value) {
      if (!value || !std::isfinite(*value)) return;
      low = is_first ? *value : std::min(low, *value);
      high = is_first ? *value : std::max(high, *value);
      is_first = false;
    };
    for (const BoardCell& cell : board.cells) {
      if (view == BoardView::kDifference || view == BoardView::kVisits) {
        add(shown_value(cell, view));
      } else {
        add(cell.thought.value);
        add(cell.thought.optimum);
      }
    }
    if (view == BoardView::kVisits) low = 0;
    if (view != BoardView::kDifference) return;
    high = std::max(std::fabs(low), std::fabs(high));
    low = -high;
  }
  Color tint(double value, BoardView view) const {
    if (!std::isfinite(value))
      return {palette::kAccent.r, palette::kAccent.g, palette::kAccent.b, kTint};
    const double part = high > low ? (value - low) / (high - low) : 0.5;
    if (view == BoardView::kVisits) return mixed(kPaper, palette::kItem, high > 0 ? part : 0);
    if (view != BoardView::kDifference) return mixed(kPaper, palette::kGoal, part);
    return part < 0.5 ? mixed(kPaper, palette::kAgent, 1 - 2 * part)
                      : mixed(kPaper, palette::kDanger, 2 * part - 1);
  }

 private:
  static Color mixed(Color from, Color to, double part) {
    const auto mix = [&](std::uint8_t a, std::uint8_t b) {
      return static_cast<std::uint8_t>(std::lround(a + std::clamp(part, 0.0, 1.0) * (b - a)));
    };
    return {mix(from.r, to.r), mix(from.g, to.g), mix(from.b, to.b), kTint};
  }
};

/// The direction that an action's name means, of length 1.
std::optional<Point> direction_of(const std::string& action) {
  struct Direction {
    const char* name;
    Point to;
  };
  static constexpr std::array<Direction, 8> kDirections = {{{"left", {-1, 0}},
                                                            {"west", {-1, 0}},
                                                            {"right", {1, 0}},
                                                            {"east", {1, 0}},
                                                            {"up", {0, 1}},
                                                            {"north", {0, 1}},
                                                            {"down", {0, -1}},
                                                            {"south", {0, -1}}}};
  for (const Direction& direction : kDirections) {
    if (action == direction.name) return direction.to;
  }
  return std::nullopt;
}

void draw_arrow(Canvas& scene, Point center, Point to, float size, Color color) {
  const auto at = [&](float along, float aside) {
    return Point{center.x + size * (along * to.x - aside * to.y),
                 center.y + size * (along * to.y + aside * to.x)};
  };
  scene.capsule(at(-0.22f, 0), at(0.08f, 0), 0.035f * size, color);
  const Point head[3] = {at(0.26f, 0), at(0.06f, 0.12f), at(0.06f, -0.12f)};
  scene.polygon(head, 3, color);
}

void draw_action(Canvas& scene, const FrameData& frame, const BoardCell& cell, int action,
                 Color color) {
  const std::vector<ActionComponent>& components = frame.spec->action.components();
  if (components.empty() || action < 0) return;
  const std::vector<std::string>& names = components[0].options;
  if (static_cast<std::size_t>(action) >= names.size()) return;
  const std::string& name = names[static_cast<std::size_t>(action)];
  const float size = cell.at.high.x - cell.at.low.x;
  const Point center{(cell.at.low.x + cell.at.high.x) / 2,
                     cell.at.low.y + 0.58f * (cell.at.high.y - cell.at.low.y)};
  if (const auto to = direction_of(name)) {
    draw_arrow(scene, center, *to, size, color);
  } else {
    scene.text({center.x, center.y - 0.07f * size}, 0.14f * size, name, color, Align::kCenter);
  }
}

std::string number_or_none(const std::optional<double>& value) {
  return value ? short_number(*value) : "none";
}

}  // namespace

std::string board_title(BoardView view) {
  switch (view) {
    case BoardView::kPolicy:
      return "V(s) of the policy";
    case BoardView::kOptimum:
      return "optimum V*(s)";
    case BoardView::kDifference:
      return "V(s) - V*(s)";
    case BoardView::kVisits:
      return "visits of the episodes shown";
    case BoardView::kNothing:
      break;
  }
  return "";
}

void draw_board_overlay(Canvas& scene, const FrameData& frame) {
  const BoardView view = frame.board_view;
  if (frame.board == nullptr || view == BoardView::kNothing) return;
  const Scale scale(*frame.board, view);
  const bool has_numbers = frame.board->cells.size() <= kMostNumbers;
  for (const BoardCell& cell : frame.board->cells) {
    const StateThought& thought = cell.thought;
    const float size = cell.at.high.x - cell.at.low.x, gap = 0.03f * size;
    const std::optional<double> value = shown_value(cell, view);
    if (value) {
      scene.rectangle({cell.at.low.x + gap, cell.at.low.y + gap},
                      {cell.at.high.x - gap, cell.at.high.y - gap}, scale.tint(*value, view));
    }
    if (view == BoardView::kOptimum) {
      draw_action(scene, frame, cell, thought.best_action, palette::kInk);
    } else if (thought.action && view != BoardView::kVisits) {
      draw_action(scene, frame, cell, *thought.action,
                  thought.is_action_best ? palette::kInk : palette::kDanger);
    }
    if (value && has_numbers) {
      scene.text({(cell.at.low.x + cell.at.high.x) / 2, cell.at.low.y + 0.1f * size}, 0.15f * size,
                 view == BoardView::kVisits ? count_text(cell.visits) : short_number(*value),
                 palette::kInk, Align::kCenter);
    }
  }
}

void draw_board_section(PanelColumn& column, const FrameData& frame) {
  if (frame.board == nullptr || frame.board_view == BoardView::kNothing) return;
  const BoardValues& board = *frame.board;
  const bool is_visits = frame.board_view == BoardView::kVisits;
  const std::string gamma = is_visits ? "" : "gamma " + short_number(board.gamma);
  if (!column.section(PanelSection::kBoard, board_title(frame.board_view), gamma)) return;
  constexpr float kGap = 11;
  const auto line = [&](const std::string& name, const std::string& number) {
    column.skip(kGap);
    column.text(kBodyText, name, palette::kInk, number, palette::kInk);
  };
  if (is_visits) {
    line("of all states", count_text(board.num_visits));
    if (board.here) line("of this state", count_text(board.visits_here));
    return;
  }
  if (board.here) {
    line("optimum here", short_number(board.here->optimum));
    if (!frame.agent.empty()) line("policy here", number_or_none(board.here->value));
  }
  if (frame.agent.empty()) return;
  const std::string all = " of " + std::to_string(board.num_states) + " states";
  line("best action in", std::to_string(board.num_best_actions) + all);
  if (board.largest_difference) {
    line("off by at most", short_number(*board.largest_difference) + " in state " +
                               std::to_string(board.state_of_largest));
  }
}

}  // namespace tern
