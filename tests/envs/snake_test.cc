// Snake: golden texts of each rule, worked examples of the observation and the mask, law of the
// fruit's place, error texts.

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "envs/registry/registry.h"
#include "tests/envs/game_on_a_board.h"
#include "tests/error_of.h"

namespace tern {
namespace {

constexpr int kUp = 0, kRight = 1, kDown = 2, kLeft = 3;

/// A board of 4x4 with a snake along `cells`, tail first, that looks `direction`.
struct SnakeOnABoard : GameOnABoard {
  SnakeOnABoard(const std::vector<int>& cells, int fruit, int direction,
                const ParamValues& more = {})
      : GameOnABoard("Snake-v1", with_size(more)) {
    DoubleVec state(18, 0.0);
    state[0] = fruit;
    state[1] = direction;
    double order = 0;
    for (const int cell : cells) state[2 + static_cast<std::size_t>(cell)] = ++order;
    set(state);
  }
  static ParamValues with_size(ParamValues params) {
    params.push_back({"size", "4", "test"});
    return params;
  }
  std::string board() const { return text(8, 4); }
  int channel(int cell, int channel) const {
    return bytes[static_cast<std::size_t>(5 * cell + channel)];
  }
};

TEST(Snake, GrowsByTheFruitItEats) {
  SnakeOnABoard snake({4, 5}, /*fruit=*/6, kRight);
  EXPECT_EQ(snake.board(), R"(
. . . .
+ > * .
. . . .
. . . .
)");
  const StepResult result = snake.step(kRight);
  EXPECT_EQ(result.reward, 1);
  EXPECT_FALSE(result.terminated);
  EXPECT_EQ(snake.metrics()[0], 3);
  std::string board = snake.board();
  EXPECT_EQ(std::count(board.begin(), board.end(), '*'), 1);  // a new fruit, and it is elsewhere
  EXPECT_NE(snake.state()[0], 6);
  for (char& letter : board) letter = letter == '*' ? '.' : letter;
  EXPECT_EQ(board, R"(
. . . .
+ o > .
. . . .
. . . .
)");
}

TEST(Snake, MovesWithItsTail) {
  SnakeOnABoard snake({4, 5, 6}, /*fruit=*/0, kRight);
  const StepResult result = snake.play({kUp, kLeft});
  EXPECT_EQ(result.reward, 0);
  EXPECT_EQ(snake.board(), R"(
* < o .
. . + .
. . . .
. . . .
)");
}

TEST(Snake, DiesAtEachWallAndStaysWhereItWas) {
  for (const int direction : {kUp, kRight, kDown, kLeft}) {
    const int corner = direction == kUp || direction == kRight ? 3 : 12;
    SnakeOnABoard snake({corner}, /*fruit=*/5, direction);
    const StepResult result = snake.step(direction);
    EXPECT_TRUE(result.terminated);
    EXPECT_EQ(result.reward, 0);
    EXPECT_EQ(snake.channel(corner, 1), 255);
    EXPECT_EQ(snake.board(), corner == 3 ? R"(
. . . X
. * . .
. . . .
. . . .
)" : R"(
. . . .
. * . .
. . . .
X . . .
)");
  }
}

TEST(Snake, DiesByBitingItself) {
  SnakeOnABoard snake({8, 4, 5, 6, 10, 9}, /*fruit=*/0, kLeft);
  EXPECT_EQ(snake.board(), R"(
* . . .
o o o .
+ < o .
. . . .
)");
  const StepResult result = snake.step(kUp);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(snake.board(), R"(
* . . .
o o o .
+ X o .
. . . .
)");
}

TEST(Snake, MayEnterTheCellThatItsTailLeaves) {
  SnakeOnABoard snake({8, 4, 5, 9}, /*fruit=*/0, kDown);
  for (const int direction : {kLeft, kUp, kRight, kDown, kLeft}) {  // round and round
    EXPECT_FALSE(snake.step(direction).terminated);
  }
  EXPECT_EQ(snake.board(), R"(
* . . .
+ o . .
< o . .
. . . .
)");
}

TEST(Snake, ATailThatStaysBecauseOfAFruitIsNotEntered) {
  // The step that eats leaves the tail; the next one moves it.
  SnakeOnABoard snake({8, 4, 5}, /*fruit=*/9, kRight);
  EXPECT_EQ(snake.step(kDown).reward, 1);
  EXPECT_EQ(snake.channel(8, 2), 255);
  EXPECT_FALSE(snake.step(kLeft).terminated);
}

TEST(Snake, CannotTurnBackAndTheMaskSaysSo) {
  SnakeOnABoard snake({4, 5}, /*fruit=*/0, kRight);
  EXPECT_THAT(snake.mask(), testing::ElementsAre(1, 1, 1, 0));
  EXPECT_FALSE(snake.step(kLeft).terminated);  // goes straight on
  EXPECT_EQ(snake.board(), R"(
* . . .
. + > .
. . . .
. . . .
)");
  SnakeOnABoard single({5}, /*fruit=*/0, kRight);
  EXPECT_THAT(single.mask(), testing::ElementsAre(1, 1, 1, 1));
  single.step(kLeft);
  EXPECT_EQ(single.state()[2 + 4], 1);
}

TEST(Snake, ASafeMaskForbidsWhatEndsTheEpisode) {
  const ParamValues safe = {{"mask", "safe", "test"}};
  SnakeOnABoard corner({1, 0}, /*fruit=*/15, kLeft, safe);
  EXPECT_THAT(corner.mask(), testing::ElementsAre(0, 0, 1, 0));
  SnakeOnABoard tail({8, 4, 5, 9}, /*fruit=*/0, kDown, safe);  // the tail's cell is safe
  EXPECT_THAT(tail.mask(), testing::ElementsAre(0, 1, 1, 1));
  SnakeOnABoard lost({9, 8, 4, 5, 1, 0}, /*fruit=*/15, kLeft, safe);  // walls, and itself below
  EXPECT_THAT(lost.mask(), testing::ElementsAre(1, 0, 1, 1));
}

TEST(Snake, FillingTheBoardEndsWithSuccess) {
  SnakeOnABoard snake({0, 1, 2, 3, 7, 6, 5, 4, 8, 9, 10, 11, 15, 14, 13}, /*fruit=*/12, kLeft);
  const StepResult result = snake.step(kLeft);
  EXPECT_EQ(result.reward, 1);
  EXPECT_TRUE(result.terminated);
  EXPECT_THAT(snake.metrics(), testing::ElementsAre(16, 1));
  EXPECT_EQ(snake.board(), R"(
+ o o o
o o o o
o o o o
< o o o
)");
}

TEST(Snake, ShowsBodyHeadTailFruitAndOrder) {
  SnakeOnABoard snake({8, 4, 5}, /*fruit=*/3, kRight);
  snake.step(kRight);
  const std::vector<std::array<int, 5>> expected = {{255, 0, 255, 0, 85},   // 255 / 3
                                                    {255, 0, 0, 0, 170},
                                                    {255, 255, 0, 0, 255}};
  for (int cell = 0; cell < 16; ++cell) {
    for (int channel = 0; channel < 5; ++channel) {
      const int want = cell >= 4 && cell <= 6
                           ? expected[static_cast<std::size_t>(cell - 4)]
                                     [static_cast<std::size_t>(channel)]
                           : (cell == 3 && channel == 3 ? 255 : 0);
      EXPECT_EQ(snake.channel(cell, channel), want) << cell << " " << channel;
    }
  }
}

TEST(Snake, TheOrderIsRounded) {
  std::vector<int> cells = {0, 1, 2, 3, 7, 6, 5, 4, 8, 9, 10};
  SnakeOnABoard snake(cells, /*fruit=*/15, kRight);
  snake.step(kRight);
  cells.push_back(11);
  for (int k = 1; k <= 11; ++k) {
    EXPECT_EQ(snake.channel(cells[static_cast<std::size_t>(k)], 4), std::lround(255.0 * k / 11));
  }
}

TEST(Snake, EveryFreeCellGetsTheFruitEquallyOften) {
  constexpr int kLevels = 24'000;
  std::vector<int> first(144), second(16);
  for (int level = 0; level < kLevels; ++level) {
    GameOnABoard big("Snake-v1", {}, static_cast<std::uint64_t>(level));
    ++first[static_cast<std::size_t>(big.state()[0])];
  }
  // A fruit has 1 of 144 cells whatever the start; standard deviation of a count below 13.
  for (const int count : first) EXPECT_NEAR(count, kLevels / 144.0, 5 * 13);
  GameOnABoard small("Snake-v1", {{"size", "4", "test"}});
  DoubleVec state(18, 0.0);
  state[0] = 6;
  state[1] = kRight;
  state[2 + 4] = 1;
  state[2 + 5] = 2;
  for (int i = 0; i < kLevels; ++i) {
    small.set(state);
    small.step(kRight);
    ++second[static_cast<std::size_t>(small.state()[0])];
  }
  for (const int taken : {4, 5, 6}) second[static_cast<std::size_t>(taken)] = kLevels / 13;
  for (const int count : second) EXPECT_NEAR(count, kLevels / 13.0, 5 * 42);
}

TEST(Snake, ALevelIsAStartAndAllItsFruits) {
  // A policy that takes what is safe, towards the fruit where it can.
  const auto game = [](std::uint64_t level, std::uint64_t seed) {
    GameOnABoard snake("Snake-v1", {{"mask", "safe", "test"}}, level);
    snake.rng = Rng(seed, "another");
    snake.start(level);
    std::vector<double> fruits = {snake.state()[0]};
    for (int t = 0; t < 300; ++t) {
      const DoubleVec state = snake.state();
      std::size_t head = 0;
      for (std::size_t i = 2; i < state.size(); ++i) {
        if (state[i] > state[2 + head]) head = i - 2;
      }
      const int down = static_cast<int>(state[0]) / 12 - static_cast<int>(head) / 12;
      const int right = static_cast<int>(state[0]) % 12 - static_cast<int>(head) % 12;
      std::size_t action = down < 0 ? kUp : down > 0 ? kDown : right > 0 ? kRight : kLeft;
      const std::vector<std::uint8_t> mask = snake.mask();
      for (int turn = 0; turn < 4 && mask[action] == 0; ++turn) action = (action + 1) % 4;
      if (snake.step(static_cast<int>(action)).terminated) break;
      if (snake.state()[0] != fruits.back()) fruits.push_back(snake.state()[0]);
    }
    return fruits;
  };
  EXPECT_GT(game(5, 0).size(), 5u);
  EXPECT_EQ(game(5, 0), game(5, 1));  // the stream of the env does not count
  std::set<std::vector<double>> all;
  for (std::uint64_t level = 0; level < 100; ++level) all.insert(game(level, 0));
  EXPECT_EQ(all.size(), 100u);
}

TEST(Snake, KeysSteerAndNoKeyGoesStraightOn) {
  SnakeOnABoard snake({4, 5}, /*fruit=*/0, kRight);
  EXPECT_EQ(snake.key(Key::kUp), kUp);
  EXPECT_EQ(snake.key(Key::kS), kDown);
  EXPECT_EQ(snake.key(Key::kLeft), kRight);  // back: straight on
  EXPECT_EQ(snake.key(Key::kSpace), kRight);
  Keys both;
  both.press(Key::kRight);
  both.press(Key::kDown);
  std::int32_t action = -1;
  EXPECT_TRUE(snake.env->human_action(both, MutableActionRow(Row<std::int32_t>(&action, 1))));
  EXPECT_EQ(action, kDown);
}

TEST(Snake, AStateThatIsNoSnakeIsRefused) {
  const auto refusal = [](const std::vector<int>& cells, int fruit, int direction) {
    return error_of([&] { SnakeOnABoard(cells, fruit, direction); }, ExitCode::kUsage);
  };
  EXPECT_EQ(refusal({}, 3, 0), "Snake-v1: there is no snake; expected at least one cell");
  EXPECT_EQ(refusal({4, 6}, 0, kRight),
            "Snake-v1: cells 4 and 6 follow each other, but are no neighbours");
  EXPECT_EQ(refusal({3, 4}, 0, kRight),
            "Snake-v1: cells 3 and 4 follow each other, but are no neighbours");
  EXPECT_EQ(refusal({4, 5}, 0, kUp), "Snake-v1: the head does not face away from the neck");
  EXPECT_EQ(refusal({4, 5}, 4, kRight),
            "Snake-v1: the fruit is at cell 4; expected a free cell");
  EXPECT_EQ(refusal({4, 5}, 16, kRight),
            "Snake-v1: the fruit is at cell 16; expected a free cell");
  EXPECT_EQ(refusal({4}, 1, 4), "Snake-v1: direction 4; expected 0 to 3");
  GameOnABoard snake("Snake-v1", {{"size", "4", "test"}});
  DoubleVec state(18, 0.0);
  state[2 + 5] = 2;
  EXPECT_EQ(error_of([&] { snake.set(state); }, ExitCode::kUsage),
            "Snake-v1: no cell has order 1 of 1; expected each from 1, the tail, on");
  state[2 + 5] = 1.5;
  EXPECT_EQ(error_of([&] { snake.set(state); }, ExitCode::kUsage),
            "Snake-v1: order 1.5 of cell 5; expected 0 (free) or a number from the tail on");
  state[2 + 5] = 1;
  state[1] = std::nan("");
  EXPECT_EQ(error_of([&] { snake.set(state); }, ExitCode::kUsage),
            "Snake-v1: the direction is nan; expected a whole number");
}

TEST(Snake, ADamagedSaveIsRefused) {
  SnakeOnABoard snake({4, 5, 6}, /*fruit=*/0, kRight);
  StateWriter out;
  snake.env->save(out);
  std::vector<std::uint8_t> bytes = out.bytes();
  bytes[sizeof(tern_rng) + 8] = 10;  // the tail, elsewhere
  StateReader in{Row<const std::uint8_t>(bytes)};
  EXPECT_EQ(error_of([&] { snake.env->load(in); }, ExitCode::kFailure),
            "saved state of Snake-v1: cells 10 and 5 follow each other, but are no neighbours");
}

TEST(Snake, ASizeThatIsNoneIsRefused) {
  EXPECT_EQ(error_of([] { registry().find("Snake-v1").make({{"size", "17", "a.yaml:3"}}); },
                     ExitCode::kUsage),
            "a.yaml:3: env.size: 17 is out of range; expected [4, 16] (Snake-v1)");
}

}  // namespace
}  // namespace tern
