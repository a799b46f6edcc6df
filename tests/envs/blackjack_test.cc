// Blackjack: worked examples of each rule, and an oracle: the exact value of the best policy,
// computed from the rules alone, is what that policy scores.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "core/drawing/text_canvas.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"

namespace tern {
namespace {

using Cards = std::vector<std::uint8_t>;
constexpr int kStick = 0, kHit = 1;

std::unique_ptr<Env> table(const char* option = nullptr) {
  ParamValues params;
  if (option != nullptr) params.push_back({option, "true", "test"});
  return registry().find("Blackjack-v1").make(params);
}

/// A game with these cards on the table, as save() writes it.
void deal(Env& env, const Cards& player, const Cards& dealer) {
  StateWriter out;
  out.write(player, dealer);
  out.write(false, 0.0f);
  StateReader in(out.bytes());
  ASSERT_TRUE(env.load(in));
  ASSERT_EQ(in.remaining(), 0u);
}

struct Turn {
  StepResult result;
  std::vector<float> obs;
};

Turn play(Env& env, std::int32_t action, std::uint64_t seed = 0) {
  Turn turn;
  turn.obs.resize(3);
  Rng rng(seed, "blackjack");
  turn.result = env.step(ActionRow(Row<const std::int32_t>(&action, 1)), rng,
                         ObsRow(FloatRow(turn.obs)));
  return turn;
}

float stick(const Cards& player, const Cards& dealer, const char* option = nullptr) {
  const auto env = table(option);
  deal(*env, player, dealer);
  const Turn turn = play(*env, kStick);
  EXPECT_TRUE(turn.result.terminated);
  return turn.result.reward;
}

TEST(Blackjack, TheHigherSumWins) {
  EXPECT_EQ(stick({10, 9}, {10, 8}), 1);
  EXPECT_EQ(stick({10, 8}, {10, 8}), 0);
  EXPECT_EQ(stick({10, 7}, {10, 8}), -1);
  EXPECT_EQ(stick({1, 7}, {10, 7}), 1);   // a soft 18
  EXPECT_EQ(stick({10, 9}, {1, 6}), 1);   // the dealer stands on a soft 17
  EXPECT_EQ(stick({2, 3}, {10, 6, 10}), 1);  // the dealer has gone bust
}

TEST(Blackjack, TheDealerDrawsOnSixteen) {
  const auto env = table();
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    deal(*env, {10, 6}, {10, 6});
    EXPECT_NE(play(*env, kStick, seed).result.reward, 0) << seed;  // 16 against 16 cannot be
  }
}

TEST(Blackjack, ANaturalPaysAsTheOptionsSay) {
  EXPECT_EQ(stick({1, 10}, {10, 9}), 1);
  EXPECT_EQ(stick({1, 10}, {10, 9}, "natural"), 1.5f);
  EXPECT_EQ(stick({1, 10}, {10, 9}, "sab"), 1);
  EXPECT_EQ(stick({1, 10}, {10, 5, 6}), 0);  // 21 against 21
  EXPECT_EQ(stick({1, 10}, {10, 5, 6}, "natural"), 0);
  EXPECT_EQ(stick({1, 10}, {10, 5, 6}, "sab"), 1);
  EXPECT_EQ(stick({1, 10}, {10, 1}, "sab"), 0);
  EXPECT_EQ(stick({10, 5, 6}, {10, 9}, "natural"), 1);  // 21, but of three cards
}

TEST(Blackjack, AHitOverTwentyOneLoses) {
  const auto env = table();
  int busts = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    deal(*env, {10, 10}, {5, 6});
    const Turn turn = play(*env, kHit, seed);
    const bool is_bust = turn.obs[0] > 21;
    EXPECT_EQ(turn.result.terminated, is_bust);
    EXPECT_EQ(turn.result.reward, is_bust ? -1 : 0);
    EXPECT_EQ(turn.obs[1], 5);  // the card that lies open
    busts += is_bust;
  }
  EXPECT_NEAR(busts, 200 * 12 / 13.0, 19);  // all but aces; five standard deviations
}

TEST(Blackjack, AnAceIsElevenWhileThatFits) {
  const auto env = table();
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    deal(*env, {1, 5}, {2, 2});
    const Turn turn = play(*env, kHit, seed);
    // A soft 16: up to 5 more stays soft, 6 to 10 makes the ace a one again.
    EXPECT_FALSE(turn.result.terminated);
    EXPECT_EQ(turn.obs[2] == 1, turn.obs[0] >= 17) << turn.obs[0];
    EXPECT_GE(turn.obs[0], 12);
  }
}

/// Solves the game from its rules: sums with and without a usable ace, drawing with replacement.
class Solver {
 public:
  /// The best expected reward of holding `sum` against the dealer's `card`; sets what to do.
  double value(int sum, bool soft, int card) {
    const auto found = values_.find({sum, soft, card});
    if (found != values_.end()) return found->second;
    double hit = 0;
    for (int drawn = 1; drawn <= 10; ++drawn) {
      auto [next, next_soft] = with(sum, soft, drawn);
      hit += probability(drawn) * (next > 21 ? -1 : value(next, next_soft, card));
    }
    const double stick = stick_value(sum, card);
    hits_[{sum, soft, card}] = hit > stick;
    return values_[{sum, soft, card}] = std::max(hit, stick);
  }
  bool hits(int sum, bool soft, int card) {
    value(sum, soft, card);
    return hits_.at({sum, soft, card});
  }
  static double probability(int card) { return card == 10 ? 4.0 / 13 : 1.0 / 13; }
  static std::pair<int, bool> with(int sum, bool soft, int card) {
    sum += card;
    if (card == 1 && !soft && sum + 10 <= 21) return {sum + 10, true};
    if (sum > 21 && soft) return {sum - 10, false};
    return {sum, soft};
  }

 private:
  double stick_value(int sum, int card) {
    const auto [first, soft] = with(0, false, card);
    std::array<double, 32> ends{};
    dealer_ends(first, soft, /*has_two=*/false, 1, ends);
    double value = 0;
    for (int end = 17; end < 32; ++end) {
      const int theirs = end > 21 ? 0 : end;
      value += ends[static_cast<std::size_t>(end)] * ((sum > theirs) - (sum < theirs));
    }
    return value;
  }
  void dealer_ends(int sum, bool soft, bool has_two, double p, std::array<double, 32>& ends) {
    if (has_two && sum >= 17) {
      ends[static_cast<std::size_t>(sum)] += p;
      return;
    }
    for (int drawn = 1; drawn <= 10; ++drawn) {
      const auto [next, next_soft] = with(sum, soft, drawn);
      dealer_ends(next, next_soft, true, p * probability(drawn), ends);
    }
  }

  std::map<std::tuple<int, bool, int>, double> values_;
  std::map<std::tuple<int, bool, int>, bool> hits_;
};

TEST(Blackjack, TheBestPolicyScoresItsExactValue) {
  Solver solver;
  double expected = 0;
  for (int a = 1; a <= 10; ++a) {
    for (int b = 1; b <= 10; ++b) {
      const auto [first, first_soft] = Solver::with(0, false, a);
      const auto [sum, soft] = Solver::with(first, first_soft, b);
      for (int card = 1; card <= 10; ++card) {
        expected += Solver::probability(a) * Solver::probability(b) * Solver::probability(card) *
                    solver.value(sum, soft, card);
      }
    }
  }
  // What is left to the house when both stand the same chances but the player goes bust first.
  EXPECT_NEAR(expected, -0.0466, 0.0005);

  VecEnv envs(registry().find("Blackjack-v1"), {}, {.num_envs = 256});
  StepBuffers buffers(envs.spec().obs, envs.spec().action, 1, 256);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  double sum = 0, squares = 0;
  int episodes = 0;
  for (int t = 0; t < 1000; ++t) {
    for (std::size_t i = 0; i < 256; ++i) {
      const ObsRow obs = buffers.batch.obs[i];
      buffers.actions[i].discrete() =
          solver.hits(static_cast<int>(obs[0]), obs[2] == 1, static_cast<int>(obs[1]));
    }
    envs.step(buffers.actions, buffers.batch);
    for (std::size_t i = 0; i < 256; ++i) {
      if (!buffers.batch.terminated[i]) continue;
      ++episodes;
      sum += buffers.batch.episode_return[i];
      squares += buffers.batch.episode_return[i] * buffers.batch.episode_return[i];
    }
  }
  EXPECT_GT(episodes, 100'000);
  EXPECT_NEAR(sum / episodes, expected, 5 * std::sqrt(squares / episodes / episodes));
}

TEST(Blackjack, LooksLikeThis) {
  const auto env = table();
  deal(*env, {1, 6}, {9, 4});
  TextCanvas canvas(40, 14);
  env->draw(canvas);
  const std::string picture = canvas.str();
  for (const char* part : {"dealer", "you", "soft 17", "9", "?", "A", "6"}) {
    EXPECT_NE(picture.find(part), std::string::npos) << part << "\n" << picture;
  }
  EXPECT_EQ(picture.find('4'), std::string::npos);  // the hidden card stays hidden
}

}  // namespace
}  // namespace tern
