// Game2048-v1: slide the tiles of a 4x4 board; two of the same value become one of their sum.
//
//   observation     value (one byte)
//   board 4x4x31    one-hot: channel 0 where a cell is empty, channel e where it holds the tile 2^e
//
// Row 0 is on top. The highest tile that can exist is 2^17 = 131072.
//
// Actions: 0 up, 1 right, 2 down, 3 left. All tiles slide that way as far as they can. Two equal
// tiles that meet merge into one of twice the value, the pair nearest to the edge first; a tile made
// by a merge does not merge again in the same move: 2 2 2 2 to the left is 4 4, 4 4 8 is 8 8, 2 2 2
// is 4 2. If anything moved, a new tile appears on one of the empty cells, each equally likely: 2
// with probability 0.9, 4 with 0.1.
// A move that changes nothing is forbidden by the mask; taken all the same it does nothing: no
// tile, no reward, only the step is gone.
// Reward: the sum of the values of the tiles that merges made.
// Terminates when no move is possible. Reaching 2048 does not end the episode, unless `target`
// names that tile (or another): then it terminates on reaching it. Limit: 10 000 steps, ten games up
// to 2048: for agents that take moves which change nothing.
//
// Start: two tiles, chosen like later ones. `level` chooses them and all the luck that follows: the
// draws for the k-th new tile are always the same, the cell is the place among those then empty.
//
// Keys: the arrows or W A S D.
//
// Reference: Jumanji's Game2048-v1 (Bonnet et al. 2023), the game by Gabriele Cirulli (2014). Differs
// from it: the board is one-hot instead of exponents; two tiles to begin with, as in the game; the
// limit.

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "core/simd_level.h"
#include "envs/games/board_levels.h"
#include "envs/games/tile_board.h"
#include "envs/grid/board_pieces.h"
#include "envs/registry/registry.h"

namespace tern::game_2048 {
namespace {

constexpr unsigned kCells = 16, kNumActions = 4;
constexpr std::size_t kChannels = 31;
constexpr unsigned kHighest = 17;  // 2^17 needs all cells: 2^16 down to 2^2 and another 2^2
constexpr double kFourProbability = 0.1;
constexpr unsigned kWinning = 11;  // 2048

struct Game2048Params {
  int target = 0;
  int max_steps = 10'000;

  template <class V>
  void visit(V& v) {
    v("target", target, "the tile that ends an episode: 8, 16, .. 131072; 0: none",
      in_range(0, 1 << kHighest));
    v("max_steps", max_steps, "time limit of an episode", at_least(1));
  }
};

unsigned target_exponent(const Game2048Params& params) {
  if (params.target == 0) return 0;
  const auto value = static_cast<unsigned>(params.target);
  if (value < 8 || !std::has_single_bit(value)) {
    throw Error("env.target: " + std::to_string(value) +
                " is no tile to play for; expected 8, 16, 32, .. 131072, or 0");
  }
  return static_cast<unsigned>(std::countr_zero(value));
}

EnvSpec make_spec(const Game2048Params& params) {
  EnvSpec spec;
  spec.id = "Game2048-v1";
  spec.family = "games";
  spec.summary = "slide and merge tiles up to 2048 and beyond";
  spec.reference = "Jumanji Game2048-v1";
  spec.obs = ObsSpace(DType::kUint8);
  spec.obs.image("board", 4, 4, kChannels, 0, 1);
  spec.action = ActionSpace::discrete({"up", "right", "down", "left"});
  spec.max_episode_steps = params.max_steps;
  spec.metrics = {"highest tile", "success"};
  for (unsigned cell = 0; cell < kCells; ++cell) {
    spec.state_fields.push_back("exponent at row " + std::to_string(cell / 4) + " column " +
                                std::to_string(cell % 4));
  }
  spec.num_levels = kNumBoardLevels;
  spec.has_masks = true;
  spec.frames_per_second = 6;
  spec.turn_based = true;
  return spec;
}

/// What a game is made of.
struct Position {
  TileBoard board;
  Rng luck{0, "2048"};        // of the level
  unsigned legal = 0;         // bit d: action d changes something
  unsigned newest = kCells;   // the cell of the tile that appeared last; kCells: unknown

  unsigned highest() const {
    unsigned most = 0;
    for (unsigned cell = 0; cell < kCells; ++cell) most = std::max(most, board.exponent(cell));
    return most;
  }
  void add_tile(unsigned cell) {
    newest = cell;
    board.put(cell, 1 + static_cast<unsigned>(luck.chance(kFourProbability)));
  }
  /// On a board with an empty cell.
  void add_tile() {
    const TileBoard::Counts counts = board.count_empty();
    add_tile(TileBoard::empty_cell(counts, luck.below(TileBoard::total(counts))));
  }
  /// The reward of an action that changes something.
  float advance(Slide direction) {
    const float merged = board.move(direction);
    add_tile();
    legal = board.legal_moves();
    return merged;
  }
};

/// Which cell and channel each byte of an observation stands for.
struct Layout {
  alignas(64) std::array<std::uint8_t, 512> cell = {}, channel = {};
  constexpr Layout() {
    for (std::size_t k = 0; k < kCells * kChannels; ++k) {
      cell[k] = static_cast<std::uint8_t>(k / kChannels);
      channel[k] = static_cast<std::uint8_t>(k % kChannels);
    }
  }
};
constexpr Layout kLayout;

/// How observations are written and moves are made, compiled for each SimdLevel. All give the same.
struct Kernels {
  void (*observe)(const TileBoard& board, std::uint8_t* row);
  float (*advance)(Position& position, Slide direction);

  static void set_bytes(const TileBoard& board, std::uint8_t* row) {
    const TileBoard kept = board;  // which the bytes that are written cannot change
    std::memset(row, 0, kCells * kChannels);
    for (unsigned cell = 0; cell < kCells; ++cell) row[kChannels * cell + kept.exponent(cell)] = 1;
  }
  __attribute__((flatten)) static float advance_baseline(Position& position, Slide direction) {
    return position.advance(direction);
  }

#if defined(__x86_64__)
  __attribute__((flatten, target("avx2"))) static float advance_avx2(Position& position,
                                                                     Slide direction) {
    return position.advance(direction);
  }
  __attribute__((flatten, target("avx512f,avx512bw,avx512dq,avx512vl"))) static float
  advance_avx512(Position& position, Slide direction) {
    return position.advance(direction);
  }
  /// 64 bytes at a time: 1 where the tile in a byte's cell is the one of its channel.
  __attribute__((target("avx512f,avx512bw"))) static void compare_bytes(const TileBoard& board,
                                                                        std::uint8_t* row) {
    constexpr std::size_t kSize = kCells * kChannels;
    const __m512i cells =
        _mm512_maskz_broadcast_i32x4(0xFFFF, reinterpret_cast<__m128i>(board.cells()));
    const __m512i one = _mm512_set1_epi8(1);
#pragma GCC unroll 8
    for (std::size_t k = 0; k < kSize; k += 64) {
      const __m512i tiles = _mm512_shuffle_epi8(cells, _mm512_load_si512(&kLayout.cell[k]));
      const __mmask64 is_one =
          _mm512_cmpeq_epi8_mask(tiles, _mm512_load_si512(&kLayout.channel[k]));
      const __mmask64 inside = kSize - k >= 64 ? ~0ull : (1ull << (kSize - k)) - 1;
      _mm512_mask_storeu_epi8(row + k, inside, _mm512_maskz_mov_epi8(is_one, one));
    }
  }
#endif

  static const Kernels& of(SimdLevel level) {
    static constexpr Kernels kBaseline{set_bytes, advance_baseline};
#if defined(__x86_64__)
    static constexpr Kernels kAvx2{set_bytes, advance_avx2};
    static constexpr Kernels kAvx512{compare_bytes, advance_avx512};
    if (level == SimdLevel::kAvx512) return kAvx512;
    if (level == SimdLevel::kAvx2) return kAvx2;
#endif
    static_cast<void>(level);
    return kBaseline;
  }
};

class Game2048 final : public Env {
 public:
  using Params = Game2048Params;

  explicit Game2048(const Params& params)
      : target_(target_exponent(params)), spec_(make_spec(params)) {
    now_.board.put(0, 1);  // before the first reset too, some tile is there
    now_.legal = now_.board.legal_moves();
  }

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    now_ = Position();
    now_.luck = Rng(ctx.level, "2048");
    now_.add_tile(now_.luck.below(kCells));
    now_.add_tile();
    now_.legal = now_.board.legal_moves();
    kernels_.observe(now_.board, obs.bytes().data());
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    StepResult result;
    if ((now_.legal >> action.discrete() & 1) != 0) {
      result.reward = kernels_.advance(now_, static_cast<Slide>(action.discrete()));
      result.terminated = now_.legal == 0 || (target_ > 0 && now_.highest() >= target_);
    }
    kernels_.observe(now_.board, obs.bytes().data());
    return result;
  }

  void action_mask(MaskRow mask) const override {
    // A board on which nothing moves allows everything, since a mask must allow something.
    const unsigned allowed = now_.legal == 0 ? 15 : now_.legal;
    // Each bit in a byte of its own: the product is the sum of the bits shifted by 0, 7, 14 and 21.
    const std::uint32_t flags = allowed * 0x0020'4081u & 0x0101'0101u;
    std::memcpy(mask.data(), &flags, kNumActions);
  }

  void metrics(FloatRow values) const override {
    values[0] = static_cast<float>(1u << now_.highest());
    values[1] = now_.highest() >= (target_ > 0 ? target_ : kWinning) ? 1 : 0;
  }

  void draw(Canvas& canvas) const override {
    canvas.set_view({-0.1f, -0.1f}, {4.1f, 4.1f}, {188, 184, 174});
    for (unsigned cell = 0; cell < kCells; ++cell) draw_tile(canvas, cell);
    write_letters(canvas, 4, 4, letters());
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    constexpr Key kArrows[kNumActions] = {Key::kUp, Key::kRight, Key::kDown, Key::kLeft};
    constexpr Key kWords[kNumActions] = {Key::kW, Key::kD, Key::kS, Key::kA};
    for (unsigned i = 0; i < kNumActions; ++i) {
      if (!keys[kArrows[i]] && !keys[kWords[i]]) continue;
      action.discrete() = static_cast<std::int32_t>(i);
      return true;
    }
    return false;
  }

  bool get_state(DoubleVec& state) const override {
    state.clear();
    for (unsigned cell = 0; cell < kCells; ++cell) state.push_back(now_.board.exponent(cell));
    return true;
  }
  bool set_state(ConstDoubleRow state) override {
    TileBoard board;
    for (unsigned cell = 0; cell < kCells; ++cell) {
      const double exponent = state[cell];
      if (!(exponent >= 0 && exponent <= kHighest) || exponent != std::floor(exponent)) {
        throw Error("Game2048-v1: exponent " + format_number(exponent) + " in cell " +
                    std::to_string(cell) + "; expected 0 (empty) to 17 (131072)");
      }
      board.put(cell, static_cast<unsigned>(exponent));
    }
    if (board == TileBoard()) throw Error("Game2048-v1: no tile is on the board; expected some");
    now_.board = board;
    now_.legal = board.legal_moves();
    now_.newest = kCells;
    return true;
  }
  void save(StateWriter& out) const override {
    out.write(now_.luck);
    for (unsigned cell = 0; cell < kCells; ++cell) {
      out.write(static_cast<std::uint8_t>(now_.board.exponent(cell)));
    }
    out.write(now_.newest);
  }
  bool load(StateReader& in) override {
    in.read(now_.luck);
    TileBoard board;
    for (unsigned cell = 0; cell < kCells; ++cell) {
      std::uint8_t exponent = 0;
      in.read(exponent);
      if (exponent > kHighest) {
        throw Error::failure("saved state of Game2048-v1: exponent " + std::to_string(exponent) +
                             " in cell " + std::to_string(cell) + "; expected 0 to 17");
      }
      board.put(cell, exponent);
    }
    if (board == TileBoard()) {
      throw Error::failure("saved state of Game2048-v1: no tile is on the board");
    }
    in.read(now_.newest);
    now_.board = board;
    now_.legal = board.legal_moves();
    return true;
  }

 private:
  static void draw_plate(Canvas& canvas, Point at, float half, Color color) {
    constexpr float kRound = 0.08f;
    const float in = half - kRound;
    canvas.rectangle({at.x - in, at.y - in}, {at.x + in, at.y + in}, color);
    const Point corners[] = {{at.x - in, at.y - in}, {at.x + in, at.y - in},
                             {at.x + in, at.y + in}, {at.x - in, at.y + in}};
    for (int i = 0; i < 4; ++i) canvas.capsule(corners[i], corners[(i + 1) % 4], kRound, color);
  }

  void draw_tile(Canvas& canvas, unsigned cell) const {
    static constexpr Color kTiles[] = {
        {203, 200, 191}, {240, 236, 224}, {246, 224, 178}, {247, 198, 122}, {240, 168, 70},
        {226, 130, 30},  {205, 84, 0},    {214, 141, 181}, {178, 92, 146},  {120, 196, 236},
        {0, 114, 178},   {0, 146, 106},   {38, 50, 56}};
    constexpr float kHeights[] = {0.42f, 0.4f, 0.32f, 0.25f, 0.2f, 0.165f};
    const Point at{static_cast<float>(cell % 4) + 0.5f, 3.5f - static_cast<float>(cell / 4)};
    const unsigned exponent = now_.board.exponent(cell);
    if (cell == now_.newest) draw_plate(canvas, at, 0.475f, palette::kInk);
    draw_plate(canvas, at, 0.44f, kTiles[std::min(exponent, 12u)]);
    if (exponent == 0) return;
    const std::string number = std::to_string(1u << exponent);
    const float height = kHeights[number.size() - 1];
    const bool is_dark = exponent >= 5 && exponent != 7 && exponent != 9;
    canvas.text({at.x, at.y - 0.5f * height}, height, number,
                is_dark ? palette::kBackground : palette::kInk, Align::kCenter);
  }

  /// 2 to 64 as they are, then ^7 for 2^7 = 128 up to ^H for 2^17.
  std::string letters() const {
    std::string text;
    for (unsigned cell = 0; cell < kCells; ++cell) {
      const unsigned exponent = now_.board.exponent(cell);
      if (exponent == 0) {
        text += ". ";
      } else if (exponent <= 6) {
        text += std::to_string(1u << exponent);
        if (exponent <= 3) text += ' ';
      } else {
        text += '^';
        text += "789ABCDEFGH"[exponent - 7];
      }
    }
    return text;
  }

  unsigned target_;  // exponent; 0: none
  EnvSpec spec_;
  Position now_;
  const Kernels& kernels_ = Kernels::of(chosen_simd_level());
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Game2048>("built-in"); }

}  // namespace tern::game_2048
