// Taxi: oracle value by value iteration, worked examples of each rule, golden text, error texts.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/drawing/text_canvas.h"
#include "envs/registry/registry.h"
#include "envs/value_iteration.h"
#include "tests/error_of.h"

namespace tern {
namespace {

constexpr int kSouth = 0, kNorth = 1, kEast = 2, kWest = 3, kPickup = 4, kDropoff = 5;
constexpr int kInTaxi = 4, kRed = 0, kGreen = 1, kYellow = 2, kBlue = 3;

int state_of(int row, int column, int passenger, int destination) {
  return ((row * 5 + column) * 5 + passenger) * 4 + destination;
}

TransitionTable table_of(const Env& env) {
  TransitionTable table;
  EXPECT_TRUE(env.transitions(table));
  return table;
}

struct Ride {
  explicit Ride(int state) {
    ResetContext ctx{rng, 0};
    env->reset(ctx, ObsRow(FloatRow(&obs, 1)));
    env->set_state(std::vector<double>{static_cast<double>(state)});
  }
  StepResult step(std::int32_t action) {
    return env->step(ActionRow(Row<const std::int32_t>(&action, 1)), rng,
                     ObsRow(FloatRow(&obs, 1)));
  }
  std::string mask() const {
    std::vector<std::uint8_t> flags(6);
    env->action_mask(MaskRow(flags));
    std::string text;
    for (const std::uint8_t flag : flags) text += flag ? '1' : '0';
    return text;
  }
  std::string picture() const {
    TextCanvas canvas(10, 5);
    env->draw(canvas);
    return "\n" + canvas.str();
  }

  Rng rng{0, "taxi"};
  std::unique_ptr<Env> env = registry().find("Taxi-v3").make({{"max_steps", "200", "test"}});
  float obs = 0;
};

TEST(Taxi, TheBestMeanReturnIsTheKnownOne) {
  const TransitionTable table = table_of(*registry().find("Taxi-v3").make({}));
  const std::vector<double> values = solve_transitions(table, 1).values;
  double mean = 0;
  for (std::size_t s = 0; s < values.size(); ++s) mean += table.initial[s] * values[s];
  EXPECT_NEAR(mean, 7.93, 0.005);
}

TEST(Taxi, MovesStopAtWallsAndTheBorder) {
  const TransitionTable table = table_of(*registry().find("Taxi-v3").make({}));
  const auto next = [&](int row, int column, int action) {
    const auto& outcomes = table.outcomes[static_cast<std::size_t>(
        state_of(row, column, kRed, kBlue))][static_cast<std::size_t>(action)];
    EXPECT_EQ(outcomes.size(), 1u);
    EXPECT_EQ(outcomes[0].reward, -1);
    EXPECT_EQ(outcomes[0].probability, 1);
    return std::pair(outcomes[0].next_state / 100, outcomes[0].next_state / 20 % 5);
  };
  EXPECT_EQ(next(0, 0, kNorth), std::pair(0, 0));
  EXPECT_EQ(next(0, 0, kWest), std::pair(0, 0));
  EXPECT_EQ(next(0, 0, kSouth), std::pair(1, 0));
  EXPECT_EQ(next(4, 4, kSouth), std::pair(4, 4));
  EXPECT_EQ(next(4, 4, kEast), std::pair(4, 4));
  EXPECT_EQ(next(2, 1, kEast), std::pair(2, 2));
  // The walls, from both sides.
  for (const auto& [row, column] :
       {std::pair(0, 1), {1, 1}, {3, 0}, {4, 0}, {3, 2}, {4, 2}}) {
    EXPECT_EQ(next(row, column, kEast), std::pair(row, column)) << row << column;
    EXPECT_EQ(next(row, column + 1, kWest), std::pair(row, column + 1)) << row << column;
  }
  int blocked = 0;  // and there are no others: 4 columns' east sides in 5 rows
  for (int row = 0; row < 5; ++row) {
    for (int column = 0; column < 4; ++column) {
      blocked += next(row, column, kEast) == std::pair(row, column);
    }
  }
  EXPECT_EQ(blocked, 6);
}

TEST(Taxi, ADeliveryPaysTwentyAndEnds) {
  Ride ride(state_of(4, 1, kYellow, kRed));
  EXPECT_EQ(ride.step(kPickup).reward, -10);   // the passenger is next door
  EXPECT_EQ(ride.step(kWest).reward, -1);      // behind a wall
  EXPECT_EQ(ride.obs, state_of(4, 1, kYellow, kRed));
  for (const int action : {kNorth, kNorth, kWest, kSouth, kSouth, kPickup}) ride.step(action);
  EXPECT_EQ(ride.obs, state_of(4, 0, kInTaxi, kRed));
  EXPECT_EQ(ride.step(kPickup).reward, -10);   // there is nobody to pick up
  ride.step(kNorth);
  EXPECT_EQ(ride.step(kDropoff).reward, -10);  // not at a stand
  for (int i = 0; i < 3; ++i) ride.step(kNorth);
  const StepResult end = ride.step(kDropoff);
  EXPECT_EQ(end.reward, 20);
  EXPECT_TRUE(end.terminated);
  EXPECT_EQ(ride.obs, state_of(0, 0, kRed, kRed));
  float success = 0;
  ride.env->metrics(FloatRow(&success, 1));
  EXPECT_EQ(success, 1);
}

TEST(Taxi, APassengerMayBeLeftAtAnotherStand) {
  Ride ride(state_of(0, 4, kInTaxi, kRed));
  const StepResult result = ride.step(kDropoff);
  EXPECT_EQ(result.reward, -1);
  EXPECT_FALSE(result.terminated);
  EXPECT_EQ(ride.obs, state_of(0, 4, kGreen, kRed));
}

TEST(Taxi, TheMaskAllowsWhatChangesSomething) {
  EXPECT_EQ(Ride(state_of(0, 0, kGreen, kRed)).mask(), "101000");
  EXPECT_EQ(Ride(state_of(0, 0, kRed, kGreen)).mask(), "101010");
  EXPECT_EQ(Ride(state_of(0, 1, kRed, kGreen)).mask(), "100100");
  EXPECT_EQ(Ride(state_of(2, 2, kInTaxi, kGreen)).mask(), "111100");
  EXPECT_EQ(Ride(state_of(4, 3, kInTaxi, kGreen)).mask(), "011001");
  std::vector<std::uint8_t> flags(6);
  const auto free = registry().find("Taxi-v3").make({{"mask", "false", "test"}});
  free->action_mask(MaskRow(flags));
  EXPECT_EQ(flags, (std::vector<std::uint8_t>(6, 1)));
  EXPECT_FALSE(free->spec().has_masks);
}

TEST(Taxi, StartsInAllThreeHundredStates) {
  Ride ride(0);
  std::vector<int> counts(500);
  for (int i = 0; i < 30'000; ++i) {
    ResetContext ctx{ride.rng, 0};
    ride.env->reset(ctx, ObsRow(FloatRow(&ride.obs, 1)));
    ++counts[static_cast<std::size_t>(ride.obs)];
  }
  const TransitionTable table = table_of(*ride.env);
  for (std::size_t s = 0; s < 500; ++s) {
    EXPECT_NEAR(counts[s], 30'000 * table.initial[s], table.initial[s] > 0 ? 60 : 0) << s;  // 6 sd
  }
}

TEST(Taxi, ARideLooksLikeThis) {
  Ride ride(state_of(2, 1, kGreen, kBlue));
  EXPECT_EQ(ride.picture(), R"(
R .|. . p
. .|. . .
. t . . .
.|. .|. .
Y|. .|D .
)");
  for (const int action : {kEast, kEast, kEast, kNorth, kNorth, kPickup, kSouth}) ride.step(action);
  EXPECT_EQ(ride.picture(), R"(
R .|. . G
. .|. . T
. . . . .
.|. .|. .
Y|. .|D .
)");
}

TEST(Taxi, AStateThatIsNoneIsRefused) {
  Ride ride(0);
  EXPECT_EQ(error_of([&] { ride.env->set_state(std::vector<double>{500}); }, ExitCode::kUsage),
            "Taxi-v3: there is no state 500; expected 0 to 499");
  EXPECT_THROW(ride.env->set_state(std::vector<double>{1.5}), Error);
}

}  // namespace
}  // namespace tern
