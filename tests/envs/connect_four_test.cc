// Connect Four: golden texts of each way to win, of a draw and of a forfeit; states and error texts.

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>

#include "envs/registry/registry.h"
#include "tests/envs/four_on_a_board.h"
#include "tests/error_of.h"

namespace tern {
namespace {

TEST(ConnectFour, FourSidewaysWin) {
  FourOnABoard game("random", R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
o . . . . . .
o o x . x x .
)");
  const StepResult result = game.step(3);
  EXPECT_EQ(result.reward, 1);
  EXPECT_TRUE(result.terminated);
  EXPECT_THAT(game.metrics(), testing::ElementsAre(1, 0));
  EXPECT_EQ(game.board(), R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
o . . . . . .
o o X X X X .
)");
}

TEST(ConnectFour, FourUpwardsWin) {
  FourOnABoard game("random", R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . x
. . . . . o x
. . . o . o x
)");
  const StepResult result = game.step(6);
  EXPECT_EQ(result.reward, 1);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(game.board(), R"(
. . . . . . .
. . . . . . .
. . . . . . X
. . . . . . X
. . . . . o X
. . . o . o X
)");
}

TEST(ConnectFour, FourAlongTheRisingDiagonalWin) {
  FourOnABoard game("random", R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . x o . . .
. x o o . . .
x o o x . . .
)");
  const StepResult result = game.step(3);
  EXPECT_EQ(result.reward, 1);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(game.board(), R"(
. . . . . . .
. . . . . . .
. . . X . . .
. . X o . . .
. X o o . . .
X o o x . . .
)");
}

TEST(ConnectFour, FourAlongTheFallingDiagonalWin) {
  FourOnABoard game("random", R"(
. . . . . . .
. . . . . . .
. . . x . . .
. . . o x . .
. . . o o x .
. . . x o o .
)");
  const StepResult result = game.step(6);
  EXPECT_EQ(result.reward, 1);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(game.board(), R"(
. . . . . . .
. . . . . . .
. . . X . . .
. . . o X . .
. . . o o X .
. . . x o o X
)");
}

TEST(ConnectFour, ALineDoesNotRunRoundTheEdge) {
  // Three on top of a column and one at the bottom of the next are no four.
  FourOnABoard game("none", R"(
x . . . . . .
x . . . . . .
x . . . . . .
o . . . . . .
o . . . . . .
o . . . . . .
)");
  EXPECT_FALSE(game.step(1).terminated);
}

TEST(ConnectFour, AFullBoardWithoutAFourIsADraw) {
  FourOnABoard game("none", R"(
x x o x x o .
o o x o o x o
x x o x x o x
o o x o o x o
x x o x x o x
o o x o o x x
)");
  EXPECT_THAT(game.mask(), testing::ElementsAre(0, 0, 0, 0, 0, 0, 1));
  const StepResult result = game.step(6);
  EXPECT_EQ(result.reward, 0);
  EXPECT_TRUE(result.terminated);
  EXPECT_THAT(game.metrics(), testing::ElementsAre(0, 1));
  EXPECT_THAT(game.mask(), testing::Each(1));  // nothing to forbid any more
  EXPECT_EQ(game.board(), R"(
x x o x x o o
o o x o o x o
x x o x x o x
o o x o o x o
x x o x x o x
o o x o o x x
)");
}

TEST(ConnectFour, TheOpponentsFourLoses) {
  FourOnABoard game("greedy", R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
x x . o o o .
)");
  // Both ends are open: it can be kept from one of them only.
  const StepResult result = game.step(2);
  EXPECT_EQ(result.reward, -1);
  EXPECT_TRUE(result.terminated);
  EXPECT_THAT(game.metrics(), testing::ElementsAre(0, 0));
  EXPECT_EQ(game.board(), R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
x x x O O O O
)");
}

TEST(ConnectFour, AFullColumnIsForbiddenAndThrowingIntoItLoses) {
  FourOnABoard game("random", R"(
. . o . . . .
. . x . . . .
. . o . . . .
. . x . . . .
. . o . . . .
. . x . . . .
)");
  EXPECT_THAT(game.mask(), testing::ElementsAre(1, 1, 0, 1, 1, 1, 1));
  const std::string before = game.board();
  const StepResult result = game.step(2);
  EXPECT_EQ(result.reward, -1);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(game.board(), before);
  EXPECT_THAT(game.metrics(), testing::ElementsAre(0, 0));
}

TEST(ConnectFour, InSelfPlayTheMoverSeesItselfFirst) {
  GameOnABoard game("ConnectFour-v1", against("none"));
  const auto seen = [&](int row, int column, int channel) {
    return game.bytes[static_cast<std::size_t>(2 * (row * kColumns + column) + channel)];
  };
  EXPECT_THAT(game.bytes, testing::Each(0));
  game.step(3);  // now the second player looks
  EXPECT_EQ(seen(5, 3, 0), 0);
  EXPECT_EQ(seen(5, 3, 1), 1);
  game.step(3);  // and the first again
  EXPECT_EQ(seen(5, 3, 0), 1);
  EXPECT_EQ(seen(4, 3, 1), 1);
  EXPECT_EQ(std::count(game.bytes.begin(), game.bytes.end(), 1), 2);
}

TEST(ConnectFour, InSelfPlayTheRewardIsOfWhoeverThrew) {
  GameOnABoard first("ConnectFour-v1", against("none"));
  const StepResult won = first.play({0, 1, 0, 1, 0, 1, 0});
  EXPECT_EQ(won.reward, 1);
  EXPECT_TRUE(won.terminated);
  EXPECT_THAT(first.metrics(), testing::ElementsAre(1, 0));
  EXPECT_EQ(first.bytes[2 * (5 * kColumns + 0)], 0);  // seen by the loser: the stones of the other
  EXPECT_EQ(first.bytes[2 * (5 * kColumns + 1)], 1);
  GameOnABoard second("ConnectFour-v1", against("none"));
  const StepResult too = second.play({0, 1, 0, 1, 0, 1, 2, 1});
  EXPECT_EQ(too.reward, 1);
  EXPECT_THAT(second.metrics(), testing::ElementsAre(0, 0));  // not a success of the first player
}

TEST(ConnectFour, FirstSaysWhoBegins) {
  int begun = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    GameOnABoard game("ConnectFour-v1");
    game.rng = Rng(i, "who begins");
    game.start(0);
    begun += game.state()[kAgentField] == 2 ? 1 : 0;
  }
  EXPECT_NEAR(begun, 200, 5 * 10);  // standard deviation 10
  GameOnABoard agent("ConnectFour-v1", {{"first", "agent", "test"}});
  EXPECT_THAT(agent.bytes, testing::Each(0));
  GameOnABoard opponent("ConnectFour-v1", {{"first", "opponent", "test"}});
  EXPECT_EQ(std::count(opponent.bytes.begin(), opponent.bytes.end(), 1), 1);
  EXPECT_EQ(opponent.state()[kAgentField], 2);
}

TEST(ConnectFour, DigitsAreColumnsAndFullOnesMeanNothing) {
  FourOnABoard game("random", R"(
. . o . . . .
. . x . . . .
. . o . . . .
. . x . . . .
. . o . . . .
. . x . . . .
)");
  EXPECT_EQ(game.key(Key::k1), 0);
  EXPECT_EQ(game.key(Key::k7), 6);
  EXPECT_EQ(game.key(Key::k3), -1);
  EXPECT_EQ(game.key(Key::k8), -1);
  EXPECT_TRUE(game.env->spec().turn_based);
}

TEST(ConnectFour, AStateThatIsNoPositionIsRefused) {
  GameOnABoard game("ConnectFour-v1");
  const auto refusal = [&](const std::vector<std::pair<std::size_t, double>>& fields) {
    DoubleVec state(44, 0.0);
    state[kAgentField] = 1;
    state[kLastColumnField] = -1;
    for (const auto& [index, value] : fields) state[index] = value;
    return error_of([&] { game.set(state); }, ExitCode::kUsage);
  };
  const std::string no = "ConnectFour-v1: no such state: ";
  EXPECT_EQ(refusal({{35, 3}}),
            "ConnectFour-v1: state field 'row 5 column 0' is 3; expected a whole "
            "number from 0 to 2");
  EXPECT_EQ(refusal({{30, 1}}), no + "the stone in row 4, column 2 lies on nothing");
  EXPECT_EQ(refusal({{35, 2}}),
            no + "0 stones of 1 and 1 of 2; expected as many, or one more of 1");
  EXPECT_EQ(refusal({{35, 1}}), no + "the agent is 1, but it is the turn of 2");
  EXPECT_EQ(refusal({{35, 1}, {kAgentField, 2}, {kLastColumnField, 1}}),
            no + "the last stone is not on top of column 1");
  EXPECT_EQ(refusal({{35, 1}, {36, 1}, {37, 1}, {38, 1}, {41, 2}, {34, 2}, {27, 2}, {39, 2}}),
            no + "the player who is to move (1) has four already");
}

TEST(ConnectFour, ADamagedSaveIsRefused) {
  GameOnABoard game("ConnectFour-v1", {{"first", "agent", "test"}});
  StateWriter out;
  game.env->save(out);
  std::vector<std::uint8_t> bytes = out.bytes();
  const std::int32_t stone = 1;
  std::memcpy(bytes.data(), &stone, sizeof stone);  // a stone in the air
  StateReader in{Row<const std::uint8_t>(bytes)};
  EXPECT_EQ(error_of([&] { game.env->load(in); }),
            "ConnectFour-v1: no such state: the stone in row 0, column 0 lies on nothing");
}

TEST(ConnectFour, ParametersThatMeanNothingTogetherAreRefused) {
  const auto refusal = [](const ParamValues& params) {
    return error_of([&] { registry().find("ConnectFour-v1").make(params); }, ExitCode::kUsage);
  };
  EXPECT_EQ(refusal({{"opponent", "none", "a.yaml:2"}, {"first", "agent", "a.yaml:3"}}),
            "a.yaml:3: env.first: 'agent' means nothing with opponent=none: both players act "
            "(ConnectFour-v1)");
  EXPECT_EQ(refusal({{"depth", "6", "a.yaml:3"}}),
            "a.yaml:3: env.depth: 6 means nothing with opponent=random; only minimax looks ahead "
            "(ConnectFour-v1)");
  EXPECT_EQ(refusal({{"opponent", "minimax", "a.yaml:2"}, {"depth", "11", "a.yaml:3"}}),
            "a.yaml:3: env.depth: 11 is out of range; expected [1, 10] (ConnectFour-v1)");
}

}  // namespace
}  // namespace tern
