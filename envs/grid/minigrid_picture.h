#pragma once
// How MiniGrid envs look.

#include "core/canvas.h"
#include "envs/grid/minigrid_board.h"

namespace tern::minigrid {

/// The whole board from above; cells that the agent sees are lit. `has_failed` paints the agent as
/// one that came to grief.
///
/// In text two letters a cell: what it is, then its colour (r g b p y, x for grey). # wall,
/// . nothing, , floor, _ open door, D closed door, L locked door, K key, O ball, B box, G goal,
/// ~ lava; the agent is > v < or ^, then the small letter of what it carries.
void draw_env(Canvas& canvas, const Board& env, bool sees_through_walls, bool has_failed);

}  // namespace tern::minigrid
