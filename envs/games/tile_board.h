#pragma once
// The board of 2048 in a vector of sixteen bytes, so that all rows slide at once, by arithmetic
// alone: a processor that guesses at branches cannot guess a direction or what merges, and a table
// of all rows would push envs out of the first cache.

#include <array>
#include <cstdint>
#include <cstring>

namespace tern {

/// Directions as the game's actions.
enum class Slide : std::uint8_t { kUp, kRight, kDown, kLeft };

/// 4x4 tiles 2^e, e up to 31; 0 is an empty cell. Cell 4 * row + column, row 0 on top.
class TileBoard {
 public:
  using Cells = std::uint8_t __attribute__((vector_size(16)));
  /// The empty cells up to and with each cell.
  using Counts = Cells;

  unsigned exponent(unsigned cell) const { return cells_[cell]; }
  void put(unsigned cell, unsigned exponent) {
    // In all cells at once: a vector loaded soon after one of its bytes was stored has to wait.
    constexpr Cells kNumbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const Cells there = as_cells(kNumbers == static_cast<std::uint8_t>(cell));
    cells_ = (cells_ & ~there) | (there & static_cast<std::uint8_t>(exponent));
  }
  /// All cells, for those who read them as a vector too.
  const Cells& cells() const { return cells_; }
  bool operator==(const TileBoard& other) const {
    return !any(reinterpret_cast<Cells>(cells_ != other.cells_));
  }

  Counts count_empty() const {
    constexpr Cells kNone{};
    Cells counts = is_empty(cells_) & 1;
    counts += __builtin_shufflevector(kNone, counts, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
                                      27, 28, 29, 30);
    counts += __builtin_shufflevector(kNone, counts, 0, 1, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
                                      26, 27, 28, 29);
    counts += __builtin_shufflevector(kNone, counts, 0, 1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 23,
                                      24, 25, 26, 27);
    counts += __builtin_shufflevector(kNone, counts, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20,
                                      21, 22, 23);
    return counts;
  }
  static unsigned total(const Counts& counts) { return counts[15]; }
  /// The empty cell that has `skipped` empty ones before it, less than the total: as many cells
  /// count no more than that.
  static unsigned empty_cell(const Counts& counts, unsigned skipped) {
    const auto most = static_cast<std::uint8_t>(skipped);
    const Halves no_more = halves(reinterpret_cast<Cells>(counts <= most) & 1);
    return static_cast<unsigned>((no_more[0] + no_more[1]) * 0x0101'0101'0101'0101 >> 56);
  }

  /// Slides all tiles: the pair nearest to the edge merges first, and a tile made by a merge does
  /// not merge again. The sum of the values of the tiles that merges made, which a float holds
  /// exactly.
  float move(Slide direction) {
    // Turned so that the move goes to the left, towards byte 0 of each row, and back.
    const Cells& turn = kTurns[static_cast<std::size_t>(direction)];
    Rows rows = as_rows(shuffled(cells_, turn));

    rows = closed<0>(closed<1>(closed<2>(rows)));
    const Rows equal = as_rows(as_cells(rows) == as_cells(rows >> 8)) &
                       ~as_rows(is_empty(as_cells(rows)));  // to the next one
    const Rows second = equal & ~(equal << 8);              // unless the one before is so too
    const Rows merging = equal & ~(second << 8);
    rows = as_rows(as_cells(rows) - as_cells(merging)) & ~(merging << 8);  // less -1: plus 1
    const Rows made = rows & merging;
    rows = closed<1>(closed<2>(rows));

    cells_ = shuffled(as_cells(rows), turn);
    // In a row merges make one tile of the first two and one of the third.
    const Values sums = values((made | made >> 8) & 0xFF) + values(made >> 16 & 0xFF);
    return sums[0] + sums[1] + (sums[2] + sums[3]);
  }

  /// Bit d for each direction that moves or merges something.
  unsigned legal_moves() const {
    constexpr Cells kNone{};
    constexpr Cells kHasBelow{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    const Cells right = as_cells(reinterpret_cast<Rows>(cells_) >> 8);
    const Cells below = __builtin_shufflevector(cells_, kNone, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
                                                15, 16, 17, 18, 19);
    const Cells has_right = as_cells(Rows{} + 0x00FF'FFFF);
    const Cells free = is_empty(cells_), free_right = is_empty(right) & has_right,
                free_below = is_empty(below) & kHasBelow;
    const Cells along_row = reinterpret_cast<Cells>(cells_ == right) & ~free & has_right;
    const Cells along_column = reinterpret_cast<Cells>(cells_ == below) & ~free & kHasBelow;
    const Cells to_right = along_row | (~free & free_right);
    const Cells to_left = along_row | (free & ~free_right & has_right);
    const Cells downwards = along_column | (~free & free_below);
    const Cells upwards = along_column | (free & ~free_below & kHasBelow);
    const Halves moves = halves((upwards & 1) | (to_right & 2) | (downwards & 4) | (to_left & 8));
    std::uint64_t legal = moves[0] | moves[1];
    legal |= legal >> 32;
    legal |= legal >> 16;
    legal |= legal >> 8;
    return legal & 15;
  }

 private:
  using Rows = std::uint32_t __attribute__((vector_size(16)));
  using Values = float __attribute__((vector_size(16)));
  using Halves = std::array<std::uint64_t, 2>;

  template <class Vector>
  static Cells as_cells(Vector x) {
    return reinterpret_cast<Cells>(x);
  }
  template <class Vector>
  static Rows as_rows(Vector x) {
    return reinterpret_cast<Rows>(x);
  }
  static Halves halves(Cells cells) {
    Halves halves;
    std::memcpy(halves.data(), &cells, sizeof cells);
    return halves;
  }
  static bool any(Cells cells) {
    const Halves parts = halves(cells);
    return (parts[0] | parts[1]) != 0;
  }
  static Cells is_empty(Cells cells) { return as_cells(cells == 0); }
  /// 2^e as floats, 0 for e = 0.
  static Values values(Rows exponents) {
    constexpr std::uint32_t kBias = 127, kFractionBits = 23;
    return reinterpret_cast<Values>(((exponents + kBias) << kFractionBits) &
                                    as_rows(exponents != 0));
  }

  /// Where byte K of a row is empty, those after it move up by one.
  template <unsigned K>
  static Rows closed(Rows rows) {
    constexpr std::uint32_t kByte = 0xFFu << 8 * K, kOnward = ~0u << 8 * K;
    const Rows gap = as_rows((rows & kByte) == 0) & kOnward;
    return rows ^ ((rows ^ rows >> 8) & gap);
  }
  /// Byte i of `cells` is to be the one at from[i].
  static Cells shuffled(Cells cells, Cells from) {
#if defined(__clang__)
    Cells moved;
    for (unsigned i = 0; i < 16; ++i) moved[i] = cells[from[i]];
    return moved;
#else
    return __builtin_shuffle(cells, from);
#endif
  }

  /// For each Slide how the board is turned, so that it goes to the left; twice is not at all.
  alignas(64) static constexpr Cells kTurns[] = {
      {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15},
      {3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12},
      {15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0},
      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};

  Cells cells_{};
};

}  // namespace tern
