#include "envs/grid/minigrid_picture.h"

#include <cstddef>
#include <string>
#include <vector>

#include "envs/grid/board_pieces.h"
#include "envs/grid/minigrid_view.h"

namespace tern::minigrid {
namespace {

constexpr Color kPaint[kNumColors] = {palette::kDanger, palette::kGoal, palette::kAgentLight,
                                      palette::kAccent, palette::kItem, palette::kMuted};
constexpr char kColorLetter[] = "rgbpyx";
constexpr char kObjectLetter[] = "?.#,DKOBG~@";

// Styles of whole cells.
enum Ground : std::uint8_t { kDim, kDimOdd, kLit, kLitOdd, kStone, kFire, kGoalGround, kVoid };
constexpr CellStyle kGround[] = {{{226, 226, 219}},  {{219, 219, 211}}, {{255, 250, 229}},
                                 {{251, 244, 217}},  {palette::kInk},   {palette::kDanger},
                                 {{191, 230, 214}},    {{78, 92, 100}}};

/// A colour mixed with ink, for panels and edges.
Color dark(Color color) {
  const auto mix = [](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>((a + 2 * b) / 3);
  };
  return {mix(palette::kInk.r, color.r), mix(palette::kInk.g, color.g),
          mix(palette::kInk.b, color.b)};
}

void draw_door(Canvas& canvas, Color color, DoorState state) {
  if (state == kOpen) {
    canvas.rectangle({-0.5f, -0.5f}, {-0.38f, 0.5f}, color);
    canvas.rectangle({-0.5f, 0.38f}, {0.3f, 0.5f}, color);
    return;
  }
  canvas.rectangle({-0.5f, -0.5f}, {0.5f, 0.5f}, color);
  canvas.rectangle({-0.38f, -0.38f}, {0.38f, 0.38f}, state == kLocked ? palette::kInk : dark(color));
  if (state == kLocked) {
    canvas.circle({0, 0.08f}, 0.13f, color);
    const Point slot[3] = {{0, 0.1f}, {0.14f, -0.26f}, {-0.14f, -0.26f}};
    canvas.polygon(slot, 3, color);
  } else {
    canvas.circle({0.22f, 0}, 0.09f, palette::kBackground);
  }
}

void draw_key(Canvas& canvas, Color color, Color behind) {
  canvas.capsule({0, 0.1f}, {0, -0.34f}, 0.075f, color);
  canvas.capsule({0, -0.16f}, {-0.16f, -0.16f}, 0.055f, color);
  canvas.capsule({0, -0.34f}, {-0.16f, -0.34f}, 0.055f, color);
  canvas.circle({0, 0.2f}, 0.2f, color);
  canvas.circle({0, 0.2f}, 0.09f, behind);
}

void draw_box(Canvas& canvas, Color color) {
  canvas.rectangle({-0.36f, -0.36f}, {0.36f, 0.36f}, dark(color));
  canvas.rectangle({-0.3f, -0.3f}, {0.3f, 0.3f}, color);
  canvas.rectangle({-0.3f, -0.03f}, {0.3f, 0.03f}, dark(color));
}

void draw_waves(Canvas& canvas) {
  for (const float y : {-0.2f, 0.18f}) {
    for (int i = 0; i < 4; ++i) {
      const float x = -0.4f + 0.2f * static_cast<float>(i), rise = i % 2 == 0 ? 0.1f : -0.1f;
      canvas.capsule({x, y - rise / 2}, {x + 0.2f, y + rise / 2}, 0.035f, palette::kItem);
    }
  }
}

/// What lies in a cell, around the origin.
void draw_object(Canvas& canvas, Cell cell, Color behind) {
  const Color color = kPaint[color_of(cell)];
  switch (object_of(cell)) {
    case kDoor: draw_door(canvas, color, state_of(cell)); break;
    case kKey: draw_key(canvas, color, behind); break;
    case kBall: canvas.circle({0, 0}, 0.32f, color); break;
    case kBox: draw_box(canvas, color); break;
    case kFloor: canvas.rectangle({-0.45f, -0.45f}, {0.45f, 0.45f}, color); break;
    case kGoal: draw_flag(canvas, {0, 0}); break;
    case kLava: draw_waves(canvas); break;
    default: break;
  }
}

void draw_agent(Canvas& canvas, const Board& env, Point center, bool has_failed) {
  constexpr float kAngles[kNumDirections] = {0, -kQuarterTurn, 2 * kQuarterTurn, kQuarterTurn};
  canvas.push(center, kAngles[env.direction], 1);
  const Point arrow[4] = {{0.42f, 0}, {-0.36f, 0.34f}, {-0.2f, 0}, {-0.36f, -0.34f}};
  canvas.polygon(arrow, 4, has_failed ? palette::kInk : palette::kAgent);
  canvas.pop();
  if (env.carried == kNothing) return;
  canvas.push({center.x + 0.26f, center.y + 0.24f}, 0, 0.5f);
  canvas.circle({0, 0}, 0.46f, palette::kInk);
  canvas.circle({0, 0}, 0.4f, palette::kBackground);
  draw_object(canvas, env.carried, palette::kBackground);
  canvas.pop();
}

/// Which cells the agent sees, row by row.
std::vector<bool> lit_cells(const Board& env, bool sees_through_walls) {
  View view;
  look(env, sees_through_walls, view);
  std::vector<bool> lit(static_cast<std::size_t>(env.width() * env.height()));
  const Spot ahead = kStep[env.direction];
  for (int column = 0; column < kViewSide; ++column) {
    for (int row = 0; row < kViewSide; ++row) {
      if (object_of(view[view_index(column, row)]) == kUnseen) continue;
      const int side = column - kViewSide / 2, far = kViewSide - 1 - row;
      const int x = env.agent.x + far * ahead.x - side * ahead.y;
      const int y = env.agent.y + far * ahead.y + side * ahead.x;
      if (x < 0 || y < 0 || x >= env.width() || y >= env.height()) continue;
      lit[static_cast<std::size_t>(y * env.width() + x)] = true;
    }
  }
  return lit;
}

/// Which cells are within the walls that surround the agent, row by row; doors do not count as walls.
std::vector<bool> inner_cells(const Board& env) {
  std::vector<bool> inner(static_cast<std::size_t>(env.width() * env.height()));
  std::vector<Spot> open = {env.agent};
  while (!open.empty()) {
    const Spot spot = open.back();
    open.pop_back();
    if (spot.x < 0 || spot.y < 0 || spot.x >= env.width() || spot.y >= env.height()) continue;
    const auto k = static_cast<std::size_t>(spot.y * env.width() + spot.x);
    if (inner[k] || object_of(env.at(spot)) == kWall) continue;
    inner[k] = true;
    for (const Spot step : kStep) open.push_back({spot.x + step.x, spot.y + step.y});
  }
  return inner;
}

std::uint8_t ground_of(Cell cell, bool is_odd, bool is_lit) {
  switch (object_of(cell)) {
    case kWall: return kStone;
    case kLava: return kFire;
    case kGoal: return kGoalGround;
    default: return static_cast<std::uint8_t>((is_lit ? kLit : kDim) + (is_odd ? 1 : 0));
  }
}

std::string letters_of(Cell cell) {
  std::string text(1, kObjectLetter[object_of(cell)]);
  switch (object_of(cell)) {
    case kWall: return "##";
    case kLava: return "~~";
    case kDoor:
      if (state_of(cell) != kClosed) text[0] = state_of(cell) == kOpen ? '_' : 'L';
      return text + kColorLetter[color_of(cell)];
    case kKey:
    case kBall:
    case kBox: return text + kColorLetter[color_of(cell)];
    default: return text + ' ';
  }
}

std::string agent_letters(const Board& env) {
  const char carried = env.carried == kNothing ? ' ' : kObjectLetter[object_of(env.carried)];
  return {">v<^"[env.direction], carried == ' ' ? ' ' : static_cast<char>(carried - 'A' + 'a')};
}

}  // namespace

void draw_env(Canvas& canvas, const Board& env, bool sees_through_walls, bool has_failed) {
  const int width = env.width(), height = env.height();
  const float top = static_cast<float>(height);
  canvas.set_view({0, 0}, {static_cast<float>(width), top}, palette::kBackground);
  canvas.surround({0, 0}, {static_cast<float>(width), top}, kGround[kVoid].color);
  const std::vector<bool> lit = lit_cells(env, sees_through_walls), inner = inner_cells(env);
  std::vector<std::uint8_t> kinds;
  std::string letters;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Cell cell = env.at({x, y});
      const bool is_void = cell == kNothing && !inner[kinds.size()];
      kinds.push_back(is_void ? std::uint8_t{kVoid}
                              : ground_of(cell, (x + y) % 2 != 0, lit[kinds.size()]));
      letters += env.agent == Spot{x, y} ? agent_letters(env) : letters_of(cell);
    }
  }
  canvas.cells({0, top}, 1, height, width, kinds.data(), kGround, 8);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Point center{static_cast<float>(x) + 0.5f, top - static_cast<float>(y) - 0.5f};
      const std::size_t k = static_cast<std::size_t>(y * width + x);
      canvas.push(center, 0, 1);
      draw_object(canvas, env.at({x, y}), kGround[kinds[k]].color);
      canvas.pop();
      if (env.agent == Spot{x, y}) draw_agent(canvas, env, center, has_failed);
    }
  }
  write_letters(canvas, height, width, letters);
}

}  // namespace tern::minigrid
