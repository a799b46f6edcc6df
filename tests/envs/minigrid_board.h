#pragma once
// MiniGrid envs set up from the letters that they are drawn with, for worked examples.

#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <vector>

#include "core/drawing/text_canvas.h"
#include "envs/batch_views.h"
#include "envs/grid/minigrid_view.h"
#include "envs/registry/registry.h"

namespace tern::minigrid {

/// The cell that two letters mean (envs/grid/minigrid_picture.h); '>', 'v', '<', '^' and spaces are
/// an empty one.
inline Cell cell_of(char letter, char color_letter) {
  const std::size_t color = std::string("rgbpyx").find(color_letter);
  const auto paint = static_cast<ObjectColor>(color == std::string::npos ? 0 : color);
  switch (letter) {
    case '#': return kWallCell;
    case ',': return make_cell(kFloor, kBlue);
    case '_': return make_cell(kDoor, paint, kOpen);
    case 'D': return make_cell(kDoor, paint, kClosed);
    case 'L': return make_cell(kDoor, paint, kLocked);
    case 'K': return make_cell(kKey, paint);
    case 'O': return make_cell(kBall, paint);
    case 'B': return make_cell(kBox, paint);
    case 'G': return kGoalCell;
    case '~': return kLavaCell;
    default: return kNothing;
  }
}

/// An env of the family on a board of one's own.
class BoardOfText {
 public:
  /// `rows` as in a golden text, beginning with a newline; it must have the size of the env.
  BoardOfText(const std::string& id, const std::string& rows, const ParamValues& params = {},
        Cell carried = kNothing)
      : env(registry().find(id).make(params)), bytes(env->spec().obs.bytes()) {
    ResetContext ctx{rng, 0};
    env->reset(ctx, obs());
    std::vector<double> head = {0, 0, 0, 0, static_cast<double>(carried)}, cells;
    std::size_t at = 1;
    int y = 0;
    for (; at < rows.size(); ++y) {
      const std::size_t end = rows.find('\n', at);
      std::string row = rows.substr(at, end - at);
      if (row.size() % 2 == 1) row += ' ';  // a space at the end is not written
      width = static_cast<int>(row.size() / 2);
      for (int x = 0; x < width; ++x) {
        const char letter = row[static_cast<std::size_t>(2 * x)];
        const std::size_t facing = std::string(">v<^").find(letter);
        if (facing != std::string::npos) head = {1.0 * x, 1.0 * y, 1.0 * facing, 0, head[4]};
        cells.push_back(cell_of(letter, row[static_cast<std::size_t>(2 * x + 1)]));
      }
      at = end + 1;
    }
    height = y;
    std::vector<double> state = head;
    state.resize(env->spec().state_fields.size() - cells.size());  // a mission, if there is one
    state.insert(state.end(), cells.begin(), cells.end());
    env->set_state(state);
  }

  StepResult step(std::int32_t action) {
    return env->step(ActionRow(Row<const std::int32_t>(&action, 1)), rng, obs());
  }
  /// Takes the actions; the last result.
  StepResult play(const std::vector<std::int32_t>& actions) {
    StepResult result;
    for (const std::int32_t action : actions) result = step(action);
    return result;
  }
  std::string text() const {
    TextCanvas canvas(2 * width, height);
    env->draw(canvas);
    return "\n" + canvas.str();
  }
  /// What the agent of a `partial` env was shown last, in object letters, ? for unseen ones.
  std::string view() const {
    std::string out = "\n";
    for (int row = 0; row < kViewSide; ++row) {
      for (int column = 0; column < kViewSide; ++column) {
        out += "?.#,DKOBG~@"[bytes[3 * view_index(column, row)]];
      }
      out += '\n';
    }
    return out;
  }
  ObsRow obs() { return ObsRows(bytes.data(), env->spec().obs, 1)[0]; }
  DoubleVec state() const {
    DoubleVec numbers;
    env->get_state(numbers);
    return numbers;
  }

  Rng rng{0, "board"};
  std::unique_ptr<Env> env;
  std::vector<std::uint8_t> bytes;  // of the last observation
  int width = 0, height = 0;
};

}  // namespace tern::minigrid
