// FlappyBird: worked examples of the flight, golden texts of passing and crashing, a search that
// finds a way through each level and flies it, error texts.

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <set>
#include <utility>

#include "tests/envs/game_of_numbers.h"
#include "tests/error_of.h"

namespace tern {
namespace {

constexpr int kGlide = 0, kFlap = 1;

GameOfNumbers flappy(const ParamValues& params = {}, std::uint64_t level = 0) {
  return GameOfNumbers("FlappyBird-v1", params, level);
}
std::string picture(const GameOfNumbers& bird) {
  return bird.text(30, 18);
}

TEST(FlappyBird, FallsFasterAndFlapsUpwards) {
  GameOfNumbers bird = flappy();
  std::vector<double> heights;
  for (const int action : {kGlide, kGlide, kGlide, kFlap, kGlide, kGlide, kFlap}) {
    bird.step(action);
    heights.push_back(bird.get("height"));
  }
  // From 202: -1 -2 -3, +9 +8 +7, and +9 again in the middle of the rise.
  EXPECT_THAT(heights, testing::ElementsAre(201, 199, 196, 205, 213, 220, 229));
  EXPECT_EQ(bird.get("velocity"), 9);
}

TEST(FlappyBird, NeverFallsFasterThan10) {
  GameOfNumbers bird = flappy();
  bird.set({{"velocity", -9}, {"height", 300}});
  bird.repeat(3, kGlide);
  EXPECT_EQ(bird.get("velocity"), -10);
  EXPECT_EQ(bird.get("height"), 270);
}

TEST(FlappyBird, StopsAtTheTopOfTheScreen) {
  GameOfNumbers bird = flappy();
  bird.set({{"height", 384}});
  bird.step(kFlap);
  EXPECT_EQ(bird.get("height"), 392);  // not 393
  EXPECT_EQ(bird.get("velocity"), 0);
  EXPECT_FALSE(bird.step(kFlap).terminated);
  bird.step(kGlide);
  EXPECT_EQ(bird.get("height"), 391);
}

TEST(FlappyBird, ShowsWhatItsFieldsSay) {
  GameOfNumbers bird = flappy();
  bird.set(
      {{"height", 202}, {"pipe distance", 104}, {"gap height", 202}, {"gap height after", 284}});
  bird.step(kFlap);
  EXPECT_THAT(bird.obs, testing::Pointwise(testing::FloatNear(1e-6f),
                                           {211.0f / 404, 0.9f, 100.0f / 404, 0.5f, 284.0f / 404}));
}

TEST(FlappyBird, PassesAPipeWhenItIsBehindTheTail) {
  GameOfNumbers bird = flappy();
  bird.set({{"height", 208},
            {"velocity", 3},
            {"pipe distance", -78},
            {"gap height", 206},
            {"gap height after", 180},
            {"gap height before", 250}});
  EXPECT_EQ(bird.step(kGlide).reward, 0);  // -82: a strip of 4 px is left
  EXPECT_EQ(picture(bird), R"(
. . . . # # . . . . # # . . .
. . . . # # . . . . # # . . .
. . . . # # . . . . # # . . .
. . . . # # . . . . # # . . .
. . . . # # . . . . # # . . .
. . . . # # . . . . # # . . .
. . . . . . . . . . # # . . .
. . . . . . . . . . . . . . .
. . . . . . > . . . . . . . .
. . . . . . . . . . . . . . .
. . . . # # . . . . . . . . .
. . . . # # . . . . # # . . .
. . . . # # . . . . # # . . .
. . . . # # . . . . # # . . .
. . . . # # . . . . # # . . .
. . . . # # . . . . # # . . .
= = = = = = = = = = = = = = =
= = = = = = = = = = = = = = =
)");
  const StepResult result = bird.step(kGlide);
  EXPECT_EQ(result.reward, 1);
  EXPECT_FALSE(result.terminated);
  EXPECT_EQ(bird.get("pipe distance"), 144 - 86);
  EXPECT_EQ(bird.get("gap height"), 180);
  EXPECT_EQ(bird.get("gap height before"), 206);
  EXPECT_THAT(bird.metrics(), testing::ElementsAre(1));
  EXPECT_EQ(picture(bird), R"(
. . . # # # . . . # # # . . .
. . . # # # . . . # # # . . .
. . . # # # . . . # # # . . .
. . . # # # . . . # # # . . .
. . . # # # . . . # # # . . .
. . . # # # . . . # # # . . .
. . . . . . . . . # # # . . .
. . . . . . . . . . . . . . .
. . . . . . > . . . . . . . .
. . . . . . . . . . . . . . .
. . . # # # . . . . . . . . .
. . . # # # . . . # # # . . .
. . . # # # . . . # # # . . .
. . . # # # . . . # # # . . .
. . . # # # . . . # # # . . .
. . . # # # . . . # # # . . .
= = = = = = = = = = = = = = =
= = = = = = = = = = = = = = =
)");
}

TEST(FlappyBird, CrashesIntoThePipeAhead) {
  GameOfNumbers bird = flappy();
  bird.set({{"height", 260},
            {"velocity", 1},
            {"pipe distance", 4},
            {"gap height", 180},
            {"gap height after", 180}});
  EXPECT_FALSE(bird.step(kGlide).terminated);  // the beak touches the pipe
  const StepResult result = bird.step(kGlide);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(result.reward, 0);
  EXPECT_EQ(picture(bird), R"(
. . . . . . . # # . . . . # #
. . . . . . . # # . . . . # #
. . . . . . . # # . . . . # #
. . . . . . . # # . . . . # #
. . . . . . . # # . . . . # #
. . . . . . . # # . . . . # #
. . . . . . X # # . . . . # #
. . . . . . . . . . . . . . .
. . . . . . . . . . . . . . .
. . . . . . . . . . . . . . .
. . . . . . . . . . . . . . .
. . . . . . . # # . . . . # #
. . . . . . . # # . . . . # #
. . . . . . . # # . . . . # #
. . . . . . . # # . . . . # #
. . . . . . . # # . . . . # #
= = = = = = = = = = = = = = =
= = = = = = = = = = = = = = =
)");
}

TEST(FlappyBird, TouchingTheEdgeOfAGapIsNoCrash) {
  // A gap of 100 px around 200 leaves 12 px of bird the heights 162 to 238.
  for (const int height : {161, 162, 238, 239}) {
    GameOfNumbers bird = flappy();
    bird.set(
        {{"height", height - 3}, {"velocity", 4}, {"pipe distance", -20}, {"gap height", 200}});
    EXPECT_EQ(bird.step(kGlide).terminated, height == 161 || height == 239) << height;
  }
}

TEST(FlappyBird, CrashesIntoTheGround) {
  GameOfNumbers bird = flappy();
  bird.set({{"height", 22}, {"velocity", -8}});
  EXPECT_FALSE(bird.step(kGlide).terminated);
  EXPECT_EQ(bird.get("height"), 13);  // still flying
  const StepResult result = bird.step(kGlide);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(result.reward, 0);
  EXPECT_EQ(bird.get("height"), 12);
}

TEST(FlappyBird, APipePassedInTheVeryFrameOfACrashCounts) {
  GameOfNumbers bird = flappy();
  bird.set({{"height", 20}, {"velocity", -9}, {"pipe distance", -84}});
  const StepResult result = bird.step(kGlide);
  EXPECT_EQ(result.reward, 1);
  EXPECT_TRUE(result.terminated);
}

TEST(FlappyBird, KeysFlapAndHeldDownOnlyWhenTheBirdHasSlowed) {
  GameOfNumbers bird = flappy();
  for (const Key key : {Key::kSpace, Key::kUp, Key::kW}) EXPECT_EQ(bird.keys({key}), kFlap);
  EXPECT_EQ(bird.keys({}), kGlide);
  bird.set({{"velocity", 6}});
  EXPECT_EQ(bird.keys({Key::kSpace}), kGlide);
  bird.set({{"velocity", 5}});
  EXPECT_EQ(bird.keys({Key::kSpace}), kFlap);
}

/// The gaps of a level, as a bird that is put into each of them meets them.
std::vector<int> gaps_of(GameOfNumbers& bird, int count) {
  std::vector<int> gaps = {static_cast<int>(bird.get("gap height"))};
  while (static_cast<int>(gaps.size()) < count) {
    bird.set({{"height", bird.get("gap height")}, {"velocity", 0}});
    if (bird.step(kGlide).reward == 1) gaps.push_back(static_cast<int>(bird.get("gap height")));
  }
  return gaps;
}

TEST(FlappyBird, ALevelIsAllItsGapsAndTheyDiffer) {
  std::set<std::vector<int>> all;
  for (std::uint64_t level = 0; level < 200; ++level) {
    GameOfNumbers bird = flappy({}, level);
    const std::vector<int> gaps = gaps_of(bird, 12);
    bird.rng = Rng(level + 1, "another");  // the stream of the env does not count
    bird.start(level);
    EXPECT_EQ(gaps_of(bird, 12), gaps);
    all.insert(gaps);
  }
  EXPECT_EQ(all.size(), 200u);
}

// A search for a way through the gaps, by the rules as the header tells them, written anew: in each
// frame all pairs of height and velocity that some bird can have.

constexpr int kVelocities = 20, kStates = 405 * kVelocities;
struct Bird {
  int height, velocity;
  int number() const { return height * kVelocities + velocity + 10; }
};

Bird flown(Bird bird, int action) {
  bird.velocity = action == kFlap ? 9 : std::max(bird.velocity - 1, -10);
  bird.height += bird.velocity;
  return bird.height >= 392 ? Bird{392, 0} : bird;
}

/// Where each reachable state of a frame came from: 2 * state before + action; -1: not reachable.
using Frame = std::vector<std::int16_t>;

/// Actions that take a bird past all gaps; empty if there is no way.
std::vector<int> way_through(const std::vector<int>& gaps, int gap, int speed, int spacing) {
  std::vector<Frame> frames(1, Frame(kStates, -1));
  frames[0][static_cast<std::size_t>(Bird{202, 0}.number())] = 0;
  int distance = 200;
  for (std::size_t next = 0; next < gaps.size();) {
    distance -= speed;
    if (distance <= -86) {
      distance += spacing;
      ++next;
    }
    Frame now(kStates, -1);
    const Frame& before = frames.back();
    for (int from = 0; from < kStates; ++from) {
      if (before[static_cast<std::size_t>(from)] < 0) continue;
      for (const int action : {kGlide, kFlap}) {
        const Bird bird = flown({from / kVelocities, from % kVelocities - 10}, action);
        const bool fits = distance >= 0 || 2 * std::abs(bird.height - gaps[next]) + 24 <= gap;
        if (bird.height <= 12 || !fits) continue;
        now[static_cast<std::size_t>(bird.number())] = static_cast<std::int16_t>(2 * from + action);
      }
    }
    frames.push_back(std::move(now));
  }
  const Frame& last = frames.back();
  const auto end = std::find_if(last.begin(), last.end(), [](int from) { return from >= 0; });
  if (end == last.end()) return {};
  std::vector<int> actions;
  auto state = static_cast<std::size_t>(end - last.begin());
  for (std::size_t t = frames.size() - 1; t > 0; --t) {
    actions.insert(actions.begin(), frames[t][state] % 2);
    state = static_cast<std::size_t>(frames[t][state] / 2);
  }
  return actions;
}

struct Setting {
  int gap, speed, spacing, levels;
};

TEST(FlappyBird, EveryLevelCanBeFlownThrough) {
  constexpr int kPipes = 8;
  for (const Setting& setting : {Setting{100, 4, 144, 100},
                                 {80, 2, 144, 5},
                                 {80, 8, 144, 20},
                                 {80, 3, 400, 3},
                                 {200, 8, 144, 20},
                                 {120, 7, 200, 20}}) {
    const ParamValues params = {{"gap", std::to_string(setting.gap), "test"},
                                {"speed", std::to_string(setting.speed), "test"},
                                {"spacing", std::to_string(setting.spacing), "test"}};
    for (int level = 0; level < setting.levels; ++level) {
      GameOfNumbers bird = flappy(params, static_cast<std::uint64_t>(level));
      const std::vector<int> gaps = gaps_of(bird, kPipes);
      const std::vector<int> actions =
          way_through(gaps, setting.gap, setting.speed, setting.spacing);
      ASSERT_FALSE(actions.empty()) << "level " << level << ", gap " << setting.gap << ", speed "
                                    << setting.speed << ", spacing " << setting.spacing;
      bird.start(static_cast<std::uint64_t>(level));
      float sum = 0;
      for (const int action : actions) {
        const StepResult result = bird.step(action);
        ASSERT_FALSE(result.terminated);
        sum += result.reward;
      }
      EXPECT_EQ(sum, kPipes);
    }
  }
}

TEST(FlappyBird, NeighbouringGapsAreWithinReachAndUseTheWholeScreen) {
  int lowest = 404, highest = 0, widest = 0;
  for (std::uint64_t level = 0; level < 200; ++level) {
    GameOfNumbers bird = flappy({}, level);
    const std::vector<int> gaps = gaps_of(bird, 12);
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      lowest = std::min(lowest, gaps[i]);
      highest = std::max(highest, gaps[i]);
      if (i > 0) widest = std::max(widest, std::abs(gaps[i] - gaps[i - 1]));
    }
  }
  EXPECT_EQ(lowest, 60 + 50);
  EXPECT_EQ(highest, 404 - 60 - 50);
  // 14 frames: a fall of 1 + 2 + .. + 10 + 4 * 10 = 95 (a climb would be 126), and 15 of the gap.
  EXPECT_EQ(widest, 95 + 15);
}

TEST(FlappyBird, ContinuesExactlyAfterALoad) {
  GameOfNumbers bird = flappy({}, 7), twin = flappy({}, 8);
  bird.set({{"height", 200}, {"pipe distance", -60}, {"gap height", 200}});
  const std::vector<std::uint8_t> bytes = bird.saved();
  StateReader in{Row<const std::uint8_t>(bytes)};
  twin.env->load(in);
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_EQ(gaps_of(twin, 10), gaps_of(bird, 10));
}

TEST(FlappyBird, AStateThatIsNoneIsRefused) {
  GameOfNumbers bird = flappy();
  const auto refusal = [&](const std::map<std::string, double>& fields) {
    return error_of([&] { bird.set(fields); }, ExitCode::kUsage);
  };
  const std::string start = "FlappyBird-v1: state field ";
  EXPECT_EQ(refusal({{"height", 393}}),
            start + "'height' is 393; expected a whole number from 12 to 392");
  EXPECT_EQ(refusal({{"velocity", 0.5}}),
            start + "'velocity' is 0.5; expected a whole number from -10 to 9");
  EXPECT_EQ(refusal({{"pipes passed", std::nan("")}}),
            start + "'pipes passed' is nan; expected a whole number from 0 to 999999999");
  EXPECT_EQ(refusal({{"gap height", 109}}),
            "FlappyBird-v1: no such state: the middle of a gap is at 109; expected 110 to 294");
  EXPECT_EQ(refusal({{"gap height after", 0}}),
            "FlappyBird-v1: no such state: the middle of a gap is at 0; expected 110 to 294");
  EXPECT_EQ(refusal({{"pipe distance", 201}}),
            "FlappyBird-v1: no such state: the next pipe is 201 px away; expected at most 200");
  EXPECT_EQ(error_of(
                [&] {
                  bird.env->set_state(DoubleVec{1, 2});
                },
                ExitCode::kUsage),
            "FlappyBird-v1: the state has 2 numbers; expected 7");
}

TEST(FlappyBird, ADamagedSaveIsRefused) {
  GameOfNumbers bird = flappy();
  std::vector<std::uint8_t> bytes = bird.saved();
  const std::int32_t wrong = 9000;
  std::memcpy(bytes.data() + sizeof(tern_rng), &wrong, sizeof wrong);
  StateReader in{Row<const std::uint8_t>(bytes)};
  EXPECT_EQ(error_of([&] { bird.env->load(in); }),
            "FlappyBird-v1: state field 'height' is 9000; expected a whole number from 12 to 392");
  std::vector<std::uint8_t> half = bird.saved();
  half.resize(half.size() / 2);
  StateReader cut{Row<const std::uint8_t>(half)};
  EXPECT_THAT(error_of([&] { bird.env->load(cut); }), testing::HasSubstr("saved state ends"));
}

TEST(FlappyBird, ParametersOutOfRangeAreRefused) {
  EXPECT_EQ(error_of(
                [] {
                  flappy({{"gap", "79", "a.yaml:3"}});
                },
                ExitCode::kUsage),
            "a.yaml:3: env.gap: 79 is out of range; expected [80, 200] (FlappyBird-v1)");
}

}  // namespace
}  // namespace tern
