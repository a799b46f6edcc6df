// Pong: worked examples and golden texts of walls, paddles and points; the opponent's skill and the
// serves by their effects; error texts.

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <set>

#include "tests/envs/game_of_numbers.h"
#include "tests/error_of.h"

namespace tern {
namespace {

constexpr int kStay = 0, kUp = 1, kDown = 2;
constexpr double kDegree = 3.14159265358979323846 / 180;

GameOfNumbers pong(const ParamValues& params = {}, std::uint64_t level = 0) {
  return GameOfNumbers("Pong-v1", params, level);
}
std::string picture(const GameOfNumbers& game) {
  return game.text(40, 16);
}

TEST(Pong, TheBallIsReflectedByTheWalls) {
  for (const int side : {1, -1}) {
    GameOfNumbers game = pong();
    game.set({{"ball x", 20},
              {"ball y", side * 53.0},
              {"ball velocity x", 3},
              {"ball velocity y", side * 4.0}});
    game.step(kStay);
    EXPECT_EQ(game.get("ball y"), side * 57);
    game.step(kStay);  // 61 is 3 beyond the 58 where its middle turns round
    EXPECT_EQ(game.get("ball y"), side * 55);
    EXPECT_EQ(game.get("ball velocity y"), -side * 4);
    EXPECT_EQ(game.get("ball x"), 26);
  }
}

TEST(Pong, APaddleReturnsTheBallStraightFromItsMiddle) {
  GameOfNumbers game = pong();
  game.set({{"ball x", 66},
            {"ball y", 24},
            {"ball velocity x", 3},
            {"ball velocity y", 0},
            {"agent's paddle", 24}});
  EXPECT_EQ(picture(game), R"(
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . |
. . . . . . . . . . : . . . . . . . o |
. . . . . . . . . . : . . . . . . . . .
| . . . . . . . . . : . . . . . . . . .
| . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
)");
  game.step(kStay);
  EXPECT_EQ(game.get("ball x"), 69);
  EXPECT_EQ(game.step(kStay).reward, 0);
  EXPECT_EQ(game.get("ball x"), 70);  // at the face
  EXPECT_DOUBLE_EQ(game.get("ball velocity x"), -3 * 1.05);
  EXPECT_EQ(game.get("ball velocity y"), 0);
  game.step(kStay);
  EXPECT_DOUBLE_EQ(game.get("ball x"), 70 - 3 * 1.05);
}

TEST(Pong, ThePlaceOnThePaddleGivesTheAngle) {
  for (const double off : {-11.0, -5.5, 2.2, 11.0}) {
    GameOfNumbers game = pong();
    game.set({{"ball x", 69},
              {"ball y", off},
              {"ball velocity x", 4},
              {"ball velocity y", 0},
              {"agent's paddle", 0}});
    game.step(kStay);
    const double vx = game.get("ball velocity x"), vy = game.get("ball velocity y");
    EXPECT_NEAR(std::atan2(vy, -vx), 55 * kDegree * off / 11, 1e-12) << off;
    EXPECT_NEAR(std::hypot(vx, vy), 4.2, 1e-12);
  }
}

TEST(Pong, TheOpponentStrikesByTheSameRule) {
  GameOfNumbers game = pong({{"opponent", "0", "test"}});
  game.set({{"ball x", -68},
            {"ball y", -5.5},
            {"ball velocity x", -4},
            {"ball velocity y", 0},
            {"opponent's paddle", 0}});
  game.step(kStay);
  EXPECT_EQ(game.get("ball x"), -70);
  EXPECT_NEAR(game.get("ball velocity x"), 4.2 * std::cos(27.5 * kDegree), 1e-12);
  EXPECT_NEAR(game.get("ball velocity y"), -4.2 * std::sin(27.5 * kDegree), 1e-12);
}

TEST(Pong, StrikesMakeTheBallFasterUpTo6) {
  GameOfNumbers game = pong();
  game.set({{"ball x", 69},
            {"ball y", 0},
            {"ball velocity x", 5.9},
            {"ball velocity y", 0},
            {"agent's paddle", 0}});
  game.step(kStay);
  EXPECT_EQ(game.get("ball velocity x"), -6);
}

TEST(Pong, ThePaddleMeetsTheBallWhereTheWallSentIt) {
  GameOfNumbers game = pong();
  // It crosses the face after half the frame, at 59: reflected to 57, 6 px above the paddle.
  game.set({{"ball x", 68},
            {"ball y", 57},
            {"ball velocity x", 4},
            {"ball velocity y", 4},
            {"agent's paddle", 51}});
  game.step(kStay);
  EXPECT_EQ(game.get("ball x"), 70);
  EXPECT_EQ(game.get("ball y"), 57);
  EXPECT_NEAR(std::atan2(game.get("ball velocity y"), -game.get("ball velocity x")),
              55 * kDegree * 6 / 11, 1e-12);
}

TEST(Pong, AMissIsAPointAndTheLoserGetsTheServe) {
  GameOfNumbers game = pong();
  game.set({{"ball x", 69},
            {"ball y", 11.5},
            {"ball velocity x", 5},
            {"ball velocity y", 0},
            {"agent's paddle", 0}});
  EXPECT_EQ(game.step(kStay).reward, 0);
  EXPECT_EQ(picture(game), R"(
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . o
| . . . . . . . . . : . . . . . . . . |
| . . . . . . . . . : . . . . . . . . |
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
)");
  EXPECT_EQ(game.step(kStay).reward, 0);  // 79
  const StepResult result = game.step(kStay);
  EXPECT_EQ(result.reward, -1);
  EXPECT_FALSE(result.terminated);
  EXPECT_EQ(game.get("opponent's points"), 1);
  EXPECT_EQ(game.get("ball x"), 0);
  EXPECT_GT(game.get("ball velocity x"), 0);
  EXPECT_NEAR(std::hypot(game.get("ball velocity x"), game.get("ball velocity y")), 3, 1e-12);

  GameOfNumbers won = pong();
  won.set({{"ball x", -78}, {"ball y", 40}, {"ball velocity x", -5}, {"ball velocity y", 0}});
  EXPECT_EQ(won.step(kStay).reward, 1);
  EXPECT_EQ(won.get("agent's points"), 1);
  EXPECT_LT(won.get("ball velocity x"), 0);
}

TEST(Pong, TheEpisodeEndsAt21) {
  GameOfNumbers game = pong();
  game.set({{"ball x", -78},
            {"ball y", 40},
            {"ball velocity x", -5},
            {"ball velocity y", 0},
            {"agent's points", 20},
            {"opponent's points", 20}});
  const StepResult result = game.step(kStay);
  EXPECT_EQ(result.reward, 1);
  EXPECT_TRUE(result.terminated);
  EXPECT_THAT(game.metrics(), testing::ElementsAre(1, 21, 20));
  EXPECT_EQ(game.get("ball x"), -80);
  EXPECT_EQ(picture(game), R"(
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
o . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
| . . . . . . . . . : . . . . . . . . |
| . . . . . . . . . : . . . . . . . . |
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
. . . . . . . . . . : . . . . . . . . .
)");
  GameOfNumbers lost = pong({{"points", "2", "test"}});
  lost.set({{"ball x", 78},
            {"ball y", 40},
            {"ball velocity x", 5},
            {"ball velocity y", 0},
            {"opponent's points", 1}});
  EXPECT_TRUE(lost.step(kStay).terminated);
  EXPECT_THAT(lost.metrics(), testing::ElementsAre(0, 0, 2));
}

TEST(Pong, PaddlesStayInTheCourt) {
  GameOfNumbers game = pong();
  game.repeat(16, kUp);
  EXPECT_EQ(game.get("agent's paddle"), 48);
  game.repeat(2, kUp);
  EXPECT_EQ(game.get("agent's paddle"), 51);
  game.step(kDown);
  EXPECT_EQ(game.get("agent's paddle"), 48);
}

TEST(Pong, SkillIsHowFastTheOpponentFollowsTheBall) {
  for (const double skill : {0.0, 0.5, 1.0}) {
    GameOfNumbers game = pong({{"opponent", std::to_string(skill), "test"}});
    game.set({{"ball x", 0},
              {"ball y", 30},
              {"ball velocity x", -3},
              {"ball velocity y", 0},
              {"opponent's paddle", 0}});
    game.step(kStay);
    EXPECT_EQ(game.get("opponent's paddle"), 3 * skill);
    game.set({{"ball velocity x", 3}, {"opponent's paddle", -30}});
    game.step(kStay);  // the ball flies away: back to the middle
    EXPECT_EQ(game.get("opponent's paddle"), -30 + 3 * skill);
  }
  GameOfNumbers near = pong({{"opponent", "1", "test"}});
  near.set({{"ball y", 1}, {"ball velocity x", -3}, {"opponent's paddle", 0}});
  near.step(kStay);
  EXPECT_EQ(near.get("opponent's paddle"), 1);  // not beyond it
}

TEST(Pong, ShowsWhatItsFieldsSay) {
  GameOfNumbers game = pong({{"points", "10", "test"}});
  game.set({{"ball x", 37},
            {"ball y", -29},
            {"ball velocity x", 3},
            {"ball velocity y", -1},
            {"agent's paddle", 27},
            {"opponent's paddle", 0},
            {"agent's points", 4},
            {"opponent's points", 9}});
  game.step(kUp);
  EXPECT_THAT(game.obs, testing::Pointwise(testing::FloatNear(1e-6f),
                                           {0.5f, -0.5f, 0.5f, -1.0f / 6, 0.5f, 0.0f, 0.4f, 0.9f}));
}

/// Plays a whole game with a tracker that strikes with the edge of its paddle; points won less
/// lost.
double difference(double skill, std::uint64_t level) {
  GameOfNumbers game = pong({{"opponent", std::to_string(skill), "test"}}, level);
  for (int t = 0; t < 20'000; ++t) {
    const DoubleVec s = game.state();
    const double edge = s[5] > 0 ? 8 : -8;  // strikes away from where the opponent is
    const double aim = s[2] > 0 ? s[1] + edge : 0;
    if (game.step(aim > s[4] + 2 ? kUp : aim < s[4] - 2 ? kDown : kStay).terminated) break;
  }
  return game.get("agent's points") - game.get("opponent's points");
}

TEST(Pong, TheOpponentsSkillDecides) {
  const auto mean = [](double skill) {
    double sum = 0;
    for (std::uint64_t level = 0; level < 5; ++level) sum += difference(skill, level);
    return sum / 5;
  };
  // No luck is in it but the serves: 20.8, 19.6, 16.6 and 9.2 points when this was written.
  const double still = mean(0), half = mean(0.5), quick = mean(0.75), full = mean(1);
  EXPECT_GT(still, 20);
  EXPECT_LT(half, still);
  EXPECT_LT(quick, half - 1);
  EXPECT_LT(full, quick - 4);
  EXPECT_GT(full, 4);  // it can still be beaten
}

/// Height, direction and angle of the serves of a level, which the agent's side all loses.
std::vector<double> serves_of(GameOfNumbers& game, int count) {
  std::vector<double> numbers;
  for (int i = 0; i < count; ++i) {
    const DoubleVec s = game.state();
    numbers.insert(numbers.end(), {s[1], s[2], s[3]});
    game.set({{"ball x", 79}, {"ball velocity x", 3}, {"opponent's points", 0}});
    EXPECT_EQ(game.step(kStay).reward, -1);
  }
  return numbers;
}

TEST(Pong, ALevelIsAllItsServesAndTheyDiffer) {
  std::set<std::vector<double>> all;
  int to_agent = 0;
  double highest = 0, steepest = 0;
  for (std::uint64_t level = 0; level < 400; ++level) {
    GameOfNumbers game = pong({}, level);
    const std::vector<double> serves = serves_of(game, 5);
    game.rng = Rng(level + 1, "another");  // the stream of the env does not count
    game.start(level);
    EXPECT_EQ(serves_of(game, 5), serves);
    all.insert(serves);
    to_agent += serves[1] > 0 ? 1 : 0;
    for (std::size_t i = 0; i < serves.size(); i += 3) {
      highest = std::max(highest, std::fabs(serves[i]));
      steepest = std::max(steepest, std::fabs(std::atan(serves[i + 2] / serves[i + 1])));
      EXPECT_NEAR(std::hypot(serves[i + 1], serves[i + 2]), 3, 1e-12);
    }
  }
  EXPECT_EQ(all.size(), 400u);
  EXPECT_NEAR(to_agent, 200, 5 * 10);  // standard deviation 10
  EXPECT_GT(highest, 39);              // of 2000: 1 - (39/40)^2000 is certain
  EXPECT_LE(highest, 40);
  EXPECT_GT(steepest, 39 * kDegree);
  EXPECT_LE(steepest, 40 * kDegree + 1e-12);
}

TEST(Pong, KeysMoveThePaddle) {
  GameOfNumbers game = pong();
  for (const Key key : {Key::kUp, Key::kW}) EXPECT_EQ(game.keys({key}), kUp);
  for (const Key key : {Key::kDown, Key::kS}) EXPECT_EQ(game.keys({key}), kDown);
  EXPECT_EQ(game.keys({}), kStay);
  EXPECT_EQ(game.keys({Key::kUp, Key::kDown}), kStay);
}

TEST(Pong, ContinuesExactlyAfterALoad) {
  GameOfNumbers game = pong({}, 7), twin = pong({}, 8);
  game.repeat(10, kUp);
  const std::vector<std::uint8_t> bytes = game.saved();
  StateReader in{Row<const std::uint8_t>(bytes)};
  twin.env->load(in);
  EXPECT_EQ(in.remaining(), 0u);
  for (int t = 0; t < 1000; ++t) {
    game.step(t % 3);
    twin.step(t % 3);
    ASSERT_EQ(twin.obs, game.obs);
  }
}

TEST(Pong, AStateThatIsNoneIsRefused) {
  GameOfNumbers game = pong();
  const auto refusal = [&](const std::map<std::string, double>& fields) {
    return error_of([&] { game.set(fields); }, ExitCode::kUsage);
  };
  EXPECT_EQ(refusal({{"ball y", 58.5}}),
            "Pong-v1: state field 'ball y' is 58.5; expected a number from -58 to 58");
  EXPECT_EQ(refusal({{"agent's paddle", std::nan("")}}),
            "Pong-v1: state field 'agent's paddle' is nan; expected a number from -51 to 51");
  EXPECT_EQ(refusal({{"agent's points", 1.5}}),
            "Pong-v1: state field 'agent's points' is 1.5; expected a whole number from 0 to 99");
  EXPECT_EQ(refusal({{"agent's points", 22}}),
            "Pong-v1: no such state: 22 points to 0; expected at most 21, and of one side only");
  EXPECT_EQ(refusal({{"ball velocity x", 0}}),
            "Pong-v1: no such state: the ball's velocity x is 0; expected that it flies to a side");
}

TEST(Pong, ADamagedSaveIsRefused) {
  GameOfNumbers game = pong();
  std::vector<std::uint8_t> bytes = game.saved();
  const double wrong = 100;
  std::memcpy(bytes.data() + sizeof(tern_rng), &wrong, sizeof wrong);
  StateReader in{Row<const std::uint8_t>(bytes)};
  EXPECT_EQ(error_of([&] { game.env->load(in); }),
            "Pong-v1: state field 'ball x' is 100; expected a number from -80 to 80");
}

TEST(Pong, ParametersOutOfRangeAreRefused) {
  EXPECT_EQ(error_of(
                [] {
                  pong({{"opponent", "1.5", "a.yaml:3"}});
                },
                ExitCode::kUsage),
            "a.yaml:3: env.opponent: 1.5 is out of range; expected [0, 1] (Pong-v1)");
}

}  // namespace
}  // namespace tern
