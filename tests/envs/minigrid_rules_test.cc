// MiniGrid's rules: worked examples of each, golden texts of episodes, error texts.

#include <gmock/gmock.h>

#include <cmath>

#include "envs/registry/registry.h"
#include "tests/envs/minigrid_board.h"
#include "tests/error_of.h"

namespace tern::minigrid {
namespace {

constexpr std::int32_t kTL = kTurnLeft, kTR = kTurnRight, kF = kForward;

TEST(MiniGrid, AnEpisodeOfDoorKeyLooksLikeThis) {
  BoardOfText board("MiniGrid-DoorKey-5x5-v0", R"(
##########
##Ky##. ##
##. Ly. ##
##> ##G ##
##########
)");
  board.play({kTL, kF, kPickup});
  EXPECT_EQ(board.text(), R"(
##########
##. ##. ##
##^kLy. ##
##. ##G ##
##########
)");
  board.play({kTR, kToggle, kF});
  EXPECT_EQ(board.text(), R"(
##########
##. ##. ##
##. >k. ##
##. ##G ##
##########
)");
  board.play({kF, kTR});
  EXPECT_EQ(board.text(), R"(
##########
##. ##. ##
##. _yvk##
##. ##G ##
##########
)");
  const StepResult end = board.step(kF);
  EXPECT_TRUE(end.terminated);
  EXPECT_FLOAT_EQ(end.reward, 1 - 0.9f * 9 / 250);  // nine steps of 10 * 5 * 5
  float success = 0;
  board.env->metrics(FloatRow(&success, 1));
  EXPECT_EQ(success, 1);
}

TEST(MiniGrid, TurnsGoRoundInFours) {
  BoardOfText board("MiniGrid-Empty-5x5-v0", R"(
##########
##. . . ##
##. > . ##
##. . . ##
##########
)");
  for (const int direction : {3, 2, 1, 0}) {
    board.step(kTL);
    EXPECT_EQ(board.bytes.back(), direction);
  }
  for (const int direction : {1, 2, 3, 0}) {
    board.step(kTR);
    EXPECT_EQ(board.bytes.back(), direction);
  }
}

TEST(MiniGrid, ForwardGoesWhereOneMayStand) {
  // Ahead: wall, closed door, locked door, key, ball, box: stays. Floor, open door: goes.
  for (const char* ahead : {"##", "Dr", "Lr", "Kr", "Or", "Br", ", ", "_r", ". "}) {
    BoardOfText board("MiniGrid-DoorKey-5x5-v0", std::string(R"(
##########
##> )") + ahead + R"(. ##
##. . . ##
##. . G ##
##########
)");
    const StepResult result = board.step(kF);
    EXPECT_FALSE(result.terminated);
    EXPECT_EQ(result.reward, 0);
    const bool goes = std::string(", _r. ").find(ahead) != std::string::npos;
    EXPECT_EQ(board.state()[0], goes ? 2 : 1) << ahead;
  }
}

TEST(MiniGrid, LavaEndsWithoutReward) {
  BoardOfText board("MiniGrid-LavaCrossingS9N1-v0", R"(
##########
##> ~~. ##
##. . . ##
##. . G ##
##########
)", {{"size", "5", "test"}});
  const StepResult result = board.step(kF);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(result.reward, 0);
  EXPECT_EQ(board.state()[0], 2);
}

TEST(MiniGrid, TakesOneThingAtATimeAndPutsItOnEmptyGround) {
  BoardOfText board("MiniGrid-DoorKey-5x5-v0", R"(
##########
##> KrBg##
##. . . ##
##. . G ##
##########
)");
  board.step(kDrop);  // nothing to drop
  board.step(kPickup);
  EXPECT_EQ(board.state()[4], make_cell(kKey, kRed));
  board.play({kF, kPickup});  // the box stays: both hands are full
  EXPECT_EQ(board.text(), R"(
##########
##. >kBg##
##. . . ##
##. . G ##
##########
)");
  board.step(kDrop);  // on a box: no
  EXPECT_EQ(board.state()[4], make_cell(kKey, kRed));
  board.play({kTR, kDrop, kTL, kPickup});
  EXPECT_EQ(board.text(), R"(
##########
##. >b. ##
##. Kr. ##
##. . G ##
##########
)");
}

TEST(MiniGrid, ThingsCannotBePutOnWallsFloorTilesDoorsOrTheGoal) {
  for (const char* ahead : {"##", ", ", "_r", "Dr", "G ", "~~"}) {
    BoardOfText board("MiniGrid-DoorKey-5x5-v0", std::string(R"(
##########
##> )") + ahead + R"(. ##
##. . . ##
##. . G ##
##########
)", {}, make_cell(kKey, kBlue));
    board.step(kDrop);
    EXPECT_EQ(board.state()[4], make_cell(kKey, kBlue)) << ahead;
  }
}

TEST(MiniGrid, ADoorNeedsTheKeyOfItsColorOnce) {
  for (const Cell carried : {kNothing, make_cell(kKey, kRed), make_cell(kBall, kYellow),
                             make_cell(kKey, kYellow)}) {
    BoardOfText board("MiniGrid-DoorKey-5x5-v0", R"(
##########
##> Ly. ##
##. ##. ##
##. ##G ##
##########
)", {}, carried);
    const auto door = [&] { return static_cast<Cell>(board.state()[5 + 5 + 2]); };
    const bool fits = carried == make_cell(kKey, kYellow);
    board.step(kToggle);
    EXPECT_EQ(door(), make_cell(kDoor, kYellow, fits ? kOpen : kLocked)) << carried;
    EXPECT_EQ(board.state()[4], carried);  // the key is kept
    if (!fits) continue;
    board.step(kToggle);
    EXPECT_EQ(door(), make_cell(kDoor, kYellow, kClosed));  // shut, and no longer locked
    board.step(kToggle);
    EXPECT_EQ(door(), make_cell(kDoor, kYellow, kOpen));
  }
}

TEST(MiniGrid, ATouchedBoxIsGone) {
  BoardOfText board("MiniGrid-DoorKey-5x5-v0", R"(
##########
##> Bp. ##
##. . . ##
##. . G ##
##########
)");
  board.step(kToggle);
  EXPECT_EQ(board.state()[5 + 5 + 2], kNothing);
}

TEST(MiniGrid, DoneDoesNothingButTakesAStep) {
  BoardOfText board("MiniGrid-Empty-5x5-v0", R"(
##########
##. . . ##
##. . . ##
##. > G ##
##########
)");
  board.play({kDone, kPickup, kDrop, kToggle});
  const StepResult result = board.step(kF);
  EXPECT_FLOAT_EQ(result.reward, 1 - 0.9f * 5 / 100);
}

TEST(MiniGrid, TheRewardFollowsTheLimit) {
  const char* const room = R"(
##########
##. . . ##
##. . . ##
##. > G ##
##########
)";
  BoardOfText board("MiniGrid-Empty-5x5-v0", room, {{"max_steps", "10", "test"}});
  EXPECT_EQ(board.env->spec().max_episode_steps, 10);
  EXPECT_FLOAT_EQ(board.step(kF).reward, 1 - 0.9f / 10);
}

TEST(KeyCorridor, EndsWhenTheTargetIsTaken) {
  BoardOfText board("MiniGrid-KeyCorridorS3R1-v0", R"(
##############
##. Dg. > Og##
##############
)");
  DoubleVec state = board.state();
  state[state.size() - 7 - 2] = make_cell(kBall, kGreen, kOpen, /*tag=*/1);
  state[4] = make_cell(kKey, kRed);
  board.env->set_state(state);
  StepResult result = board.step(kPickup);  // the hands are full
  EXPECT_FALSE(result.terminated);
  result = board.play({kTL, kTL, kDrop, kTL, kTL, kPickup});
  EXPECT_TRUE(result.terminated);
  EXPECT_FLOAT_EQ(result.reward, 1 - 0.9f * 7 / 270);
}

TEST(KeyCorridor, AnotherBallIsNotTheTarget) {
  BoardOfText board("MiniGrid-KeyCorridorS3R1-v0", R"(
##############
##. Dg. > Og##
##############
)");
  EXPECT_FALSE(board.step(kPickup).terminated);
}

/// A board of MemoryS7 whose fork has marks before its ends: success above, failure below.
BoardOfText memory_board(const char* agent_row) {
  BoardOfText board("MiniGrid-MemoryS7-v0", std::string(R"(
##############
########. Og##
##Og. . ##. ##
)") + agent_row + R"(
##. . . ##. ##
########. Kg##
##############
)");
  DoubleVec state = board.state();
  state[5 + 2 * 7 + 5] = make_cell(kEmpty, kRed, kOpen, 1);
  state[5 + 4 * 7 + 5] = make_cell(kEmpty, kRed, kOpen, 2);
  board.env->set_state(state);
  return board;
}

TEST(Memory, TheMatchingEndPaysAndTheOtherDoesNot) {
  BoardOfText good = memory_board("##. . . . > ##");
  const StepResult up = good.play({kTL, kF});
  EXPECT_TRUE(up.terminated);
  EXPECT_FLOAT_EQ(up.reward, 1 - 0.9f * 2 / 245);
  BoardOfText bad = memory_board("##. . . . > ##");
  const StepResult down = bad.play({kTR, kF});
  EXPECT_TRUE(down.terminated);
  EXPECT_EQ(down.reward, 0);
}

TEST(Memory, NothingCanBeTaken) {
  BoardOfText board = memory_board("##^ . . . . ##");
  board.step(kPickup);
  EXPECT_EQ(board.state()[4], kNothing);
}

TEST(DynamicObstacles, TouchingABallOrAWallEndsWithMinusOne) {
  for (const char* ahead : {"Ob", "##"}) {
    BoardOfText board("MiniGrid-Dynamic-Obstacles-5x5-v0", std::string(R"(
##########
##> )") + ahead + R"(. ##
##. . . ##
##. . G ##
##########
)");
    const StepResult result = board.step(kF);
    EXPECT_TRUE(result.terminated) << ahead;
    EXPECT_EQ(result.reward, -1) << ahead;
    std::vector<float> terms(2);
    board.env->reward_terms(FloatRow(terms));
    EXPECT_EQ(terms, (std::vector<float>{0, -1}));
  }
}

TEST(DynamicObstacles, TurningBesideABallIsSafeAndTheGoalPays) {
  BoardOfText board("MiniGrid-Dynamic-Obstacles-5x5-v0", R"(
##########
##. . . ##
##. . . ##
##. > G ##
##########
)");
  EXPECT_FALSE(board.step(kTL).terminated);
  EXPECT_FLOAT_EQ(board.play({kTR, kF}).reward, 1 - 0.9f * 3 / 100);
}

TEST(DynamicObstacles, BallsRollToEachFreeCellAroundThem) {
  // Of the nine cells around: its own, the agent's and three of wall are not free; four are.
  std::map<double, int> counts;
  constexpr int kTrials = 4000;
  BoardOfText board("MiniGrid-Dynamic-Obstacles-5x5-v0", R"(
##########
##Ob. . ##
##> . . ##
##. . G ##
##########
)");
  const DoubleVec start = board.state();
  for (int i = 0; i < kTrials; ++i) {
    board.env->set_state(start);
    board.step(kTR);
    const DoubleVec now = board.state();
    for (std::size_t k = 5; k < now.size(); ++k) {
      if (now[k] == make_cell(kBall, kBlue)) ++counts[static_cast<double>(k - 5)];
    }
  }
  // (2, 1) and (2, 2) only: the agent stands on (1, 2), the rest is wall.
  EXPECT_EQ(counts.size(), 2u);
  for (const double cell : {1 * 5 + 2.0, 2 * 5 + 2.0}) {
    EXPECT_NEAR(counts[cell], kTrials / 2, 5 * std::sqrt(kTrials / 4.0)) << cell;
  }
}

TEST(DynamicObstacles, ABallThatRollsInTheWayOnlyBlocks) {
  // The one free cell for the ball is ahead of the agent, which looks at it while it is empty.
  BoardOfText board("MiniGrid-Dynamic-Obstacles-5x5-v0", R"(
##########
##> . Ob##
##########
######G ##
##########
)");
  const StepResult result = board.step(kF);
  EXPECT_FALSE(result.terminated);
  EXPECT_EQ(result.reward, 0);
  EXPECT_EQ(board.text(), R"(
##########
##> Ob. ##
##########
######G ##
##########
)");
}

TEST(MiniGrid, KeysMeanWhatTheHeaderSays) {
  const auto env = registry().find("MiniGrid-DoorKey-5x5-v0").make({});
  const Key keys[] = {Key::kLeft, Key::kRight, Key::kUp, Key::kP, Key::kD, Key::kSpace, Key::kEnter};
  for (std::int32_t action = 0; action < 7; ++action) {
    Keys held;
    held.press(keys[action]);
    std::int32_t meant = -1;
    EXPECT_TRUE(env->human_action(held, MutableActionRow(Row<std::int32_t>(&meant, 1))));
    EXPECT_EQ(meant, action);
  }
}

TEST(MiniGrid, BadParametersAreRefused) {
  const auto error = [](const std::string& id, const ParamValues& params) {
    return error_of([&] { registry().find(id).make(params); }, ExitCode::kUsage);
  };
  EXPECT_EQ(error("MiniGrid-LavaCrossingS9N1-v0", {{"size", "8", "a.yaml:3"}}),
            "a.yaml:3: env.size: 8 is even; expected an odd number (MiniGrid-LavaCrossingS9N1-v0)");
  EXPECT_EQ(error("MiniGrid-LavaCrossingS9N1-v0", {{"crossings", "7", "a.yaml:3"}}),
            "a.yaml:3: env.crossings: 7 do not fit; a board of size 9 has room for 6 "
            "(MiniGrid-LavaCrossingS9N1-v0)");
  EXPECT_EQ(error("MiniGrid-MemoryS7-v0", {{"size", "10", "a.yaml:3"}}),
            "a.yaml:3: env.size: 10 is even; expected an odd number (MiniGrid-MemoryS7-v0)");
  EXPECT_EQ(error("MiniGrid-Empty-5x5-v0", {{"observation", "one-hot", "a.yaml:3"}}),
            "a.yaml:3: env.observation: 'one-hot' is not one of partial|full|one_hot|flat. Did you "
            "mean 'one_hot'? (MiniGrid-Empty-5x5-v0)");
  EXPECT_THAT(error("MiniGrid-Empty-5x5-v0", {{"size", "3", "a.yaml:3"}}),
              testing::HasSubstr("expected [4, 64]"));
}

TEST(MiniGrid, AStateThatIsNoneIsRefused) {
  const auto env = registry().find("MiniGrid-Empty-5x5-v0").make({});
  DoubleVec state;
  env->get_state(state);
  const auto error_with = [&](std::size_t i, double value) {
    DoubleVec changed = state;
    changed[i] = value;
    return error_of([&] { env->set_state(changed); }, ExitCode::kUsage);
  };
  EXPECT_EQ(error_with(0, 5), "MiniGrid-Empty-5x5-v0: state field 'x' is 5; expected a whole number "
                              "from 0 to 4");
  EXPECT_EQ(error_with(2, 1.5), "MiniGrid-Empty-5x5-v0: state field 'direction' is 1.5; expected a "
                                "whole number from 0 to 3");
  EXPECT_EQ(error_with(5 + 6, 11), "MiniGrid-Empty-5x5-v0: state field 'cell 1,1' is 11; expected "
                                   "object + 256 * colour + 65536 * door state");
  const double one = 1;
  EXPECT_EQ(error_of([&] { env->set_state(ConstDoubleRow(&one, 1)); }, ExitCode::kUsage),
            "MiniGrid-Empty-5x5-v0: the state has 1 numbers; expected 30");
}

}  // namespace
}  // namespace tern::minigrid
