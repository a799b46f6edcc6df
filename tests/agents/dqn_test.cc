// Proof: worked examples by hand (what is due when, epsilon, actions, snapshots), laws (train 2k =
// train k, save, load, train k), error texts.

#include "agents/dqn/dqn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "agents/dqn/dqn_policy_options.h"
#include "agents/policy/distributions/epsilon_greedy.h"
#include "envs/registry/registry.h"
#include "tests/agents/training.h"
#include "tests/error_of.h"
#include "tests/memory_stream.h"

namespace tern {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

DqnConfig small_config() {
  DqnConfig config;
  config.learning_rate = Schedule::constant(1e-3);
  config.replay.buffer_size = 200;
  config.replay.learning_starts = 10;
  config.replay.batch_size = 8;
  config.hidden_sizes = {8};
  config.target_update_every = 16;
  return config;
}

// ---- What is due when
// ----------------------------------------------------------------------------

struct Due {
  std::size_t num_envs;
  int train_every, updates_per_train;
  std::int64_t learning_starts, total_steps;
  int gradient_steps;

  friend std::ostream& operator<<(std::ostream& out, const Due& due) {
    return out << due.num_envs << " envs, train_every " << due.train_every << ", "
               << due.updates_per_train << " updates, starts " << due.learning_starts << ", total "
               << due.total_steps;
  }
};

class DueUpdates : public ::testing::TestWithParam<Due> {};

TEST_P(DueUpdates, AreThoseCountedByHand) {
  const Due& due = GetParam();
  DqnConfig config = small_config();
  config.replay.train_every = due.train_every;
  config.replay.updates_per_train = due.updates_per_train;
  config.replay.learning_starts = due.learning_starts;
  const auto envs = make_envs("CartPole-v1", due.num_envs, 0);
  const auto agent = make_dqn(config, envs->spec(), due.num_envs, 0);
  Training training(due.total_steps);
  training.reports = true;
  agent->train(*envs, training);
  EXPECT_EQ(training.metrics.at("train/gradient_steps"), due.gradient_steps);
}

INSTANTIATE_TEST_SUITE_P(
    Dqn, DueUpdates,
    ::testing::Values(Due{1, 4, 2, 10, 20, 6},   // after steps 12, 16, 20: two each
                      Due{1, 1, 1, 0, 5, 5},     // from the first step on
                      Due{1, 1, 1, 3, 5, 3},     // after 3, 4, 5
                      Due{2, 8, 1, 0, 24, 3},    // after 8, 16, 24: every fourth step of both envs
                      Due{4, 2, 3, 8, 16, 18},   // after 8, 12, 16: twice three each
                      Due{4, 4, 1, 0, 18, 4}));  // the step that would pass the total is not made

TEST(Dqn, TheTargetNetworkFollowsEnvironmentSteps) {
  static int updates;
  updates = 0;
  DqnEquations equations;
  equations.update_target = [](Row<float> target, Row<const float> online, double tau) {
    ++updates;
    polyak_average(target, online, tau);
  };
  const auto envs = make_envs("CartPole-v1", 2, 0);
  DqnConfig config = small_config();
  config.target_update_every = 7;
  const auto agent = make_dqn(config, envs->spec(), 2, 0, equations);
  Training training(30);
  agent->train(*envs, training);
  EXPECT_EQ(updates, 4);  // 7, 14, 21, 28 were passed
  EXPECT_EQ(training.iterations, 15);
}

// In Probe-Mask-v0 exactly one of three actions is forbidden in every state.
TEST(Dqn, TheTargetIsGivenTheMaskOfTheNextState) {
  static int rows;
  rows = 0;
  DqnEquations equations;
  equations.target = [](const TargetRows& given, Row<float> targets) {
    ASSERT_EQ(given.num_actions, 3u);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const std::uint8_t* mask = given.next_mask + 3 * i;
      EXPECT_EQ(std::count(mask, mask + 3, 0), 1);
      EXPECT_EQ(std::count(mask, mask + 3, 1), 2);
    }
    rows += static_cast<int>(targets.size());
    q_learning_target_closed_form(given, targets);
  };
  const auto envs = make_envs("Probe-Mask-v0", 1, 0);
  const auto agent = make_dqn(small_config(), envs->spec(), 1, 0, equations);
  Training training(40);
  agent->train(*envs, training);
  EXPECT_EQ(rows, 8 * 8);  // after steps 12, 16, .. 40
}

TEST(Dqn, DoubleQDecidesWhichTargetIsUsed) {
  static int plain, twice;
  DqnEquations equations;
  equations.target = [](const TargetRows& given, Row<float> targets) {
    ++plain;
    q_learning_target_closed_form(given, targets);
  };
  equations.double_target = [](const TargetRows& given, Row<float> targets) {
    const std::size_t values = targets.size() * given.num_actions;
    ++twice;
    // At step 12 both networks are the one that training began with; at 16 only the online one has
    // moved; after that step's update of the target, both are the same again at 20.
    EXPECT_EQ(std::equal(given.next_q, given.next_q + values, given.next_q_online), twice != 2);
    double_q_target_closed_form(given, targets);
  };
  for (const bool double_q : {false, true}) {
    plain = twice = 0;
    DqnConfig config = small_config();
    config.double_q = double_q;
    const auto envs = make_envs("CartPole-v1", 1, 0);
    const auto agent = make_dqn(config, envs->spec(), 1, 0, equations);
    Training training(20);
    agent->train(*envs, training);
    EXPECT_EQ(plain, double_q ? 0 : 3);
    EXPECT_EQ(twice, double_q ? 3 : 0);
  }
}

// Random until 10 steps were made; then from 0.9 to 0.1 over the first 40 of the run.
TEST(Dqn, EpsilonIsOneUntilLearningStartsAndThenFollowsItsSchedule) {
  DqnConfig config = small_config();
  config.epsilon_start = 0.9;
  config.epsilon_end = 0.1;
  config.epsilon_steps = 40;
  const auto envs = make_envs("CartPole-v1", 1, 0);
  const auto agent = make_dqn(config, envs->spec(), 1, 0);
  Training training(100);
  training.reports = true;
  const auto epsilon_of_step = [&](std::int64_t step) {
    training.stop_at = step;
    agent->train(*envs, training);
    return training.metrics.at("train/epsilon");
  };
  EXPECT_EQ(epsilon_of_step(10), 1);
  EXPECT_DOUBLE_EQ(epsilon_of_step(11), 0.9 - 0.8 * 10 / 40);  // 10 steps were made before it
  EXPECT_DOUBLE_EQ(epsilon_of_step(31), 0.9 - 0.8 * 30 / 40);
  EXPECT_DOUBLE_EQ(epsilon_of_step(100), 0.1);
}

// ---- Policy
// --------------------------------------------------------------------------------------

TEST(DqnActions, GreedyIsTheFirstBestAllowedOne) {
  std::vector<float> q = {3, -1, 7, 7};
  std::vector<std::uint8_t> all = {1, 1, 1, 1}, some = {1, 1, 0, 0}, one = {0, 1, 0, 0};
  EXPECT_EQ(greedy_action(Row<const float>(q), MaskRow(all)), 2);
  EXPECT_EQ(greedy_action(Row<const float>(q), MaskRow(some)), 0);
  EXPECT_EQ(greedy_action(Row<const float>(q), MaskRow(one)), 1);
}

TEST(DqnActions, RandomOnesAreTheAllowedOnesAlike) {
  std::vector<std::uint8_t> mask = {0, 1, 0, 1, 1};
  Rng rng(1, "actions");
  std::vector<int> counts(5, 0);
  for (int k = 0; k < 30'000; ++k)
    ++counts[static_cast<std::size_t>(random_action(MaskRow(mask), rng))];
  // 10,000 each; 5 standard deviations are 5 sqrt(30,000 * 2/9) = 408.
  EXPECT_EQ(counts[0] + counts[2], 0);
  for (const int a : {1, 3, 4}) EXPECT_NEAR(counts[static_cast<std::size_t>(a)], 10'000, 408);
}

TEST(DqnActions, AMaskThatAllowsNothingIsAnError) {
  std::vector<float> q = {1, 2};
  std::vector<std::uint8_t> nothing = {0, 0};
  Rng rng(1, "actions");
  EXPECT_THAT(error_of([&] { greedy_action(Row<const float>(q), MaskRow(nothing)); }),
              HasSubstr("allows no action"));
  EXPECT_THAT(error_of([&] { random_action(MaskRow(nothing), rng); }),
              HasSubstr("allows no action"));
}

class QPolicyOfCartPole : public ::testing::Test {
 protected:
  QPolicyOfCartPole()
      : envs_(make_envs("CartPole-v1", 1, 0)),
        agent_(make_dqn(small_config(), envs_->spec(), 1, 0)) {
    Training training(60);
    agent_->train(*envs_, training);
  }

  static std::int32_t act(Policy& policy, bool deterministic, Rng& rng,
                          std::vector<std::uint8_t> mask) {
    std::vector<float> obs = {0.1f, -0.2f, 0.05f, 0.3f};
    std::vector<std::int32_t> action = {-1};
    policy.act({ObsRow(FloatRow(obs)), mask, &rng, MutableActionRow(Row<std::int32_t>(action)), {}},
               deterministic);
    return action[0];
  }
  static Inspection inspect(Policy& policy, std::vector<std::uint8_t> mask) {
    std::vector<float> obs = {0.1f, -0.2f, 0.05f, 0.3f};
    return policy.inspect(ObsRow(FloatRow(obs)), MaskRow(mask));
  }

  std::unique_ptr<VecEnv> envs_;
  std::unique_ptr<Agent> agent_;
};

TEST_F(QPolicyOfCartPole, ShowsActionValuesAndTheBestAllowedOne) {
  const auto policy = agent_->snapshot();
  const Inspection both = inspect(*policy, {1, 1});
  ASSERT_EQ(both.action_values.size(), 2u);
  EXPECT_EQ(both.value, std::max(both.action_values[0], both.action_values[1]));
  EXPECT_EQ(inspect(*policy, {1, 0}).value, both.action_values[0]);
  EXPECT_EQ(inspect(*policy, {0, 1}).value, both.action_values[1]);
  EXPECT_EQ(policy->agent(), "dqn");
  EXPECT_EQ(policy->step(), 60);
}

// For a plain and a dueling head: Q is the mean of what is shown.
TEST_F(QPolicyOfCartPole, ShowsTheQuantilesThatQIsTheMeanOf) {
  EXPECT_TRUE(inspect(*agent_->snapshot(), {1, 1}).quantiles.empty());
  for (const bool is_dueling : {false, true}) {
    DqnConfig config = small_config();
    config.quantiles = 7;
    config.dueling = is_dueling;
    const Inspection seen = inspect(*make_dqn(config, envs_->spec(), 1, 0)->snapshot(), {1, 1});
    ASSERT_EQ(seen.quantiles.size(), 14u);
    for (std::size_t a = 0; a < 2; ++a) {
      double sum = 0;
      for (std::size_t n = 0; n < 7; ++n) sum += seen.quantiles[7 * a + n];
      EXPECT_NEAR(sum / 7, seen.action_values[a], 1e-6) << is_dueling;
    }
  }
}

// epsilon_end is 0.05, half of the random actions are the greedy one: 2.5 % of 20,000 = 500 others,
// and 5 standard deviations are 5 sqrt(20,000 * 0.025 * 0.975) = 110.
TEST_F(QPolicyOfCartPole, ExploresOnlyWhenItIsNotDeterministic) {
  const auto policy = agent_->snapshot();
  Rng rng(5, "evaluation");
  const std::int32_t greedy = act(*policy, /*deterministic=*/true, rng, {1, 1});
  EXPECT_EQ(rng.state().s[0], Rng(5, "evaluation").state().s[0]) << "the mode takes no draw";
  int others = 0;
  for (int k = 0; k < 20'000; ++k) {
    others += act(*policy, /*deterministic=*/false, rng, {1, 1}) != greedy ? 1 : 0;
  }
  EXPECT_NEAR(others, 500, 110);
  EXPECT_EQ(act(*policy, /*deterministic=*/true, rng, {0, 1}), 1);
  EXPECT_EQ(act(*policy, /*deterministic=*/true, rng, {1, 0}), 0);
}

TEST_F(QPolicyOfCartPole, ASnapshotStaysAsItWasAndLoadsWithoutItsTrainer) {
  const auto snapshot = agent_->snapshot();
  const std::vector<double> before = inspect(*snapshot, {1, 1}).action_values;
  const AgentState state = agent_->save();
  Training training(120);
  agent_->train(*envs_, training);
  EXPECT_EQ(inspect(*snapshot, {1, 1}).action_values, before);
  EXPECT_NE(inspect(*agent_->snapshot(), {1, 1}).action_values, before);
  const auto loaded =
      load_q_policy(dqn_policy_options(small_config(), envs_->spec()), envs_->spec(),
                    Row<const std::uint8_t>(state.policy));
  EXPECT_EQ(inspect(*loaded, {1, 1}).action_values, before);
  EXPECT_EQ(loaded->step(), 60);
}

// ---- The law of resuming
// -------------------------------------------------------------------------

struct Law {
  std::string name, env;
  std::size_t num_envs;
  std::int64_t cut, total_steps;
  DqnConfig config;

  friend std::ostream& operator<<(std::ostream& out, const Law& law) {
    return out << law.env << ", cut at " << law.cut << " of " << law.total_steps;
  }
};

std::vector<Law> laws() {
  DqnConfig plain = small_config();
  plain.replay.train_every = 1;
  DqnConfig full = plain;  // everything that has state of its own
  full.double_q = true;
  full.normalize_obs = true;
  full.tau = 0.3;
  full.learning_rate = Schedule::linear(3e-3);
  full.epsilon_steps = 200;
  full.replay.train_every = 3;
  full.epsilon_duration = 8;
  full.replay.n_step = 3;
  full.replay.prioritized = true;
  full.dueling = true;
  DqnConfig convolutions = plain;
  convolutions.encoder.encoder = "cnn";
  convolutions.encoder.cnn_channels = {4};
  convolutions.encoder.cnn_kernels = {3};
  convolutions.encoder.cnn_strides = {1};
  DqnConfig quantiles = full;
  quantiles.quantiles = 5;
  DqnConfig hindsight = plain;
  hindsight.replay.hindsight = "future";
  return {{"WithHindsight", "BitFlip-v0", 3, 99, 300, hindsight},
          {"WithQuantiles", "CartPole-v1", 3, 303, 600, quantiles},
          {"ThroughConvolutions", "Catch-v0", 1, 101, 200, convolutions},
          {"InTheMiddleOfAnEpisode", "CartPole-v1", 1, 153, 400, plain},
          {"BeforeLearningStarts", "CartPole-v1", 1, 7, 60, plain},
          {"AfterTheRingWentRound", "CartPole-v1", 3, 303, 600, full},
          {"WithMasks", "Probe-Mask-v0", 3, 99, 300, full},
          {"OnAnEnvWithBoundedEpisodes", "Probe-Truncation-v0", 3, 102, 300, full}};
}

class Resuming : public ::testing::TestWithParam<Law> {};

TEST_P(Resuming, ContinuesAsIfItHadNeverStopped) {
  const Law& law = GetParam();
  const auto envs = make_envs(law.env, law.num_envs, 4);
  const auto agent = make_dqn(law.config, envs->spec(), law.num_envs, 4);
  Training training(law.total_steps);
  training.reports = true;
  training.stop_at = law.cut;
  agent->train(*envs, training);
  ASSERT_EQ(agent->step(), law.cut);
  const AgentState cut = agent->save();
  const auto cut_replay = bytes_of([&](ByteSink& out) { agent->save_replay(out); });
  StateWriter env_state;
  envs->save(env_state);
  training.stop_at = 0;
  agent->train(*envs, training);
  ASSERT_EQ(agent->step(), law.total_steps);

  const auto other_envs = make_envs(law.env, law.num_envs, /*seed=*/77);
  const auto other = make_dqn(law.config, envs->spec(), law.num_envs, /*seed=*/77);
  StateReader reader{Row<const std::uint8_t>(env_state.bytes())};
  other_envs->load(reader);
  other->load(cut);
  MemorySource replay(cut_replay);
  other->load_replay(replay);
  Training resumed(law.total_steps);
  resumed.reports = true;
  other->train(*other_envs, resumed);

  const AgentState a = agent->save(), b = other->save();
  EXPECT_TRUE(a.policy == b.policy);
  EXPECT_TRUE(a.optimizer == b.optimizer);
  EXPECT_TRUE(a.training == b.training);
  EXPECT_TRUE(bytes_of([&](ByteSink& out) { agent->save_replay(out); }) ==
              bytes_of([&](ByteSink& out) { other->save_replay(out); }));
  EXPECT_FALSE(a.policy == cut.policy) << "nothing was learned after the cut";
  for (const auto& [name, value] : training.metrics) {
    if (name.rfind("train/", 0) != 0) continue;
    EXPECT_EQ(resumed.metrics.at(name), value) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Dqn, Resuming, ::testing::ValuesIn(laws()),
                         [](const auto& law) { return law.param.name; });

TEST(Dqn, ReportingDoesNotChangeTraining) {
  std::vector<AgentState> states;
  for (const bool reports : {false, true}) {
    const auto envs = make_envs("CartPole-v1", 1, 0);
    const auto agent = make_dqn(small_config(), envs->spec(), 1, 0);
    Training training(150);
    training.reports = reports;
    agent->train(*envs, training);
    states.push_back(agent->save());
  }
  EXPECT_TRUE(states[0].training == states[1].training);
  EXPECT_TRUE(states[0].policy == states[1].policy);
}

TEST(Dqn, RefusesAStateOfAnotherConfiguration) {
  const auto envs = make_envs("CartPole-v1", 1, 0);
  const AgentState state = make_dqn(small_config(), envs->spec(), 1, 0)->save();
  DqnConfig wider = small_config();
  wider.hidden_sizes = {16};
  const auto other = make_dqn(wider, envs->spec(), 1, 0);
  EXPECT_THAT(error_of([&] { other->load(state); }), HasSubstr("values where"));
}

// ---- Errors
// --------------------------------------------------------------------------------------

TEST(Dqn, NeedsDiscreteActions) {
  const auto envs = make_envs("Pendulum-v1", 1, 0);
  EXPECT_THAT(error_of([&] { make_dqn(small_config(), envs->spec(), 1, 0); }, ExitCode::kUsage),
              HasSubstr("dqn needs Discrete actions, which Pendulum-v1 does not have"));
}

TEST(Dqn, RefusesATrainEveryThatDoesNotFitTheEnvs) {
  const auto envs = make_envs("CartPole-v1", 3, 0);
  EXPECT_THAT(error_of([&] { make_dqn(small_config(), envs->spec(), 3, 0); }, ExitCode::kUsage),
              HasSubstr("agent.train_every 4 and run.num_envs 3 do not fit"));
}

// A learning rate of 1e30 throws the weights so far out that the next values overflow.
TEST(Dqn, ANonFiniteLossNamesTheTensorAndKeepsTheBatch) {
  DqnConfig config = small_config();
  config.learning_rate = Schedule::constant(1e30);
  const auto envs = make_envs("CartPole-v1", 1, 0);
  const auto agent = make_dqn(config, envs->spec(), 1, 0);
  Training training(100);
  try {
    agent->train(*envs, training);
    FAIL() << "trained on with an infinite loss";
  } catch (const NonFiniteError& error) {
    EXPECT_THAT(error.what(), HasSubstr("' became "));
    EXPECT_THAT(error.what(), HasSubstr("Often the learning rate is too high"));
    EXPECT_EQ(error.code(), ExitCode::kFailure);
    for (const char* name : {"features", "actions", "rewards", "terminated", "next_features",
                             "next_masks", "targets"}) {
      EXPECT_THAT(error.batch(), Contains(Field(&NamedArray::name, name)));
    }
    EXPECT_THAT(error.batch()[0].shape, ElementsAre(8, 4));
    EXPECT_EQ(error.batch()[0].values.size(), 32u);
  }
}

/// Shows NaN, or pays it, at every step; observations begin at 0.
class BrokenEnv : public Env {
 public:
  BrokenEnv(const char* id, bool shows) : shows_(shows) {
    spec_.id = id;
    spec_.obs.scalar("x", -1, 1);
    spec_.action = ActionSpace::discrete({"left", "right"});
    spec_.max_episode_steps = 100;
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = 0; }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    obs[0] = shows_ ? kNan : 0;
    StepResult result;
    result.reward = shows_ ? 0 : kNan;
    return result;
  }

 private:
  EnvSpec spec_;
  bool shows_;
};

class ShowsNan final : public BrokenEnv {
 public:
  ShowsNan() : BrokenEnv("ShowsNan-v0", /*shows=*/true) {}
};

class PaysNan final : public BrokenEnv {
 public:
  PaysNan() : BrokenEnv("PaysNan-v0", /*shows=*/false) {}
};

/// What training on an env of `envs` stops with.
std::string nonfinite_message(EnvRegistry& envs, const std::string& id) {
  VecEnv vec_env(envs.find(id), {}, {});
  const auto agent = make_dqn(small_config(), vec_env.spec(), 1, 0);
  Training training(100);
  try {
    agent->train(vec_env, training);
  } catch (const NonFiniteError& error) {
    return error.what();
  }
  return "training went on";
}

// Not the gradient, in which it is noticed, nor the learning rate.
TEST(Dqn, WhatTheEnvShowedOrPaidIsNotBlamedOnTheLearningRate) {
  EnvRegistry envs;
  envs.add<ShowsNan>();
  envs.add<PaysNan>();
  const std::string shown = nonfinite_message(envs, "ShowsNan-v0");
  EXPECT_THAT(shown, HasSubstr("eatures' became NaN"));
  EXPECT_THAT(shown, HasSubstr("ShowsNan-v0 showed it in an observation"));
  EXPECT_THAT(shown, Not(HasSubstr("learning_rate")));
  const std::string paid = nonfinite_message(envs, "PaysNan-v0");
  EXPECT_THAT(paid, HasSubstr("'rewards' became NaN"));
  EXPECT_THAT(paid, HasSubstr("PaysNan-v0 paid it as a reward"));
  EXPECT_THAT(paid, Not(HasSubstr("learning_rate")));
}

}  // namespace
}  // namespace tern
