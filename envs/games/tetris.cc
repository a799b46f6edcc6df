// Tetris-v1: drop pieces of four cells so that rows fill up and vanish.
//
//   observation (bytes)             value
//   board 20x10                     1 where a cell is filled, row 0 on top
//   piece, next (categorical)       I 0, O 1, T 2, S 3, Z 4, J 5, L 6
//   turns, column (categorical)     with `actions=moves` only: where the piece hovers
//
// Actions of `actions=placement`, 40: 10 * turns + column. The piece is turned clockwise by so many
// quarters, held over the board with its left end in that column, and dropped straight down.
// Actions of `actions=moves`: 0 left, 1 right, 2 turn, 3 drop. The piece hovers over the board in the
// middle until it is dropped, and the first three move it there; a turn at the border shifts it in.
//
// A dropped piece comes to rest on the first thing in its way; full rows vanish, what is above comes
// down. There is no sliding under overhangs. Pieces lie flat when they appear, T, J and L with their
// single cell on top.
// Reward: the number of rows that vanish in the step, 0 to 4; `scoring=classic`: 40, 100, 300 or
// 1200 for them.
// The episode terminates when the next piece fits nowhere: every placement would leave a cell above
// the top. So does dropping a piece where it leaves a cell above the top though it would fit
// elsewhere; the board stays as it was.
// Mask: forbidden is what repeats another action (turns that look the same, columns past the last
// that is free), moves that change nothing, and a drop that leaves a cell above the top. A forbidden
// action is no error: it does what it would repeat (the column is the last one possible), nothing,
// or ends the episode.
// Limit: 400 steps; with `actions=moves` 4000.
//
// Pieces: `pieces=bag`, all seven in random order, again and again; `pieces=uniform`, each time any.
// `level` chooses the whole sequence; the env draws nothing else.
//
// Keys: with `actions=moves` (Tetris-Moves-v1) left, right, up or X turns, down or space drops. With
// placements each row of keys is a turn, each key a column from the left: 1 2 3 .. 9 as shown, Q W E
// .. O turned once, A S D .. K twice, Z X C .. M, L, P three times; 0 stands an I at the right wall.
//
// Reference: Jumanji's Tetris-v0 (Bonnet et al. 2023). Differs from it: the pieces are shown by
// their numbers, the next one too; a mask without repetitions; lines as reward; the bag.

#include <cmath>
#include <string>

#include "envs/games/board_levels.h"
#include "envs/games/tetris_board.h"
#include "envs/grid/board_pieces.h"
#include "envs/registry/registry.h"

namespace tern::tetris {
namespace {

using namespace tetris;

constexpr int kLeft = 0, kRight = 1, kTurn = 2, kDrop = 3;
constexpr unsigned kFullBag = (1u << kNumPieces) - 1;
constexpr float kClassicScore[5] = {0, 40, 100, 300, 1200};
constexpr std::size_t kStateHead = 7;  // numbers before the cells in the state vector

/// The placements of a piece that differ and stay between the walls.
using PlacementMask = std::array<std::uint8_t, kNumPlacements>;
constexpr std::array<PlacementMask, kNumPieces> kPlacements = [] {
  std::array<PlacementMask, kNumPieces> all = {};
  for (std::size_t piece = 0; piece < kNumPieces; ++piece) {
    for (int i = 0; i < kPieces[piece].distinct * kColumns; ++i) {
      const Shape& shape = kPieces[piece].shapes[static_cast<std::size_t>(i / kColumns)];
      all[piece][static_cast<std::size_t>(i)] = i % kColumns + shape.width <= kColumns;
    }
  }
  return all;
}();

struct TetrisParams {
  std::string actions = "placement";
  std::string pieces = "bag";
  std::string scoring = "lines";
  int max_steps = 0;

  template <class V>
  void visit(V& v) {
    v("actions", actions, "place a piece at once, or move it and drop it",
      one_of({"placement", "moves"}));
    v("pieces", pieces, "all seven in random order, or each time any", one_of({"bag", "uniform"}));
    v("scoring", scoring, "reward of a step: the lines, or 40, 100, 300, 1200 for them",
      one_of({"lines", "classic"}));
    v("max_steps", max_steps, "time limit of an episode; 0: 400, with moves 4000", at_least(0));
  }
};

std::vector<std::string> placement_names() {
  static const char* const kTurnNames[] = {"as is", "turned once", "turned twice", "turned thrice"};
  std::vector<std::string> names;
  for (int i = 0; i < kNumPlacements; ++i) {
    names.push_back("column " + std::to_string(i % kColumns + 1) + " " + kTurnNames[i / kColumns]);
  }
  return names;
}

EnvSpec make_spec(const TetrisParams& params) {
  const bool has_moves = params.actions == "moves";
  EnvSpec spec;
  spec.id = "Tetris-v1";
  spec.family = "games";
  spec.summary = "drop pieces so that rows fill up and vanish";
  spec.reference = "Jumanji Tetris-v0";
  spec.obs = ObsSpace(DType::kUint8);
  spec.obs.image("board", kRows, kColumns, 1, 0, 1);
  spec.obs.categorical("piece", kNumPieces).categorical("next", kNumPieces);
  if (has_moves) spec.obs.categorical("turns", kTurns).categorical("column", kColumns);
  spec.action = ActionSpace::discrete(has_moves
                                          ? std::vector<std::string>{"left", "right", "turn", "drop"}
                                          : placement_names());
  spec.max_episode_steps = params.max_steps > 0 ? params.max_steps : has_moves ? 4000 : 400;
  spec.metrics = {"lines", "pieces"};
  spec.state_fields = {"piece", "next", "bag", "turns", "column", "lines", "pieces"};
  for (int i = 0; i < kRows * kColumns; ++i) {
    spec.state_fields.push_back("cell " + std::to_string(i));
  }
  spec.num_levels = kNumBoardLevels;
  spec.has_masks = true;
  spec.frames_per_second = 4;
  spec.turn_based = true;
  return spec;
}

class Tetris final : public Env {
 public:
  using Params = TetrisParams;

  explicit Tetris(const Params& params)
      : has_moves_(params.actions == "moves"), has_bag_(params.pieces == "bag"),
        is_classic_(params.scoring == "classic"), spec_(make_spec(params)) {}

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    rng_ = Rng(ctx.level, "tetris");
    board_ = Board();
    lines_ = pieces_ = 0;
    is_over_ = false;
    bag_ = kFullBag;
    piece_ = draw_piece();
    next_ = draw_piece();
    hover();
    observe(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    StepResult result;
    const int choice = action.discrete();
    if (!has_moves_) {
      turns_ = choice / kColumns % now().distinct;
      column_ = std::min(choice % kColumns, last_column());
      result = drop();
    } else if (choice == kDrop) {
      result = drop();
    } else if (choice == kTurn) {
      turns_ = (turns_ + 1) % now().distinct;
      column_ = std::min(column_, last_column());
    } else {
      column_ = std::clamp(column_ + (choice == kRight ? 1 : -1), 0, last_column());
    }
    observe(obs);
    return result;
  }

  void action_mask(MaskRow mask) const override {
    if (has_moves_) {
      mask[kLeft] = column_ > 0;
      mask[kRight] = column_ < last_column();
      mask[kTurn] = now().distinct > 1;
      mask[kDrop] = board_.fits(shape(), column_);
      return;
    }
    // With room for every piece the mask is the piece's; so it is where nothing is left to choose.
    const PlacementMask& all = kPlacements[static_cast<std::size_t>(piece_)];
    std::memcpy(mask.data(), all.data(), all.size());
    if (is_over_ || board_.highest() <= kRows - 4) return;
    for (int i = 0; i < kNumPlacements; ++i) {
      std::uint8_t& flag = mask[static_cast<std::size_t>(i)];
      if (flag != 0) flag = board_.fits(now().shapes[static_cast<std::size_t>(i / kColumns)], i % kColumns);
    }
  }

  void metrics(FloatRow values) const override {
    values[0] = static_cast<float>(lines_);
    values[1] = static_cast<float>(pieces_);
  }

  void draw(Canvas& canvas) const override;

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    if (has_moves_) {
      if (keys[Key::kDown] || keys[Key::kSpace]) return take(action, kDrop);
      if (keys[Key::kUp] || keys[Key::kX]) return take(action, kTurn);
      if (keys[Key::kLeft]) return take(action, kLeft);
      return keys[Key::kRight] && take(action, kRight);
    }
    using K = Key;
    static constexpr Key kRowsOfKeys[kTurns][9] = {
        {K::k1, K::k2, K::k3, K::k4, K::k5, K::k6, K::k7, K::k8, K::k9},
        {K::kQ, K::kW, K::kE, K::kR, K::kT, K::kY, K::kU, K::kI, K::kO},
        {K::kA, K::kS, K::kD, K::kF, K::kG, K::kH, K::kJ, K::kK, K::kK},
        {K::kZ, K::kX, K::kC, K::kV, K::kB, K::kN, K::kM, K::kL, K::kP}};
    for (int turns = 0; turns < kTurns; ++turns) {
      for (int column = 0; column < 9; ++column) {
        if (keys[kRowsOfKeys[turns][column]]) return take(action, kColumns * turns + column);
      }
    }
    return keys[Key::k0] && take(action, kColumns + kColumns - 1);  // only an I gets there
  }

  bool get_state(DoubleVec& state) const override {
    state = {1.0 * piece_, 1.0 * next_, 1.0 * bag_, 1.0 * turns_, 1.0 * column_, 1.0 * lines_,
             1.0 * pieces_};
    state.insert(state.end(), board_.cells().begin(), board_.cells().end());
    return true;
  }
  bool set_state(ConstDoubleRow state) override {
    std::array<int, kStateHead> head;
    Board::Cells cells;
    for (std::size_t i = 0; i < state.size(); ++i) {
      const double most = i < kStateHead ? 1e9 : kNumPieces;
      if (!(state[i] >= 0 && state[i] <= most) || state[i] != std::floor(state[i])) {
        throw Error("Tetris-v1: " + spec_.state_fields[i] + " is " + format_number(state[i]) +
                    (i < kStateHead ? "; expected a whole number"
                                    : "; expected 0 (empty) or the number of a piece plus 1"));
      }
      if (i < kStateHead) {
        head[i] = static_cast<int>(state[i]);
      } else {
        cells[i - kStateHead] = static_cast<std::uint8_t>(state[i]);
      }
    }
    const std::string wrong = place(head, cells);
    if (!wrong.empty()) throw Error("Tetris-v1: " + wrong);
    is_over_ = false;
    return true;
  }
  void save(StateWriter& out) const override {
    out.write(rng_);
    out.write(piece_, next_, static_cast<int>(bag_), turns_, column_, lines_, pieces_, is_over_);
    out.write(Row<const std::uint8_t>(board_.cells().data(), board_.cells().size()));
  }
  bool load(StateReader& in) override {
    std::array<int, kStateHead> head;
    Board::Cells cells;
    in.read(rng_);
    for (int& number : head) in.read(number);
    in.read(is_over_);
    in.read(Row<std::uint8_t>(cells.data(), cells.size()));
    const std::string wrong = place(head, cells);
    if (!wrong.empty()) throw Error::failure("saved state of Tetris-v1: " + wrong);
    return true;
  }

 private:
  const Piece& now() const { return kPieces[static_cast<std::size_t>(piece_)]; }
  const Shape& shape() const { return now().shapes[static_cast<std::size_t>(turns_)]; }
  int last_column() const { return kColumns - shape().width; }

  static bool take(MutableActionRow action, int choice) {
    action.discrete() = choice;
    return true;
  }

  int draw_piece() {
    if (!has_bag_) return static_cast<int>(rng_.below(kNumPieces));
    int left = 0;
    for (int piece = 0; piece < kNumPieces; ++piece) left += bag_ >> piece & 1;
    auto skipped = rng_.below(static_cast<std::uint32_t>(left));
    int piece = 0;
    for (; (bag_ >> piece & 1) == 0 || skipped-- > 0; ++piece) {
    }
    bag_ &= ~(1u << piece);
    if (bag_ == 0) bag_ = kFullBag;
    return piece;
  }

  /// The piece appears over the middle of the board.
  void hover() {
    turns_ = 0;
    column_ = last_column() / 2;
  }

  StepResult drop() {
    StepResult result;
    if (!board_.fits(shape(), column_)) {
      result.terminated = is_over_ = true;
      return result;
    }
    const int cleared = board_.drop(shape(), column_, static_cast<std::uint8_t>(piece_ + 1));
    lines_ += cleared;
    ++pieces_;
    result.reward = is_classic_ ? kClassicScore[cleared] : static_cast<float>(cleared);
    piece_ = next_;
    next_ = draw_piece();
    hover();
    result.terminated = is_over_ = !fits_somewhere();
    return result;
  }

  bool fits_somewhere() const {
    if (board_.highest() <= kRows - 2) return true;  // lying flat no piece is higher
    for (int turns = 0; turns < now().distinct; ++turns) {
      const Shape& turned = now().shapes[static_cast<std::size_t>(turns)];
      for (int column = 0; column <= kColumns - turned.width; ++column) {
        if (board_.fits(turned, column)) return true;
      }
    }
    return false;
  }

  void observe(ObsRow obs) const {
    std::uint8_t* const row = obs.bytes().data();
    const Board::Cells& cells = board_.cells();
    for (std::size_t i = 0; i < cells.size(); ++i) row[i] = cells[i] != 0;
    row[cells.size()] = static_cast<std::uint8_t>(piece_);
    row[cells.size() + 1] = static_cast<std::uint8_t>(next_);
    if (!has_moves_) return;
    row[cells.size() + 2] = static_cast<std::uint8_t>(turns_);
    row[cells.size() + 3] = static_cast<std::uint8_t>(column_);
  }

  /// What is wrong with such a state, in the order of state_fields; "" and it is set.
  std::string place(const std::array<int, kStateHead>& head, const Board::Cells& cells) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (head[i] >= 0 && head[i] < kNumPieces) continue;
      return spec_.state_fields[i] + " is " + std::to_string(head[i]) + "; expected 0 to 6";
    }
    if (head[2] < 1 || head[2] > static_cast<int>(kFullBag)) {
      return "bag is " + std::to_string(head[2]) + "; expected 1 to 127, a bit for each piece in it";
    }
    const Piece& piece = kPieces[static_cast<std::size_t>(head[0])];
    if (head[3] < 0 || head[3] >= piece.distinct) {
      return "turns is " + std::to_string(head[3]) + "; expected 0 to " +
             std::to_string(piece.distinct - 1);
    }
    const int last = kColumns - piece.shapes[static_cast<std::size_t>(head[3])].width;
    if (head[4] < 0 || head[4] > last) {
      return "column is " + std::to_string(head[4]) + "; expected 0 to " + std::to_string(last);
    }
    if (head[5] < 0 || head[6] < 0) return "lines or pieces are negative";
    for (const std::uint8_t cell : cells) {
      if (cell > kNumPieces) return "a cell is " + std::to_string(cell) + "; expected 0 to 7";
    }
    Board board;
    board.set(cells);
    if (board.has_full_row()) return "a row is full; it would have vanished";
    board_ = board;
    piece_ = head[0];
    next_ = head[1];
    bag_ = static_cast<unsigned>(head[2]);
    turns_ = head[3];
    column_ = head[4];
    lines_ = head[5];
    pieces_ = head[6];
    return "";
  }

  bool has_moves_, has_bag_, is_classic_;
  EnvSpec spec_;
  Rng rng_{0, "tetris"};  // of the level
  Board board_;
  int piece_ = 0, next_ = 0;
  unsigned bag_ = kFullBag;      // bit p: piece p is still in it
  int turns_ = 0, column_ = 0;   // where the piece hovers
  int lines_ = 0, pieces_ = 0;   // in this episode
  bool is_over_ = false;
};

// The picture: the board, over it the piece that hovers, under that a shadow where it would land.

constexpr Color kPieceColors[kNumPieces] = {palette::kAgentLight, {240, 200, 60}, {176, 86, 148},
                                            palette::kGoal,       palette::kDanger, palette::kAgent,
                                            palette::kItem};
constexpr float kHoverRows = 5, kSide = 6;  // room over the board and beside it

Color lighter(Color color) {
  const auto mix = [](std::uint8_t c) { return static_cast<std::uint8_t>((c + 2 * 255) / 3); };
  return {mix(color.r), mix(color.g), mix(color.b)};
}

/// A cell by its lower left corner.
void draw_block(Canvas& canvas, Point at, Color color) {
  canvas.rectangle({at.x + 0.03f, at.y + 0.03f}, {at.x + 0.97f, at.y + 0.97f}, color);
  canvas.rectangle({at.x + 0.12f, at.y + 0.76f}, {at.x + 0.88f, at.y + 0.88f}, lighter(color));
}

void draw_shape(Canvas& canvas, const Shape& shape, Point at, Color color) {
  for (std::size_t i = 0; i < 4; ++i) {
    draw_block(canvas, {at.x + static_cast<float>(shape.x[i]), at.y + static_cast<float>(shape.y[i])},
               color);
  }
}

void Tetris::draw(Canvas& canvas) const {
  canvas.set_view({-1, -1}, {kColumns + kSide, kRows + kHoverRows}, palette::kBackground);
  canvas.rectangle({-0.2f, -0.2f}, {kColumns + 0.2f, kRows}, palette::kInk);
  canvas.rectangle({0, 0}, {kColumns, kRows}, {52, 66, 74});
  for (int column = 1; column < kColumns; ++column) {
    const float x = static_cast<float>(column);
    canvas.line({x, 0}, {x, kRows}, 0.03f, palette::kInk);
  }
  for (int i = 0; i < kRows * kColumns; ++i) {
    const std::uint8_t value = board_.cells()[static_cast<std::size_t>(i)];
    if (value == 0) continue;
    draw_block(canvas, {static_cast<float>(i % kColumns), static_cast<float>(kRows - 1 - i / kColumns)},
               kPieceColors[value - 1]);
  }
  const Color color = kPieceColors[piece_];
  const float left = static_cast<float>(column_);
  if (has_moves_ && board_.fits(shape(), column_)) {
    const float ground = static_cast<float>(board_.landing(shape(), column_));
    for (std::size_t i = 0; i < 4; ++i) {
      const Point at{left + static_cast<float>(shape().x[i]) + 0.5f,
                     ground + static_cast<float>(shape().y[i]) + 0.5f};
      canvas.rectangle({at.x - 0.42f, at.y - 0.42f}, {at.x + 0.42f, at.y + 0.42f}, color);
      canvas.rectangle({at.x - 0.32f, at.y - 0.32f}, {at.x + 0.32f, at.y + 0.32f}, {52, 66, 74});
    }
  }
  draw_shape(canvas, shape(), {left, kRows + 0.1f}, color);

  const float middle = kColumns + kSide / 2;
  const Shape& coming = kPieces[static_cast<std::size_t>(next_)].shapes[0];
  canvas.text({middle, 18}, 0.9f, "next", palette::kInk, Align::kCenter);
  draw_shape(canvas, coming, {middle - static_cast<float>(coming.width) / 2, 15},
             kPieceColors[next_]);
  canvas.text({middle, 12}, 0.9f, "lines", palette::kInk, Align::kCenter);
  canvas.text({middle, 10}, 1.5f, std::to_string(lines_), palette::kInk, Align::kCenter);
  if (is_over_) canvas.text({middle, 7}, 0.9f, "over", palette::kDanger, Align::kCenter);

  std::string letters;
  for (const std::uint8_t value : board_.cells()) {
    letters += value == 0 ? '.' : kPieces[value - 1u].letter;
    letters += ' ';
  }
  write_letters(canvas, kRows, kColumns, letters);
}

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<Tetris>("built-in");
  registry.add_alias("Tetris-Moves-v1", "Tetris-v1", {{"actions", "moves", "Tetris-Moves-v1"}});
}

}  // namespace tern::tetris
