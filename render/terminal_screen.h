#pragma once
// A grid of coloured characters, and the bytes that bring a terminal from one to the next. No
// terminal needed.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/canvas.h"

namespace tern {

/// What a terminal can show.
enum class TerminalColors : std::uint8_t { kNone, k16, k256, kTrue };
struct TerminalKind {
  TerminalColors colors = TerminalColors::kTrue;
  bool has_blocks = true;  // block characters, in UTF-8; otherwise ASCII alone
};

struct TerminalCell {
  char32_t glyph = U' ';
  Color ink{208, 212, 214}, ground{16, 20, 22};
};

class TerminalScreen {
 public:
  TerminalScreen(int columns, int rows)
      : columns_(columns),
        rows_(rows),
        cells_(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows)) {}

  int columns() const { return columns_; }
  int rows() const { return rows_; }
  /// Row 0 is the upper one. Outside of the grid nothing happens.
  void put(int column, int row, const TerminalCell& cell);
  const TerminalCell& at(int column, int row) const {
    return cells_[static_cast<std::size_t>(row * columns_ + column)];
  }
  /// ASCII from `column` on, at most `width` characters; what is too long ends in "..".
  void text(int column, int row, int width, std::string_view line, Color ink);
  /// A bar of `width` characters from `from` to `to`, both in [0, 1], on a track.
  void bar(int column, int row, int width, float from, float to, Color color, bool has_blocks);

  /// What a terminal that shows `before` must be sent; null: one that shows nothing. The cursor may
  /// be anywhere.
  std::string update(const TerminalScreen* before, const TerminalKind& kind) const;

 private:
  int columns_, rows_;
  std::vector<TerminalCell> cells_;
};

}  // namespace tern
