// ConnectFour-v1: be the first with four stones in a line.
//
//   observation     channel   value (one byte)
//   board 6x7x2     0 own     1 where a stone of the player who is to move lies, else 0
//                   1 other   1 where a stone of the other player lies
//
// Row 0 is on top.
//
// Actions: 0 to 6, the column that the stone is thrown into; it falls onto the highest stone there,
// or to the bottom. The mask forbids full columns; who throws into one all the same loses at once:
// reward -1, the board as it was. (When the board is full, the game is over; the mask is then
// all 1.) Four stones of one player in a line, upwards, sideways or along a diagonal, win: the
// episode terminates. A full board without them is a draw: it terminates with reward 0.
//
// Against a scripted opponent (`opponent=random`, `greedy` or `minimax`) a step is the agent's
// stone and the answer to it, so the agent is always the one to move. Reward: +1 if the agent wins,
// -1 if the opponent does.
// - random throws into any open column, each equally likely;
// - greedy never misses a win with this stone nor, then, to keep the agent from one with the next;
//   else it is random;
// - minimax looks `depth` stones ahead (envs/games/connect_four_opponent.h).
// `first` says who has the first stone: the agent, the opponent or, by default, either with
// probability 1/2. An opponent that has it has thrown it when the episode starts.
//
// Self-play (`opponent=none`): each step is one stone, and the two players take turns. The
// observation is always seen by whom it is the turn of now, so its two channels change places from
// step to step; the reward is that of the player who threw the stone: +1 for the four that ends the
// game, after which the observation is seen by the loser. What one player gets the other loses
// (player_rewards): +1 for the four is -1 for the other, -1 for a full column is +1. Player 0 has the
// first stone.
//
// Metrics: success, 1 if the agent won (self-play: who threw the first stone); draw.
// Keys: 1 to 7. The env waits for them.
//
// Reference: the game of 1974 (Wexler and Strongin), 6 rows and 7 columns; observation and
// turns in self-play as PettingZoo's connect_four_v3. Differs from it: there an agent that throws
// into a full column is stopped by a wrapper, and both players get a reward in the end.

#include <array>
#include <cstring>
#include <string>

#include "envs/games/connect_four_opponent.h"
#include "envs/games/number_state.h"
#include "envs/grid/board_pieces.h"
#include "envs/registry/registry.h"

namespace tern::connect_four {
namespace {

constexpr int kDefaultDepth = 4;
constexpr int kNoColumn = -1;
constexpr std::size_t kPlaneBytes = 2 * kCells;

struct ConnectFourParams {
  std::string opponent = "random";
  int depth = kDefaultDepth;
  std::string first = "random";

  template <class V>
  void visit(V& v) {
    v("opponent", opponent, "who answers; none: both players act in turn",
      one_of({"random", "greedy", "minimax", "none"}));
    v("depth", depth, "stones that minimax looks ahead", in_range(1, kMaxDepth));
    v("first", first, "who has the first stone", one_of({"random", "agent", "opponent"}));
  }
};

/// The documented state: the board from the top, 1 a stone of who moved first, 2 of the other.
struct Position {
  int cells[kCells] = {};
  int agent = 1;
  int last_column = kNoColumn;

  template <class V>
  void visit(V& v) {
    for (int cell = 0; cell < kCells; ++cell) {
      v("row " + std::to_string(cell / kColumns) + " column " + std::to_string(cell % kColumns),
        cells[cell], 0, 2);
    }
    v("agent", agent, 1, 2);
    v("last column", last_column, kNoColumn, kColumns - 1);
  }
};

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "ConnectFour-v1";
  spec.family = "games";
  spec.summary = "be the first with four stones in a line";
  spec.reference = "the game (Wexler and Strongin 1974)";
  spec.obs = ObsSpace(DType::kUint8);
  spec.obs.image("board", kRows, kColumns, 2, 0, 1);
  spec.action = ActionSpace::discrete(
      {"column 1", "column 2", "column 3", "column 4", "column 5", "column 6", "column 7"});
  spec.metrics = {"success", "draw"};
  spec.state_fields = number_state::names<Position>();
  spec.has_masks = true;
  spec.turn_based = true;
  return spec;
}

Opponent opponent_named(const std::string& name) {
  if (name == "random") return Opponent::kRandom;
  if (name == "greedy") return Opponent::kGreedy;
  return name == "minimax" ? Opponent::kMinimax : Opponent::kNone;
}

/// Where the cell is in the observation, in cells: rows from the top.
int cell_number(Bits cell) {
  const int place = __builtin_ctzll(cell);
  return (kRows - 1 - place % kStride) * kColumns + place / kStride;
}

class ConnectFour final : public Env {
 public:
  using Params = ConnectFourParams;

  explicit ConnectFour(const Params& params)
      : opponent_(opponent_named(params.opponent)),
        name_(params.opponent),
        depth_(params.depth),
        first_(params.first),
        spec_(make_spec()) {
    if (opponent_ == Opponent::kNone && first_ != "random") {
      throw Error("env.first: '" + first_ + "' means nothing with opponent=none: both players act");
    }
    if (opponent_ == Opponent::kNone) spec_.players = 2;
    if (opponent_ != Opponent::kMinimax && depth_ != kDefaultDepth) {
      throw Error("env.depth: " + std::to_string(depth_) +
                  " means nothing with opponent=" + params.opponent + "; only minimax looks ahead");
    }
  }

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    board_ = Board();
    last_column_ = kNoColumn;
    // Where GCC 12 knows a size it writes a slow `rep stos`; obs.size() it does not know.
    for (auto& view : views_) std::memset(view.data(), 0, obs.size());
    agent_ = 0;
    scorer_ = 0;
    reward_ = 0;
    if (opponent_ != Opponent::kNone) {
      agent_ = first_ == "random" ? static_cast<int>(ctx.rng.below(2)) : first_ == "agent" ? 0 : 1;
      if (agent_ == 1) throw_stone(answer(ctx.rng));
    }
    observe(obs);
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    StepResult result;
    scorer_ = board_.mover();
    const Bits cell = landing(board_, action.discrete());
    if (cell == 0) {
      result.reward = -1;
      result.terminated = true;
    } else if (throw_stone(cell)) {
      result.reward = 1;
      result.terminated = true;
    } else if (board_.is_full()) {
      result.terminated = true;
    } else if (opponent_ != Opponent::kNone) {
      const bool has_won = throw_stone(answer(rng));
      result.reward = has_won ? -1.0f : 0.0f;
      result.terminated = has_won || board_.is_full();
    }
    if (opponent_ == Opponent::kNone) agent_ = board_.mover();
    reward_ = result.reward;
    observe(obs);
    return result;
  }

  int current_player() const override { return opponent_ == Opponent::kNone ? agent_ : 0; }
  bool player_rewards(FloatRow rewards) const override {
    if (opponent_ != Opponent::kNone) return false;
    const auto scorer = static_cast<std::size_t>(scorer_);
    rewards[scorer] = reward_;
    rewards[scorer ^ 1] = -reward_;
    return true;
  }

  void action_mask(MaskRow mask) const override {
    const Bits top = board_.is_full() ? 0 : board_.taken() & kTopRow;
    for (int column = 0; column < kColumns; ++column) {
      mask[static_cast<std::size_t>(column)] = (top & column_cells(column)) == 0;
    }
  }

  void metrics(FloatRow values) const override {
    const bool is_self_play = opponent_ == Opponent::kNone;
    const bool was_given = is_self_play && scorer_ == 1 && reward_ < 0;  // by a full column
    values[0] = was_given || has_four(board_.stones[is_self_play ? 0 : agent_]) ? 1 : 0;
    values[1] = board_.is_full() && !is_won() ? 1 : 0;
  }

  void draw(Canvas& canvas) const override;

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    constexpr Key kDigits[kColumns] = {Key::k1, Key::k2, Key::k3, Key::k4,
                                       Key::k5, Key::k6, Key::k7};
    for (int column = 0; column < kColumns; ++column) {
      if (!keys[kDigits[column]] || !board_.is_open(column)) continue;
      action.discrete() = column;
      return true;
    }
    return false;
  }

  bool get_state(DoubleVec& values) const override {
    number_state::get(position(), values);
    return true;
  }
  bool set_state(ConstDoubleRow values) override {
    put(number_state::from<Position>(spec_.id, values,
                                     [&](const Position& p) { return conflict(p); }));
    return true;
  }
  void save(StateWriter& out) const override { number_state::save(position(), out); }
  bool load(StateReader& in) override {
    put(number_state::load<Position>(spec_.id, in, [&](const Position& p) { return conflict(p); }));
    return true;
  }

 private:
  bool is_won() const { return has_four(board_.stones[0]) || has_four(board_.stones[1]); }

  Bits answer(Rng& rng) const {
    switch (opponent_) {
      case Opponent::kGreedy:
        return greedy_move(board_, rng);
      case Opponent::kMinimax:
        return minimax_move(board_, depth_, rng);
      default:
        return random_move(board_, rng);
    }
  }

  /// The mover's stone, on a landing; true if it wins.
  bool throw_stone(Bits cell) {
    const auto mover = static_cast<std::size_t>(board_.mover());
    show(cell, mover);
    last_column_ = __builtin_ctzll(cell) / kStride;
    board_.place(cell);
    return has_four(board_.stones[mover]);
  }

  /// Enters a stone of `side` in what the sides see.
  void show(Bits cell, std::size_t side) {
    const auto at = 2 * static_cast<std::size_t>(cell_number(cell));
    views_[side][at] = 1;
    views_[side ^ 1][at + 1] = 1;
  }

  void observe(ObsRow obs) const {
    std::memcpy(obs.bytes().data(), views_[static_cast<std::size_t>(agent_)].data(), obs.size());
  }

  Position position() const {
    Position p;
    for (int side = 0; side < 2; ++side) {
      for (Bits left = board_.stones[side]; left != 0; left &= left - 1) {
        p.cells[cell_number(left & (~left + 1))] = side + 1;
      }
    }
    p.agent = agent_ + 1;
    p.last_column = last_column_;
    return p;
  }

  static Board board_of(const Position& p) {
    Board board;
    for (int cell = 0; cell < kCells; ++cell) {
      if (p.cells[cell] == 0) continue;
      board.stones[p.cells[cell] - 1] |= bit(kRows - 1 - cell / kColumns, cell % kColumns);
      ++board.count;
    }
    return board;
  }

  void put(const Position& p) {
    board_ = board_of(p);
    agent_ = p.agent - 1;
    last_column_ = p.last_column;
    for (auto& view : views_) view.fill(0);
    for (std::size_t side = 0; side < 2; ++side) {
      for (Bits left = board_.stones[side]; left != 0; left &= left - 1) {
        show(left & (~left + 1), side);
      }
    }
  }

  std::string conflict(const Position& p) const;
  std::string letters() const;

  Opponent opponent_;
  std::string name_;  // of the opponent
  int depth_;
  std::string first_;
  EnvSpec spec_;
  Board board_;
  int agent_ = 0;  // the side that sees the observation
  int scorer_ = 0;  // self-play: who threw the last stone, and what it got for it
  float reward_ = 0;
  int last_column_ = kNoColumn;
  std::array<std::uint8_t, kPlaneBytes> views_[2] = {};  // the observation of each side
};

std::string ConnectFour::conflict(const Position& p) const {
  for (int cell = 0; cell + kColumns < kCells; ++cell) {
    if (p.cells[cell] == 0 || p.cells[cell + kColumns] != 0) continue;
    return "the stone in row " + std::to_string(cell / kColumns) + ", column " +
           std::to_string(cell % kColumns) + " lies on nothing";
  }
  const Board board = board_of(p);
  const int first = __builtin_popcountll(board.stones[0]), second = board.count - first;
  if (first != second && first != second + 1) {
    return std::to_string(first) + " stones of 1 and " + std::to_string(second) +
           " of 2; expected as many, or one more of 1";
  }
  if (has_four(board.stones[board.mover()])) {
    return "the player who is to move (" + std::to_string(board.mover() + 1) + ") has four already";
  }
  const bool goes_on = !has_four(board.stones[board.mover() ^ 1]) && !board.is_full();
  if (p.agent != board.mover() + 1 && (goes_on || opponent_ == Opponent::kNone)) {
    return "the agent is " + std::to_string(p.agent) + ", but it is the turn of " +
           std::to_string(board.mover() + 1);
  }
  if (p.last_column == kNoColumn) return "";
  const Bits in_column = column_cells(p.last_column);
  if ((board.stones[board.mover() ^ 1] & in_column) <= (board.stones[board.mover()] & in_column)) {
    return "the last stone is not on top of column " + std::to_string(p.last_column);
  }
  return "";
}

// The picture: a cell a unit; below the board the numbers of the columns, then who is who.

constexpr float kBottom = -1.9f;  // leaves 0.1 above the board

constexpr Color kStoneColors[2] = {palette::kAgent, palette::kDanger};
constexpr Color kStoneRims[2] = {palette::kAgentLight, {244, 165, 105}};

void draw_stone(Canvas& canvas, Point at, int look, float scale = 1) {
  canvas.circle(at, 0.42f * scale, kStoneColors[look]);
  canvas.circle(at, 0.31f * scale, kStoneRims[look]);
  canvas.circle(at, 0.25f * scale, kStoneColors[look]);
}

void ConnectFour::draw(Canvas& canvas) const {
  constexpr Color kBoard{69, 90, 100};
  const bool is_self_play = opponent_ == Opponent::kNone;
  const int blue = is_self_play ? 0 : agent_;  // the side of the agent's colour
  const auto center = [](int place) {
    return Point{static_cast<float>(place / kStride) + 0.5f,
                 static_cast<float>(place % kStride) + 0.5f};
  };
  canvas.set_view({-0.1f, kBottom}, {kColumns + 0.1f, kBottom + kRows + 2}, palette::kBackground);
  canvas.capsule({0.2f, 0.2f}, {0.2f, kRows - 0.2f}, 0.2f, kBoard);
  canvas.capsule({kColumns - 0.2f, 0.2f}, {kColumns - 0.2f, kRows - 0.2f}, 0.2f, kBoard);
  canvas.rectangle({0.2f, 0}, {kColumns - 0.2f, kRows}, kBoard);
  for (int column = 0; column < kColumns; ++column) {
    for (int row = 0; row < kRows; ++row) {
      const Point at = center(kStride * column + row);
      const Bits cell = bit(row, column);
      if ((board_.taken() & cell) == 0) {
        canvas.circle(at, 0.42f, palette::kBackground);
      } else {
        draw_stone(canvas, at, (board_.stones[blue] & cell) != 0 ? 0 : 1);
      }
    }
  }
  const Bits won = fours(board_.stones[0]) | fours(board_.stones[1]);
  for (const int step : kLineSteps) {  // a line through each four
    for (int place = 0; place + 3 * step < kStride * kColumns; ++place) {
      const Bits line = (Bits{1} | Bits{1} << step | Bits{1} << 2 * step | Bits{1} << 3 * step)
                        << place;
      if ((board_.stones[0] & line) != line && (board_.stones[1] & line) != line) continue;
      canvas.capsule(center(place), center(place + 3 * step), 0.1f, palette::kBackground);
    }
  }
  if (last_column_ != kNoColumn && won == 0) {
    const Bits in_column = board_.taken() & column_cells(last_column_);
    canvas.circle(center(63 - __builtin_clzll(in_column)), 0.1f, palette::kBackground);
  }
  // Who is who, and whose turn it is.
  const std::string names[2] = {is_self_play ? "first" : "agent", is_self_play ? "second" : name_};
  const int turn = board_.mover() == blue ? 0 : 1;
  for (int look = 0; look < 2; ++look) {
    const float x = look == 0 ? 0.5f : kColumns - 0.5f;
    if (look == turn && won == 0 && !board_.is_full()) {
      canvas.circle({x, kBottom + 0.5f}, 0.44f, palette::kItem);
    }
    draw_stone(canvas, {x, kBottom + 0.5f}, look, 0.8f);
    canvas.text({look == 0 ? x + 0.6f : x - 0.6f, kBottom + 0.36f}, 0.4f, names[look],
                palette::kInk, look == 0 ? Align::kLeft : Align::kRight);
  }
  for (int column = 0; column < kColumns; ++column) {
    canvas.text({static_cast<float>(column) + 0.5f, -0.72f}, 0.5f, std::to_string(column + 1),
                board_.is_open(column) ? palette::kInk : Color{200, 205, 205}, Align::kCenter);
  }
  canvas.push({0, kBottom}, 0);
  write_letters(canvas, kRows + 2, kColumns, letters());
  canvas.pop();
}

/// x the agent's stones (self-play: of who moved first), o the others; X and O in a four.
std::string ConnectFour::letters() const {
  const int blue = opponent_ == Opponent::kNone ? 0 : agent_;
  const Bits won = fours(board_.stones[0]) | fours(board_.stones[1]);
  std::string text;
  for (int row = kRows - 1; row >= 0; --row) {
    for (int column = 0; column < kColumns; ++column) {
      const Bits cell = bit(row, column);
      const char* const pair = (won & cell) != 0 ? "XO" : "xo";
      text += (board_.taken() & cell) == 0 ? '.' : pair[(board_.stones[blue] & cell) != 0 ? 0 : 1];
      text += ' ';
    }
  }
  return text + "1 2 3 4 5 6 7 " + std::string(2 * kColumns, ' ');
}

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<ConnectFour>("built-in");
}

}  // namespace tern::connect_four
