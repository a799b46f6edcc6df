#pragma once
// The board of 2048 in two words, and how its tiles slide: rows by table, directions by turning the
// board, legal moves by arithmetic on all cells at once.

#include <array>
#include <cstdint>

namespace tern {

/// What became of a row, and the sum of the new tiles' values.
struct SlidRow {
  std::array<std::uint8_t, 4> exponents;
  std::uint32_t merged;
};

/// The rule itself, tiles sliding towards index 0: the nearer pair of equal tiles merges first, and
/// a tile made by a merge does not merge again in the same move.
constexpr SlidRow slide(const std::array<std::uint8_t, 4>& row) {
  SlidRow slid = {{0, 0, 0, 0}, 0};
  std::size_t end = 0;           // of the tiles that have come to rest
  bool may_merge = false;        // the last of them, with the next
  for (const std::uint8_t exponent : row) {
    if (exponent == 0) continue;
    if (may_merge && slid.exponents[end - 1] == exponent) {
      slid.merged += std::uint32_t{1} << ++slid.exponents[end - 1];
      may_merge = false;
    } else {
      slid.exponents[end++] = exponent;
      may_merge = true;
    }
  }
  return slid;
}

/// slide() of each row of tiles up to 2^14, made at the first use.
struct SlideTable {
  struct Entry {
    std::uint16_t row;
    std::uint16_t merged_quarter;  // of a sum that is always a multiple of 4
  };
  std::array<Entry, 65536> entries;

  static const SlideTable& get() {
    static const SlideTable table;
    return table;
  }

 private:
  SlideTable() {
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
      std::array<std::uint8_t, 4> row;
      for (unsigned i = 0; i < 4; ++i) row[i] = bits >> 4 * i & 15;
      const SlidRow slid = slide(row);
      Entry& entry = entries[bits];
      entry = {0, static_cast<std::uint16_t>(slid.merged / 4)};
      for (unsigned i = 0; i < 4; ++i) {
        entry.row = static_cast<std::uint16_t>(entry.row | (slid.exponents[i] & 15) << 4 * i);
      }
    }
  }
};

/// Directions as the game's actions.
enum class Slide : std::uint8_t { kUp, kRight, kDown, kLeft };

/// 4x4 tiles 2^e, e up to 31; 0 is an empty cell. Cell 4 * row + column, row 0 on top.
class TileBoard {
 public:
  unsigned exponent(unsigned cell) const {
    return static_cast<unsigned>(low_ >> 4 * cell & 15) |
           static_cast<unsigned>(high_ >> 4 * cell & 1) << 4;
  }
  void put(unsigned cell, unsigned exponent) {
    low_ = (low_ & ~(std::uint64_t{15} << 4 * cell)) | std::uint64_t{exponent & 15} << 4 * cell;
    high_ = (high_ & ~(std::uint64_t{1} << 4 * cell)) | std::uint64_t{exponent >> 4} << 4 * cell;
  }
  /// Calls f(cell, exponent) for all cells.
  template <class F>
  void for_each(const F& f) const {
    constexpr std::uint64_t kLow = 0x0F0F'0F0F'0F0F'0F0F, kOne = 0x0101'0101'0101'0101;
    const std::uint64_t even = (low_ & kLow) | (high_ & kOne) << 4;
    const std::uint64_t odd = (low_ >> 4 & kLow) | (high_ >> 4 & kOne) << 4;
    for (unsigned i = 0; i < 8; ++i) {
      f(2 * i, static_cast<unsigned>(even >> 8 * i & 0xFF));
      f(2 * i + 1, static_cast<unsigned>(odd >> 8 * i & 0xFF));
    }
  }
  bool operator==(const TileBoard& other) const {
    return low_ == other.low_ && high_ == other.high_;
  }

  /// For each cell (four bits) the number of empty ones up to and with it, modulo 16.
  std::uint64_t count_empty() const { return (~filled() & kCells) * kCells; }
  /// How many cells are empty, on a board with a tile.
  static unsigned total(std::uint64_t counts) { return static_cast<unsigned>(counts >> 60); }
  /// The empty cell that has `skipped` empty ones before it: as many cells count no more than that.
  static unsigned empty_cell(std::uint64_t counts, unsigned skipped) {
    // Bytes, not to overflow: adding 127 - skipped sets the top bit of those that count more.
    const std::uint64_t threshold = (127 - skipped) * 0x0101'0101'0101'0101;
    const std::uint64_t even = (counts & 0x0F0F'0F0F'0F0F'0F0F) + threshold;
    const std::uint64_t odd = (counts >> 4 & 0x0F0F'0F0F'0F0F'0F0F) + threshold;
    const std::uint64_t no_more = (~even >> 7 & 0x0101'0101'0101'0101) +
                                  (~odd >> 7 & 0x0101'0101'0101'0101);
    return static_cast<unsigned>(no_more * 0x0101'0101'0101'0101 >> 56);
  }

  /// Slides all tiles; the sum of the values of the tiles that merges made.
  std::uint32_t move(Slide direction) {
    const bool has_big = (high_ | (low_ & low_ >> 1 & low_ >> 2 & low_ >> 3 & kCells)) != 0;
    if (has_big) return move_any(direction);
    // Turned so that the move goes to the left, and back.
    const std::uint64_t vertical = all_if(is_vertical(direction));
    const std::uint64_t reversed = all_if(is_mirrored(direction));
    const std::uint64_t toward_left = mirrored(transposed(low_, vertical), reversed);
    const auto& entries = SlideTable::get().entries;
    std::uint64_t slid = 0;
    std::uint32_t quarters = 0;
    for (unsigned row = 0; row < 4; ++row) {
      const SlideTable::Entry entry = entries[toward_left >> 16 * row & 0xFFFF];
      slid |= std::uint64_t{entry.row} << 16 * row;
      quarters += entry.merged_quarter;
    }
    low_ = transposed(mirrored(slid, reversed), vertical);
    return 4 * quarters;
  }

  /// Bit d for each direction that moves or merges something.
  unsigned legal_moves() const {
    const std::uint64_t here = filled();
    const std::uint64_t right = here >> 4, below = here >> 16;
    const std::uint64_t same_right = ~differing(4) & here, same_below = ~differing(16) & here;
    const bool along_row = (same_right & kHasRight) != 0;
    const bool along_column = (same_below & kHasBelow) != 0;
    const bool to_left = (~here & right & kHasRight) != 0;
    const bool to_right = (here & ~right & kHasRight) != 0;
    const bool upwards = (~here & below & kHasBelow) != 0;
    const bool downwards = (here & ~below & kHasBelow) != 0;
    return static_cast<unsigned>(upwards | along_column) |
           static_cast<unsigned>(to_right | along_row) << 1 |
           static_cast<unsigned>(downwards | along_column) << 2 |
           static_cast<unsigned>(to_left | along_row) << 3;
  }

 private:
  static constexpr std::uint64_t kCells = 0x1111'1111'1111'1111;
  static constexpr std::uint64_t kHasRight = 0x0111'0111'0111'0111;  // cells with a right neighbour
  static constexpr std::uint64_t kHasBelow = 0x0000'1111'1111'1111;

  /// A bit 4 * cell where any bit of the cell's four is set.
  static std::uint64_t any_bit(std::uint64_t x) { return (x | x >> 1 | x >> 2 | x >> 3) & kCells; }
  std::uint64_t filled() const { return any_bit(low_) | high_; }
  /// A bit where a cell and the one `shift` bits further differ.
  std::uint64_t differing(unsigned shift) const {
    return any_bit(low_ ^ low_ >> shift) | ((high_ ^ high_ >> shift) & kCells);
  }

  /// Swaps the bits of `mask` with those `shift` further.
  static std::uint64_t swapped(std::uint64_t x, std::uint64_t mask, unsigned shift) {
    const std::uint64_t differing = (x ^ x >> shift) & mask;
    return x ^ differing ^ differing << shift;
  }
  static std::uint64_t transposed(std::uint64_t x, std::uint64_t where) {
    return swapped(swapped(x, 0x0000'F0F0'0000'F0F0 & where, 12), 0x0000'0000'FF00'FF00 & where,
                   24);
  }
  static std::uint64_t mirrored(std::uint64_t x, std::uint64_t where) {
    return swapped(swapped(x, 0x000F'000F'000F'000F & where, 12), 0x00F0'00F0'00F0'00F0 & where,
                   4);
  }
  static bool is_vertical(Slide d) { return d == Slide::kUp || d == Slide::kDown; }
  static bool is_mirrored(Slide d) { return d == Slide::kRight || d == Slide::kDown; }
  /// All bits or none: what a branch would cost, since nobody can predict a direction, is saved.
  static std::uint64_t all_if(bool condition) { return 0 - static_cast<std::uint64_t>(condition); }

  /// Tiles past the table, cell by cell.
  std::uint32_t move_any(Slide direction) {
    TileBoard board = *this;
    std::uint32_t merged = 0;
    for (unsigned line = 0; line < 4; ++line) {
      const auto cell = [&](unsigned i) {
        const unsigned at = is_mirrored(direction) ? 3 - i : i;
        return is_vertical(direction) ? 4 * at + line : 4 * line + at;
      };
      std::array<std::uint8_t, 4> row;
      for (unsigned i = 0; i < 4; ++i) row[i] = static_cast<std::uint8_t>(exponent(cell(i)));
      const SlidRow slid = slide(row);
      for (unsigned i = 0; i < 4; ++i) board.put(cell(i), slid.exponents[i]);
      merged += slid.merged;
    }
    *this = board;
    return merged;
  }

  std::uint64_t low_ = 0;   // the low four bits of each cell's exponent
  std::uint64_t high_ = 0;  // bit 4 * cell: the fifth
};

}  // namespace tern
