// Proof: learning on envs whose answer is known in closed form; each of several fixed seeds must
// find every answer, and DQN with one of its equations broken must not.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "agents/dqn/dqn.h"
#include "tests/agents/training.h"

namespace tern {
namespace {

constexpr double kGamma = 0.9;

/// What must hold for one observation: Q(s, a) for each action, NaN for those that are forbidden.
struct Answer {
  std::vector<float> obs;
  std::vector<double> q;
};

struct Probe {
  std::string id;
  std::vector<Answer> answers;

  friend std::ostream& operator<<(std::ostream& out, const Probe& probe) { return out << probe.id; }
};

const double kForbidden = std::nan("");

const Probe kOneStep = {"Probe-OneStep-v0", {{{0}, {1, 1}}}};
const Probe kObservation = {"Probe-Observation-v0", {{{-1}, {-1, -1}}, {{1}, {1, 1}}}};
const Probe kAction = {"Probe-Action-v0", {{{0}, {-1, 1}}}};
const Probe kObservationAction = {"Probe-ObservationAction-v0", {{{-1}, {1, -1}}, {{1}, {-1, 1}}}};
const Probe kDiscount = {"Probe-Discount-v0", {{{0}, {kGamma, kGamma}}, {{1}, {1, 1}}}};
// It never terminates: 1 / (1 - gamma). Who takes the limit of 5 steps for an end finds
// Q = 1 + gamma (4/5) Q = 3.6 instead.
const Probe kTruncation = {"Probe-Truncation-v0", {{{0}, {1 / (1 - kGamma), 1 / (1 - kGamma)}}}};
// (side, step). At step 0: middle gamma, opposite side 1 + gamma.
const Probe kMask = {"Probe-Mask-v0",
                     {{{-1, 0}, {kForbidden, kGamma, 1 + kGamma}},
                      {{1, 0}, {1 + kGamma, kGamma, kForbidden}},
                      {{-1, 1}, {kForbidden, 0, 1}},
                      {{1, 1}, {1, 0, kForbidden}}}};

// Rewards and answers are exact and the learning rate goes to 0, so that no noise is left: errors
// are below 1e-5. The nearest wrong answer (1 for gamma) is 0.1 away.
constexpr double kTolerance = 1e-3;

DqnConfig probe_config() {
  DqnConfig config;
  config.learning_rate = Schedule::linear(1e-2);
  config.replay.buffer_size = 1000;
  config.replay.learning_starts = 50;
  config.replay.batch_size = 32;
  config.replay.train_every = 1;
  config.target_update_every = 20;
  config.replay.gamma = kGamma;
  config.epsilon_end = 0.2;
  config.hidden_sizes = {16};
  return config;
}

/// The largest error of any Q(s, a) after training; infinite if a value is not a number.
double train_and_compare(const Probe& probe, std::uint64_t seed, const DqnConfig& config,
                         const DqnEquations& equations = {}) {
  const auto envs = make_envs(probe.id, 2, seed);
  DqnConfig two_envs = config;
  two_envs.replay.train_every = 2;
  const auto agent = make_dqn(two_envs, envs->spec(), 2, seed, equations);
  Training training(2000);
  agent->train(*envs, training);

  double worst = 0;
  const auto policy = agent->snapshot();
  for (const Answer& answer : probe.answers) {
    std::vector<float> obs = answer.obs;
    std::vector<std::uint8_t> mask;
    for (const double q : answer.q) mask.push_back(std::isnan(q) ? 0 : 1);
    const Inspection inspection = policy->inspect(ObsRow(FloatRow(obs)), MaskRow(mask));
    for (std::size_t a = 0; a < answer.q.size(); ++a) {
      if (!mask[a]) continue;
      const double error = std::fabs(inspection.action_values[a] - answer.q[a]);
      worst = std::isnan(error) ? INFINITY : std::max(worst, error);
    }
  }
  return worst;
}

class Solves : public ::testing::TestWithParam<Probe> {};

TEST_P(Solves, EverySeedFindsTheAnalyticValues) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    EXPECT_LT(train_and_compare(GetParam(), seed, probe_config()), kTolerance) << "seed " << seed;
  }
}

TEST_P(Solves, SoDoesDoubleQLearningWithAveragedTargets) {
  DqnConfig config = probe_config();
  config.double_q = true;
  config.tau = 0.2;
  config.target_update_every = 2;
  EXPECT_LT(train_and_compare(GetParam(), 1, config), kTolerance);
}

// Several steps taken together, drawn by priority: the values that the best policy has do not change,
// and those of the others neither, where what follows does not depend on the action.
TEST_P(Solves, SoDoQLearningOverTwoStepsAndPriorities) {
  DqnConfig config = probe_config();
  config.replay.prioritized = true;
  EXPECT_LT(train_and_compare(GetParam(), 1, config), kTolerance);
  if (GetParam().id == kMask.id) return;  // exploration earns less in the second step than the best
  config.replay.n_step = 2;
  EXPECT_LT(train_and_compare(GetParam(), 1, config), kTolerance);
}

TEST_P(Solves, SoDoDuelingStreams) {
  DqnConfig config = probe_config();
  config.dueling = true;
  for (const std::uint64_t seed : {1, 2}) {
    EXPECT_LT(train_and_compare(GetParam(), seed, config), kTolerance) << "seed " << seed;
  }
}

// Everything is certain here, so that all quantiles are the value.
TEST_P(Solves, SoDoQuantiles) {
  DqnConfig config = probe_config();
  config.quantiles = 3;
  EXPECT_LT(train_and_compare(GetParam(), 1, config), kTolerance);
  config.double_q = config.dueling = config.replay.prioritized = true;
  EXPECT_LT(train_and_compare(GetParam(), 2, config), kTolerance);
}

std::string name_of(const ::testing::TestParamInfo<Probe>& info) {
  std::string name;
  for (const char c : info.param.id) {
    if (std::isalnum(static_cast<unsigned char>(c))) name += c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Dqn, Solves,
                         ::testing::Values(kOneStep, kObservation, kAction, kObservationAction,
                                           kDiscount, kTruncation, kMask),
                         name_of);

// ---- Switches -----------------------------------------------------------------------------------

/// What may be turned on by itself.
struct Switch {
  const char* name;
  void (*turn_on)(DqnConfig&);
};

const Switch kSwitches[] = {
    {"double_q", [](DqnConfig& c) { c.double_q = true; }},
    {"dueling", [](DqnConfig& c) { c.dueling = true; }},
    {"quantiles", [](DqnConfig& c) { c.quantiles = 4; }},
    {"prioritized", [](DqnConfig& c) { c.replay.prioritized = true; }},
    {"n_step", [](DqnConfig& c) { c.replay.n_step = 2; }},
    {"soft targets", [](DqnConfig& c) { c.tau = 0.2, c.target_update_every = 2; }},
    {"squared error", [](DqnConfig& c) { c.huber_threshold = 100; }},
    {"epsilon_duration", [](DqnConfig& c) { c.epsilon_duration = 4; }},
    {"layer_norm", [](DqnConfig& c) { c.layer_norm = true; }},
    {"normalize_obs", [](DqnConfig& c) { c.normalize_obs = true; }},
    {"adamw", [](DqnConfig& c) { c.optimizer = "adamw", c.weight_decay = 1e-4; }},
    {"fourier", [](DqnConfig& c) { c.encoder.encoder = "fourier"; }},
    {"two hidden layers",
     [](DqnConfig& c) {
       c.hidden_sizes = {16, 16};
     }},
};

// The nearest wrong answer is 0.1 away; priorities of errors that all but vanish and two layers
// leave more noise than nothing does.
TEST(Switches, EveryPairLearnsTheProbe) {
  for (const Switch& one : kSwitches) {
    for (const Switch& other : kSwitches) {
      if (&other < &one) continue;
      DqnConfig config = probe_config();
      one.turn_on(config);
      other.turn_on(config);
      EXPECT_LT(train_and_compare(kDiscount, 1, config), 0.02) << one.name << ", " << other.name;
    }
  }
}

/// All that is learned in 300 steps of an env where everything matters: the next action, its mask,
/// time.
std::vector<std::uint8_t> learned_policy(const DqnConfig& config) {
  const auto envs = make_envs(kMask.id, 1, 7);
  const auto agent = make_dqn(config, envs->spec(), 1, 7);
  Training training(300);
  agent->train(*envs, training);
  return agent->save().policy;
}

TEST(Switches, EachChangesWhatIsLearned) {
  const std::vector<std::uint8_t> plain = learned_policy(probe_config());
  EXPECT_EQ(learned_policy(probe_config()), plain);
  for (const Switch& each : kSwitches) {
    DqnConfig config = probe_config();
    each.turn_on(config);
    EXPECT_NE(learned_policy(config), plain) << each.name;
  }
}

// Sabotage: the algorithm with one equation broken. No seed may pass what every seed passed above.

void expect_failure(const Probe& probe, const DqnEquations& sabotage,
                    const DqnConfig& config = probe_config()) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    EXPECT_GT(train_and_compare(probe, seed, config, sabotage), kTolerance)
        << probe.id << ", seed " << seed;
  }
}

TEST(SabotagedDqn, ALossOfTheWrongSignIsNoticed) {
  DqnEquations sabotage;
  sabotage.loss = [](const TdRows& rows, Row<float> td_errors, Rows<float> gradient) {
    const double loss = huber_td_closed_form(rows, td_errors, gradient);
    for (std::size_t i = 0; i < rows.targets.size(); ++i) {
      for (std::size_t a = 0; a < rows.num_actions; ++a) gradient.data[i * gradient.stride + a] *= -1;
    }
    return -loss;
  };
  expect_failure(kOneStep, sabotage);
  expect_failure(kAction, sabotage);
}

TEST(SabotagedDqn, QuantilesWithoutTheirTerminationsAreNoticed) {
  DqnConfig config = probe_config();
  config.quantiles = 3;
  DqnEquations sabotage;
  sabotage.quantile_target = [](const QuantileTargetRows& rows, Row<float> targets) {
    const std::vector<std::uint8_t> never(rows.rewards.size(), 0);
    QuantileTargetRows endless = rows;
    endless.terminated = Row<const std::uint8_t>(never);
    quantile_td_target_closed_form(endless, targets);
  };
  expect_failure(kOneStep, sabotage, config);
}

TEST(SabotagedDqn, AQuantileLossOfTheWrongSideIsNoticed) {
  DqnConfig config = probe_config();
  config.quantiles = 3;
  DqnEquations sabotage;
  sabotage.quantile_loss = [](const QuantileTdRows& rows, Row<float> td_errors,
                              Rows<float> gradient) {
    const double loss = quantile_huber_td_closed_form(rows, td_errors, gradient);
    const std::size_t values = rows.num_actions * rows.quantiles;
    for (std::size_t i = 0; i < rows.weights.size(); ++i) {
      for (std::size_t k = 0; k < values; ++k) gradient.data[i * gradient.stride + k] *= -1;
    }
    return -loss;
  };
  expect_failure(kAction, sabotage, config);
}

TEST(SabotagedDqn, ATargetWithoutBootstrapIsNoticed) {
  DqnEquations sabotage;
  sabotage.target = [](const TargetRows& rows, Row<float> targets) {
    std::copy(rows.rewards.begin(), rows.rewards.end(), targets.begin());
  };
  expect_failure(kDiscount, sabotage);
  expect_failure(kTruncation, sabotage);
  expect_failure(kMask, sabotage);
}

// Two steps on, what follows is worth gamma^2, not gamma.
TEST(SabotagedDqn, TheDiscountOfASingleStepIsNoticed) {
  DqnConfig config = probe_config();
  config.replay.n_step = 2;
  DqnEquations sabotage;
  sabotage.target = [](const TargetRows& rows, Row<float> targets) {
    const std::vector<float> single(targets.size(), static_cast<float>(kGamma));
    TargetRows wrong = rows;
    wrong.discounts = Row<const float>(single);
    q_learning_target_closed_form(wrong, targets);
  };
  expect_failure(kTruncation, sabotage, config);
}

TEST(SabotagedDqn, ATargetNetworkThatStaysBehindIsNoticed) {
  DqnEquations sabotage;
  sabotage.update_target = [](Row<float>, Row<const float>, double) {};
  expect_failure(kDiscount, sabotage);
  expect_failure(kTruncation, sabotage);
}

TEST(SabotagedDqn, ATruncationTakenForATerminationIsNoticed) {
  DqnEquations sabotage;
  sabotage.store = [](ReplayBuffer& replay, const ObsRows& obs, const MaskRows& mask,
                      const ActionRows& actions, const StepBatch& result) {
    std::vector<std::uint8_t> ended;
    for (std::size_t i = 0; i < result.terminated.size(); ++i) {
      ended.push_back(result.terminated[i] | result.truncated[i]);
    }
    StepBatch wrong = result;
    wrong.terminated = Row<std::uint8_t>(ended);
    replay.add(obs, mask, actions, wrong);
  };
  expect_failure(kTruncation, sabotage);
}

TEST(SabotagedDqn, ATerminationThatKeepsTheBootstrapIsNoticed) {
  DqnEquations sabotage;
  sabotage.target = [](const TargetRows& rows, Row<float> targets) {
    const std::vector<std::uint8_t> never(targets.size(), 0);
    TargetRows endless = rows;
    endless.terminated = Row<const std::uint8_t>(never);
    q_learning_target_closed_form(endless, targets);
  };
  expect_failure(kOneStep, sabotage);
}

}  // namespace
}  // namespace tern
