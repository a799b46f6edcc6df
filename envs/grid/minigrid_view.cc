#include "envs/grid/minigrid_view.h"

#include <cstdint>

namespace tern::minigrid {
namespace {

constexpr int kMiddle = kViewSide / 2, kLast = kViewSide - 1;
constexpr std::uint32_t kAllColumns = (1u << kViewSide) - 1;
constexpr std::uint32_t kNotFirst = kAllColumns & ~1u, kNotLast = kAllColumns >> 1;

/// Light in one row spreads to the right, from those of `lit` through `clear` ones; bit = column.
/// In three rounds of 1, 2 and 4 columns: `way` are those that light reaches from so far to the left.
std::uint32_t spread_right(std::uint32_t lit, std::uint32_t clear) {
  std::uint32_t way = clear << 1 & kAllColumns;
  lit |= way & lit << 1;
  way &= way << 1;
  lit |= way & lit << 2;
  way &= way << 2;
  return lit | (way & lit << 4);
}
std::uint32_t spread_left(std::uint32_t lit, std::uint32_t clear) {
  std::uint32_t way = clear >> 1;
  lit |= way & lit >> 1;
  way &= way >> 1;
  lit |= way & lit >> 2;
  way &= way >> 2;
  return lit | (way & lit >> 4);
}

void hide_what_is_dark(View& view) {
  std::uint32_t clear[kViewSide] = {}, lit[kViewSide] = {};  // of each row
  for (int column = 0; column < kViewSide; ++column) {
    for (int row = 0; row < kViewSide; ++row) {
      clear[row] |= (is_opaque(view[view_index(column, row)]) ? 0u : 1u) << column;
    }
  }
  lit[kLast] = 1u << kMiddle;
  for (int row = kLast;; --row) {
    // First to the right, then, from all that is lit by now, to the left.
    lit[row] = spread_right(lit[row], clear[row]);
    const std::uint32_t to_right = lit[row] & clear[row] & kNotLast;
    lit[row] = spread_left(lit[row], clear[row]);
    const std::uint32_t to_left = lit[row] & clear[row] & kNotFirst;
    if (row == 0) break;
    lit[row - 1] = to_right | to_right << 1 | to_left | to_left >> 1;
  }
  for (int column = 0; column < kViewSide; ++column) {
    for (int row = 0; row < kViewSide; ++row) {
      // All ones where it is lit, all zeros (kUnseen) where not.
      view[view_index(column, row)] &= 0u - (lit[row] >> column & 1);
    }
  }
}

}  // namespace

void look(const Board& env, bool sees_through_walls, View& view) {
  const Spot ahead = kStep[env.direction];
  const std::ptrdiff_t forward = ahead.x + ahead.y * env.stride();
  const std::ptrdiff_t right = -ahead.y + ahead.x * env.stride();
  const Cell* const agent = env.at_agent();
  Cell* out = view.data();
  for (int column = 0; column < kViewSide; ++column) {
    const Cell* const line = agent + (column - kMiddle) * right;
    for (int row = 0; row < kViewSide; ++row) *out++ = seen(line[(kLast - row) * forward]);
  }
  if (!sees_through_walls) hide_what_is_dark(view);
  view[view_index(kMiddle, kLast)] = seen(env.carried);
}

}  // namespace tern::minigrid
