// Snake-v1: a snake that grows with each fruit it eats, on a board of size x size cells.
//
//   observation     channel   value (one byte)
//   board 12x12x5   0 body    255 where the snake is, head and tail included, else 0
//                   1 head    255 at its head
//                   2 tail    255 at its last cell; a snake of length 1 is head and tail at once
//                   3 fruit   255 at the fruit
//                   4 order   255 k / length, rounded, at the k-th cell from the tail: 255 at the head
//
// Networks get bytes divided by 255. Row 0 is on top.
//
// Actions: 0 up, 1 right, 2 down, 3 left; the head goes one cell that way, the body follows.
// - Onto the fruit: reward 1, and the snake grows: its tail stays where it is in this step. The next
//   fruit appears on one of the free cells, each equally likely.
// - Elsewhere the tail leaves its cell in the same step, so the head may enter that very cell.
// - Into a wall or the rest of the body: the episode terminates with reward 0, the snake as it was.
// - Turning back onto one's own neck is not possible: such an action goes straight on. The mask
//   forbids it. `mask=safe` forbids in addition whatever would end the episode, unless nothing
//   else is left.
// The episode terminates with the last fruit, too, when the snake fills the board.
// Limit: 4000 steps.
//
// Start: a snake of one cell anywhere, the fruit on any other cell. `level` chooses both and the
// whole sequence of fruits; the env draws nothing else.
//
// Keys: the arrows or W A S D; without a key it goes straight on.
//
// Reference: Jumanji's Snake-v1 (Bonnet et al. 2023). Differs from it: bytes instead of floats; the
// mask forbids only turning back, by default; the reference ends an episode one step earlier, when
// no safe move is left; there a snake of two cells may turn round; no step count is observed
// (`time_aware=true` adds the time).

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include "envs/games/board_levels.h"
#include "envs/grid/board_pieces.h"
#include "envs/registry/registry.h"

namespace tern::snake {
namespace {

constexpr int kUp = 0, kRight = 1, kLeft = 3, kNumActions = 4;
constexpr int kRowStep[kNumActions] = {-1, 0, 1, 0}, kColumnStep[kNumActions] = {0, 1, 0, -1};
constexpr int kMaxSize = 16;  // a cell's number is a byte
constexpr int kNoFruit = -1;
constexpr std::size_t kChannels = 5;

struct SnakeParams {
  int size = 12;
  std::string mask = "reversal";
  int max_steps = 4000;

  template <class V>
  void visit(V& v) {
    v("size", size, "rows and columns of the board", in_range(4, kMaxSize));
    v("mask", mask, "what is forbidden: turning back, or whatever would end the episode",
      one_of({"reversal", "safe"}));
    v("max_steps", max_steps, "time limit of an episode", at_least(1));
  }
};

EnvSpec make_spec(const SnakeParams& params) {
  EnvSpec spec;
  spec.id = "Snake-v1";
  spec.family = "games";
  spec.summary = "eat, grow, and don't bite yourself";
  spec.reference = "Jumanji Snake-v1";
  spec.obs = ObsSpace(DType::kUint8);
  spec.obs.image("board", params.size, params.size, kChannels, 0, 255);
  spec.action = ActionSpace::discrete({"up", "right", "down", "left"});
  spec.max_episode_steps = params.max_steps;
  spec.metrics = {"snake length", "success"};
  spec.state_fields = {"fruit cell", "direction"};
  for (int cell = 0; cell < params.size * params.size; ++cell) {
    spec.state_fields.push_back("order of cell " + std::to_string(cell));
  }
  spec.num_levels = kNumBoardLevels;
  spec.has_masks = true;
  spec.frames_per_second = 7;
  return spec;
}

class Snake final : public Env {
 public:
  using Params = SnakeParams;

  explicit Snake(const Params& params)
      : size_(params.size), is_safe_(params.mask == "safe"), spec_(make_spec(params)) {}

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    rng_ = Rng(ctx.level, "snake");
    taken_.fill(0);
    const auto cells = static_cast<std::uint32_t>(size_ * size_);
    const int start = static_cast<int>(rng_.below(cells));
    head_row_ = start / size_;
    head_column_ = start % size_;
    facing_ = head_column_ < size_ / 2 ? kRight : kLeft;
    length_ = 1;
    newest_ = 0;
    body_[0] = static_cast<std::uint8_t>(start);
    taken_[static_cast<std::size_t>(start)] = 1;
    fruit_ = static_cast<int>(rng_.below(cells - 1));
    if (fruit_ >= start) ++fruit_;
    is_dead_ = false;
    observe(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    StepResult result;
    const int direction = is_reversal(action.discrete()) ? facing_ : action.discrete();
    const int row = head_row_ + kRowStep[direction];
    const int column = head_column_ + kColumnStep[direction];
    if (is_inside(row, column) && is_free(row * size_ + column)) {
      facing_ = direction;
      if (move_to(row, column)) {
        result.reward = 1;
        result.terminated = !place_fruit();
      }
    } else {
      is_dead_ = true;
      result.terminated = true;
    }
    observe(obs);
    return result;
  }

  void action_mask(MaskRow mask) const override {
    const std::uint32_t all = 0x01010101u;
    std::uint32_t flags = length_ > 1 ? all & ~(0xFFu << 8 * opposite(facing_)) : all;
    if (is_safe_) flags = only_safe(flags);
    std::memcpy(mask.data(), &flags, kNumActions);
  }

  void metrics(FloatRow values) const override {
    values[0] = static_cast<float>(length_);
    values[1] = length_ == size_ * size_ ? 1 : 0;
  }

  void draw(Canvas& canvas) const override {
    const float n = static_cast<float>(size_);
    canvas.set_view({-0.1f, -0.1f}, {n + 0.1f, n + 0.1f}, palette::kInk);
    draw_floor(canvas, size_, size_, palette::kFloor, {224, 224, 216});
    if (fruit_ != kNoFruit) draw_fruit(canvas, center_of(fruit_));
    draw_body(canvas);
    draw_head(canvas);
    write_letters(canvas, size_, size_, letters());
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    constexpr Key kArrows[kNumActions] = {Key::kUp, Key::kRight, Key::kDown, Key::kLeft};
    constexpr Key kWords[kNumActions] = {Key::kW, Key::kD, Key::kS, Key::kA};
    action.discrete() = facing_;
    for (int i = 0; i < kNumActions; ++i) {
      // Of two keys the turn is meant: the other one is still down from the way so far.
      if (!keys[kArrows[i]] && !keys[kWords[i]]) continue;
      if (i != facing_ && !is_reversal(i)) action.discrete() = i;
    }
    return true;
  }

  bool get_state(DoubleVec& state) const override {
    state.assign(2 + static_cast<std::size_t>(size_ * size_), 0.0);
    state[0] = fruit_;
    state[1] = facing_;
    for (int k = 1; k <= length_; ++k) state[2 + cell_from_tail(k)] = k;
    return true;
  }
  bool set_state(ConstDoubleRow state) override {
    std::vector<std::uint8_t> cells(static_cast<std::size_t>(size_ * size_));
    int length = 0;
    for (std::size_t i = 2; i < state.size(); ++i) {
      const double order = state[i];
      if (!(order >= 0 && order <= size_ * size_) || order != std::floor(order)) {
        throw Error("Snake-v1: order " + format_number(order) + " of cell " +
                    std::to_string(i - 2) + "; expected 0 (free) or a number from the tail on");
      }
      if (order == 0) continue;
      cells[static_cast<std::size_t>(order) - 1] = static_cast<std::uint8_t>(i - 2);
      ++length;
    }
    cells.resize(static_cast<std::size_t>(length));
    for (int k = 0; k < length; ++k) {
      const double order = state[2 + cells[static_cast<std::size_t>(k)]];
      if (order == k + 1) continue;
      throw Error("Snake-v1: no cell has order " + std::to_string(k + 1) + " of " +
                  std::to_string(length) + "; expected each from 1, the tail, on");
    }
    for (std::size_t i = 0; i < 2; ++i) {
      if (state[i] == std::floor(state[i]) && std::fabs(state[i]) < 1000) continue;
      throw Error("Snake-v1: the " + spec_.state_fields[i] + " is " + format_number(state[i]) +
                  "; expected a whole number");
    }
    const std::string wrong = place(cells, static_cast<int>(state[0]), static_cast<int>(state[1]));
    if (!wrong.empty()) throw Error("Snake-v1: " + wrong);
    is_dead_ = false;
    return true;
  }
  void save(StateWriter& out) const override {
    out.write(rng_);
    std::array<std::uint8_t, kMaxSize * kMaxSize> cells;
    for (int k = 1; k <= length_; ++k) {
      cells[static_cast<std::size_t>(k - 1)] = static_cast<std::uint8_t>(cell_from_tail(k));
    }
    out.write(Row<const std::uint8_t>(cells.data(), static_cast<std::size_t>(length_)));
    out.write(fruit_, facing_, is_dead_);
  }
  bool load(StateReader& in) override {
    std::vector<std::uint8_t> cells;
    int fruit = 0, facing = 0;
    in.read(rng_);
    in.read(cells, fruit, facing, is_dead_);
    const std::string wrong = place(cells, fruit, facing);
    if (!wrong.empty()) throw Error::failure("saved state of Snake-v1: " + wrong);
    return true;
  }

 private:
  static unsigned opposite(int direction) { return static_cast<unsigned>(direction + 2) % 4; }
  bool is_reversal(int direction) const {
    return length_ > 1 && static_cast<unsigned>(direction) == opposite(facing_);
  }
  bool is_inside(int row, int column) const {
    return static_cast<unsigned>(row) < static_cast<unsigned>(size_) &&
           static_cast<unsigned>(column) < static_cast<unsigned>(size_);
  }
  /// The k-th cell from the tail, k = 1 .. length_.
  std::size_t cell_from_tail(int k) const {
    return body_[static_cast<std::uint8_t>(newest_ - (length_ - k))];
  }
  /// Whether the head may enter: the tail will be gone.
  bool is_free(int cell) const {
    return taken_[static_cast<std::size_t>(cell)] == 0 ||
           (length_ > 1 && cell_from_tail(1) == static_cast<std::size_t>(cell));
  }

  /// True if the fruit was there.
  bool move_to(int row, int column) {
    const int cell = row * size_ + column;
    const bool eats = cell == fruit_;
    if (!eats) taken_[cell_from_tail(1)] = 0;
    length_ += eats ? 1 : 0;
    body_[++newest_] = static_cast<std::uint8_t>(cell);
    taken_[static_cast<std::size_t>(cell)] = 1;
    head_row_ = row;
    head_column_ = column;
    return eats;
  }

  /// False if there is no room.
  bool place_fruit() {
    fruit_ = kNoFruit;
    const int free = size_ * size_ - length_;
    if (free == 0) return false;
    auto left = rng_.below(static_cast<std::uint32_t>(free));
    for (fruit_ = 0;; ++fruit_) {
      if (taken_[static_cast<std::size_t>(fruit_)] == 0 && left-- == 0) return true;
    }
  }

  /// Those of the flags, a byte for each action, that do not end the episode; all if none.
  std::uint32_t only_safe(std::uint32_t flags) const {
    std::uint32_t safe = 0;
    for (int i = 0; i < kNumActions; ++i) {
      const int row = head_row_ + kRowStep[i], column = head_column_ + kColumnStep[i];
      if (is_inside(row, column) && is_free(row * size_ + column)) safe |= 1u << 8 * i;
    }
    return (safe & flags) != 0 ? safe & flags : flags;
  }

  void observe(ObsRow obs) const {
    std::uint8_t* const row = obs.bytes().data();
    std::memset(row, 0, obs.bytes().size());
    const auto length = static_cast<unsigned>(length_);
    unsigned order = length / 2;  // 255 k / length, rounded
    for (unsigned k = 1; k <= length; ++k) {
      order += 255;
      std::uint8_t* const cell = row + kChannels * cell_from_tail(static_cast<int>(k));
      cell[0] = 255;
      cell[4] = static_cast<std::uint8_t>(order / length);
    }
    row[kChannels * cell_from_tail(length_) + 1] = 255;
    row[kChannels * cell_from_tail(1) + 2] = 255;
    if (fruit_ != kNoFruit) row[kChannels * static_cast<std::size_t>(fruit_) + 3] = 255;
  }

  /// What is wrong with such a snake, from tail to head; "" and it is there.
  std::string place(const std::vector<std::uint8_t>& cells, int fruit, int facing) {
    const int count = size_ * size_;
    if (cells.empty()) return "there is no snake; expected at least one cell";
    if (facing < 0 || facing >= kNumActions) {
      return "direction " + std::to_string(facing) + "; expected 0 to 3";
    }
    std::array<std::uint8_t, kMaxSize * kMaxSize> taken = {};
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const int cell = cells[i];
      if (cell >= count) return "there is no cell " + std::to_string(cell);
      if (taken[cells[i]]++ != 0) return "cell " + std::to_string(cell) + " is taken twice";
      if (i == 0) continue;
      const int rows = cell / size_ - cells[i - 1] / size_;
      const int columns = cell % size_ - cells[i - 1] % size_;
      if (rows * rows + columns * columns != 1) {
        return "cells " + std::to_string(cells[i - 1]) + " and " + std::to_string(cell) +
               " follow each other, but are no neighbours";
      }
      if (i + 1 == cells.size() &&
          (rows != kRowStep[facing] || columns != kColumnStep[facing])) {
        return "the head does not face away from the neck";
      }
    }
    const bool is_full = static_cast<int>(cells.size()) == count;
    if (is_full ? fruit != kNoFruit
                : fruit < 0 || fruit >= count || taken[static_cast<std::size_t>(fruit)] != 0) {
      return "the fruit is at cell " + std::to_string(fruit) +
             (is_full ? "; expected -1 on a full board" : "; expected a free cell");
    }
    taken_ = taken;
    std::copy(cells.begin(), cells.end(), body_.begin());
    length_ = static_cast<int>(cells.size());
    newest_ = static_cast<std::uint8_t>(length_ - 1);
    head_row_ = cells.back() / size_;
    head_column_ = cells.back() % size_;
    fruit_ = fruit;
    facing_ = facing;
    return "";
  }

  Point center_of(int cell) const {
    return {static_cast<float>(cell % size_) + 0.5f, static_cast<float>(size_ - cell / size_) - 0.5f};
  }
  Point center_from_tail(int k) const { return center_of(static_cast<int>(cell_from_tail(k))); }

  static void draw_fruit(Canvas& canvas, Point at) {
    canvas.circle({at.x - 0.11f, at.y - 0.07f}, 0.3f, palette::kDanger);
    canvas.circle({at.x + 0.11f, at.y - 0.07f}, 0.3f, palette::kDanger);
    canvas.capsule({at.x, at.y + 0.12f}, {at.x + 0.06f, at.y + 0.34f}, 0.035f, palette::kInk);
    canvas.capsule({at.x + 0.1f, at.y + 0.28f}, {at.x + 0.22f, at.y + 0.33f}, 0.07f,
                   palette::kGoal);
    canvas.circle({at.x - 0.16f, at.y + 0.02f}, 0.06f, {255, 214, 190});
  }

  /// Thinner towards the tail, with a pale stripe along its back.
  void draw_body(Canvas& canvas) const {
    for (int k = 1; k < length_; ++k) {
      const float along = static_cast<float>(k) / static_cast<float>(length_);
      canvas.capsule(center_from_tail(k), center_from_tail(k + 1), 0.24f + 0.14f * along,
                     palette::kAgent);
    }
    for (int k = 1; k < length_; ++k) {
      canvas.capsule(center_from_tail(k), center_from_tail(k + 1), 0.08f, palette::kAgentLight);
    }
  }

  void draw_head(Canvas& canvas) const {
    constexpr float kAngles[kNumActions] = {kQuarterTurn, 0, -kQuarterTurn, 2 * kQuarterTurn};
    canvas.push(center_from_tail(length_), kAngles[facing_], 1);
    if (!is_dead_) {  // a forked tongue
      canvas.capsule({0.3f, 0}, {0.52f, 0}, 0.035f, palette::kDanger);
      canvas.capsule({0.52f, 0}, {0.62f, 0.08f}, 0.03f, palette::kDanger);
      canvas.capsule({0.52f, 0}, {0.62f, -0.08f}, 0.03f, palette::kDanger);
    }
    canvas.capsule({-0.06f, 0}, {0.1f, 0}, 0.4f, palette::kAgent);
    for (const float side : {0.2f, -0.2f}) {
      canvas.circle({0.14f, side}, 0.14f, palette::kBackground);
      if (is_dead_) {
        canvas.capsule({0.08f, side - 0.06f}, {0.2f, side + 0.06f}, 0.03f, palette::kInk);
        canvas.capsule({0.08f, side + 0.06f}, {0.2f, side - 0.06f}, 0.03f, palette::kInk);
      } else {
        canvas.circle({0.19f, side}, 0.075f, palette::kInk);
      }
    }
    canvas.pop();
  }

  /// The head looks where it goes (^ > v <) or is X when dead; o body, + tail, * fruit.
  std::string letters() const {
    std::string text;
    for (int cell = 0; cell < size_ * size_; ++cell) {
      text += taken_[static_cast<std::size_t>(cell)] != 0 ? 'o' : cell == fruit_ ? '*' : '.';
      text += ' ';
    }
    text[2 * cell_from_tail(1)] = '+';
    text[2 * cell_from_tail(length_)] = is_dead_ ? 'X' : "^>v<"[facing_];
    return text;
  }

  int size_;
  bool is_safe_;
  EnvSpec spec_;
  Rng rng_{0, "snake"};  // of the level
  // The cells of the snake: a ring, which a byte runs round, ending with the head.
  std::array<std::uint8_t, kMaxSize * kMaxSize> body_ = {};
  std::array<std::uint8_t, kMaxSize * kMaxSize> taken_ = {};  // 1 where the snake is
  std::uint8_t newest_ = 0;
  int length_ = 1;
  int head_row_ = 0, head_column_ = 0;
  int facing_ = kUp;
  int fruit_ = 1;
  bool is_dead_ = false;
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Snake>("built-in"); }

}  // namespace tern::snake
