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

#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "envs/games/board_levels.h"
#include "envs/games/tile_board.h"
#include "envs/grid/board_pieces.h"
#include "envs/registry.h"

namespace tern {
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

class Game2048 final : public Env {
 public:
  using Params = Game2048Params;

  explicit Game2048(const Params& params)
      : target_(target_exponent(params)), spec_(make_spec(params)) {
    board_.put(0, 1);  // before the first reset too, some tile is there
    legal_ = board_.legal_moves();
  }

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    rng_ = Rng(ctx.level, "2048");
    board_ = TileBoard();
    add_tile(rng_.below(kCells));
    add_tile();
    legal_ = board_.legal_moves();
    observe(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    StepResult result;
    if ((legal_ >> action.discrete() & 1) != 0) {
      result.reward = static_cast<float>(board_.move(static_cast<Slide>(action.discrete())));
      add_tile();
      legal_ = board_.legal_moves();
      result.terminated = legal_ == 0 || (target_ > 0 && highest() >= target_);
    }
    observe(obs);
    return result;
  }

  void action_mask(MaskRow mask) const override {
    // A board on which nothing moves allows everything, since a mask must allow something.
    const unsigned allowed = legal_ == 0 ? 15 : legal_;
    // Each bit in a byte of its own: the product is the sum of the bits shifted by 0, 7, 14 and 21.
    const std::uint32_t flags = allowed * 0x0020'4081u & 0x0101'0101u;
    std::memcpy(mask.data(), &flags, kNumActions);
  }

  void metrics(FloatRow values) const override {
    values[0] = static_cast<float>(1u << highest());
    values[1] = highest() >= (target_ > 0 ? target_ : kWinning) ? 1 : 0;
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
    for (unsigned cell = 0; cell < kCells; ++cell) state.push_back(board_.exponent(cell));
    return true;
  }
  bool set_state(DoubleRow state) override {
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
    board_ = board;
    legal_ = board.legal_moves();
    newest_ = kCells;
    return true;
  }
  void save(StateWriter& out) const override {
    out.write(rng_);
    for (unsigned cell = 0; cell < kCells; ++cell) {
      out.write(static_cast<std::uint8_t>(board_.exponent(cell)));
    }
    out.write(newest_);
  }
  bool load(StateReader& in) override {
    in.read(rng_);
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
    in.read(newest_);
    board_ = board;
    legal_ = board.legal_moves();
    return true;
  }

 private:
  void add_tile(unsigned cell) {
    newest_ = cell;
    board_.put(cell, 1 + static_cast<unsigned>(rng_.chance(kFourProbability)));
  }
  /// On a board with an empty cell and a tile.
  void add_tile() {
    const std::uint64_t counts = board_.count_empty();
    add_tile(TileBoard::empty_cell(counts, rng_.below(TileBoard::total(counts))));
  }

  unsigned highest() const {
    unsigned most = 0;
    for (unsigned cell = 0; cell < kCells; ++cell) most = std::max(most, board_.exponent(cell));
    return most;
  }

  void observe(ObsRow obs) const {
    std::uint8_t* const row = obs.bytes().data();
    std::memset(row, 0, obs.bytes().size());
    const TileBoard board = board_;  // a copy, which the bytes that are written cannot change
    board.for_each([row](unsigned cell, unsigned exponent) {
      row[kChannels * cell + exponent] = 1;
    });
  }

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
    const unsigned exponent = board_.exponent(cell);
    if (cell == newest_) draw_plate(canvas, at, 0.475f, palette::kInk);
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
      const unsigned exponent = board_.exponent(cell);
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
  Rng rng_{0, "2048"};  // of the level
  TileBoard board_;
  unsigned legal_ = 0;         // bit d: action d changes something
  unsigned newest_ = kCells;   // the cell of the tile that appeared last; kCells: unknown
};

}  // namespace

void add_game_2048(EnvRegistry& registry) { registry.add<Game2048>("built-in"); }

}  // namespace tern
