// Laws of one update, seen through equations that record what they are given: pi and pi_old are the
// same before the first step, every hyper-parameter reaches its place, NaN stops the update.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "agents/training/platform.h"
#include "envs/registry/registry.h"
#include "tests/agents/ppo_training.h"
#include "tests/agents/sabotaged_losses.h"
#include "tests/agents/tensors.h"

namespace tern {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// ---- Equations that keep what they see ----------------------------------------------------------

/// What the equations were given, one entry a gradient step; cleared by each test.
struct Record {
  std::vector<double> ratio_error;  // largest |ratio - 1| of the minibatch
  std::vector<double> advantage_mean;
  std::vector<double> clip_range, value_clip_range;
  std::vector<double> gamma, lambda;  // one entry an iteration
  std::vector<std::vector<double>> old_log_prob;
};
Record seen;

/// One chunk of 64 rows is a minibatch, but where a test says otherwise.
PpoTerms recording_loss(const PpoChunk& chunk) {
  const OnPolicySamples& samples = chunk.samples;
  double largest = 0, sum = 0;
  std::vector<double> old_log_prob;
  for (std::size_t r = 0; r < chunk.index.size(); ++r) {
    const auto k = static_cast<std::size_t>(chunk.index[r]);
    old_log_prob.push_back(samples.old_log_prob[k]);
    largest = std::max(largest, std::abs(std::expm1(static_cast<double>(chunk.log_prob[r]) -
                                                    old_log_prob.back())));
    sum += (samples.advantages[k] - chunk.advantages.mean) / chunk.advantages.deviation;
  }
  seen.ratio_error.push_back(largest);
  seen.advantage_mean.push_back(sum / static_cast<double>(chunk.index.size()));
  seen.clip_range.push_back(chunk.clip_range);
  seen.value_clip_range.push_back(chunk.value_clip_range);
  seen.old_log_prob.push_back(old_log_prob);
  return ppo_loss<>(chunk);
}

void recording_advantages(const AdvantageRows& rollout, Row<float> advantages) {
  seen.gamma.push_back(rollout.gamma);
  seen.lambda.push_back(rollout.lambda);
  generalized_advantage_closed_form(rollout, advantages);
}

PpoSetup recorded(const char* env) {
  set_up_platform();
  seen = Record();
  PpoSetup setup;
  setup.env = env;
  setup.config.rollout_steps = 32;
  setup.config.minibatch_size = 64;
  setup.config.epochs = 2;
  setup.config.hidden_sizes = {16, 16};
  setup.num_envs = 4;
  setup.total_steps = 6 * setup.steps_per_iteration();
  setup.equations.loss = recording_loss;
  setup.equations.advantages = recording_advantages;
  return setup;
}

// ---- The ratio ----------------------------------------------------------------------------------

// A row's log-probability is the same bits in every batch, so the ratio is exactly 1. After one
// gradient step it is not, which shows that the first minibatches are not equal by accident.
void expect_ratio_one_at_the_first_minibatch(PpoSetup setup) {
  setup.config.learning_rate = Schedule::constant(3e-3);
  PpoTraining training(setup);
  training.train();
  const std::size_t steps_per_update = 4;  // 2 epochs of 128 samples in minibatches of 64
  ASSERT_EQ(seen.ratio_error.size(), 6 * steps_per_update);
  for (std::size_t update = 0; update < 6; ++update) {
    EXPECT_EQ(seen.ratio_error[update * steps_per_update], 0) << "update " << update;
    EXPECT_GT(seen.ratio_error[update * steps_per_update + 1], 1e-4) << "update " << update;
  }
}

TEST(PpoRatio, IsOneAtTheFirstMinibatchOfDiscreteActions) {
  expect_ratio_one_at_the_first_minibatch(recorded("CartPole-v1"));
}

TEST(PpoRatio, IsOneAtTheFirstMinibatchUnderNormalisation) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.config.normalize_obs = setup.config.normalize_reward = true;
  setup.config.share_trunk = true;
  expect_ratio_one_at_the_first_minibatch(setup);
}

TEST(PpoRatio, IsOneAtTheFirstMinibatchOfBoxActions) {
  PpoSetup setup = recorded("Pendulum-v1");
  setup.config.normalize_obs = setup.config.normalize_reward = true;
  expect_ratio_one_at_the_first_minibatch(setup);
}

// A deviation of e, so that most samples are outside the torque of +-2 and clipped for the env:
// the probability must be that of what was sampled.
TEST(PpoRatio, IsOneAtTheFirstMinibatchOfClippedBoxActions) {
  PpoSetup setup = recorded("Pendulum-v1");
  setup.config.log_std_init = 1;
  expect_ratio_one_at_the_first_minibatch(setup);
}

TEST(PpoRatio, IsOneAtTheFirstMinibatchUnderMasks) {
  expect_ratio_one_at_the_first_minibatch(recorded("Probe-Mask-v0"));
}

TEST(PpoRatio, IsOneAtTheFirstMinibatchThroughConvolutions) {
  PpoSetup setup = recorded("Catch-v0");
  setup.config.encoder.encoder = "cnn";
  setup.config.encoder.cnn_channels = {8, 8};
  setup.config.encoder.cnn_kernels = {3, 2};
  setup.config.encoder.cnn_strides = {1, 1};
  expect_ratio_one_at_the_first_minibatch(setup);
}

TEST(PpoRatio, IsOneAtTheFirstMinibatchThroughMemory) {
  for (const char* env : {"CartPole-v1", "Pendulum-v1"}) {
    PpoSetup setup = recorded(env);
    setup.config.recurrent = "gru";
    setup.config.recurrent_size = 12;
    expect_ratio_one_at_the_first_minibatch(setup);
  }
}

TEST(PpoRatio, IsOneAtTheFirstMinibatchThroughConvolutionsAndMemory) {
  PpoSetup setup = recorded("Catch-v0");
  setup.config.encoder.encoder = "cnn";
  setup.config.encoder.cnn_channels = {8};
  setup.config.encoder.cnn_kernels = {3};
  setup.config.encoder.cnn_strides = {1};
  setup.config.recurrent = "gru";
  setup.config.recurrent_size = 12;
  expect_ratio_one_at_the_first_minibatch(setup);
}

TEST(PpoRatio, IsOneAtTheFirstMinibatchOfCategoricalObservations) {
  expect_ratio_one_at_the_first_minibatch(recorded("FrozenLake-v1"));
}

// ---- Hyper-parameters reach their place ---------------------------------------------------------

TEST(PpoUpdate, DoesEpochsTimesMinibatchesGradientSteps) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.config.epochs = 3;
  setup.total_steps = setup.steps_per_iteration();
  PpoTraining training(setup);
  training.train();
  EXPECT_EQ(seen.ratio_error.size(), 6u);
  EXPECT_EQ(training.reports().back().at("train/gradient_steps"), 6);
}

// Samples are told apart by their old log-probabilities.
TEST(PpoUpdate, EachEpochIsAPermutationOfItsOwn) {
  PpoSetup setup = recorded("Pendulum-v1");
  setup.total_steps = setup.steps_per_iteration();
  PpoTraining(setup).train();
  ASSERT_EQ(seen.old_log_prob.size(), 4u);
  std::vector<double> epochs[2];
  for (std::size_t i = 0; i < 4; ++i) {
    std::vector<double>& epoch = epochs[i / 2];
    epoch.insert(epoch.end(), seen.old_log_prob[i].begin(), seen.old_log_prob[i].end());
  }
  EXPECT_NE(epochs[0], epochs[1]);
  for (std::vector<double>& epoch : epochs) std::sort(epoch.begin(), epoch.end());
  EXPECT_EQ(epochs[0], epochs[1]);
  EXPECT_EQ(std::set<double>(epochs[0].begin(), epochs[0].end()).size(), 128u);
}

int calls = 0;  // of the loss below

/// The critic's, in the first gradient step only. A minibatch of 128 is two chunks of 64.
PpoTerms loss_of_the_first_step_only(const PpoChunk& chunk) {
  return ++calls <= 2 ? ppo_loss<no_surrogate>(chunk) : ppo_loss<no_surrogate, no_value_error>(chunk);
}

// Nothing is left of the first minibatch's gradient in the second: the norm that is reported, the
// mean of two, is half of that of a single step.
TEST(PpoUpdate, AGradientIsThatOfItsMinibatchAlone) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.equations.loss = loss_of_the_first_step_only;
  setup.config.minibatch_size = static_cast<int>(setup.steps_per_iteration());
  setup.total_steps = setup.steps_per_iteration();
  const auto norm_of = [&](int epochs) {
    calls = 0;
    setup.config.epochs = epochs;
    PpoTraining training(setup);
    training.train();
    return training.reports().back().at("train/gradient_norm");
  };
  EXPECT_GT(norm_of(1), 0.1);
  EXPECT_DOUBLE_EQ(norm_of(2), norm_of(1) / 2);
}

TEST(PpoUpdate, GammaAndLambdaReachTheAdvantages) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.config.gamma = 0.75;
  setup.config.gae_lambda = 0.25;
  PpoTraining(setup).train();
  EXPECT_THAT(seen.gamma, Each(0.75));
  EXPECT_THAT(seen.lambda, Each(0.25));
}

TEST(PpoUpdate, ValueClipRangeReachesTheCritic) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.config.value_clip_range = 0.125;
  PpoTraining(setup).train();
  EXPECT_THAT(seen.value_clip_range, Each(0.125));
}

TEST(PpoUpdate, NormalizeAdvantageScalesEachMinibatch) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.total_steps = setup.steps_per_iteration();
  PpoTraining(setup).train();
  for (const double mean : seen.advantage_mean) EXPECT_NEAR(mean, 0, 1e-6);
  seen = Record();
  setup.config.normalize_advantage = false;
  PpoTraining(setup).train();
  for (const double mean : seen.advantage_mean) EXPECT_GT(std::abs(mean), 0.1);
}

// Schedules are read before a rollout: iteration i of 6 has the value at (i - 1) / 6 of the run.
TEST(PpoUpdate, SchedulesStartAtTheFirstIterationAndFallOverTheRun) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.config.clip_range = Schedule::linear(0.3);
  setup.config.learning_rate = Schedule{6e-3, 2e-3, 2 * setup.steps_per_iteration()};
  PpoTraining training(setup);
  training.train();
  const double rates[] = {6e-3, 4e-3, 2e-3, 2e-3, 2e-3, 2e-3};
  for (std::size_t i = 0; i < 6; ++i) {
    const double clip_range = 0.3 * static_cast<double>(6 - i) / 6;
    EXPECT_NEAR(seen.clip_range[4 * i], clip_range, 1e-12);
    EXPECT_NEAR(seen.clip_range[4 * i + 3], clip_range, 1e-12);
    EXPECT_NEAR(training.reports()[i].at("train/clip_range"), clip_range, 1e-12);
    EXPECT_NEAR(training.reports()[i].at("train/learning_rate"), rates[i], 1e-12);
  }
}

// A schedule from x to y over one iteration is x for the first and y for the second. A run with
// constant x, loaded into one with constant y, must give the same parameters.
TEST(PpoUpdate, TheLearningRateReachesTheOptimizer) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.config.learning_rate = Schedule{4e-3, 1e-3, setup.steps_per_iteration()};
  PpoTraining scheduled(setup);
  scheduled.train(2 * setup.steps_per_iteration());
  setup.config.learning_rate = Schedule::constant(4e-3);
  PpoTraining first(setup);
  first.train(setup.steps_per_iteration());
  setup.config.learning_rate = Schedule::constant(1e-3);
  PpoTraining second(setup);
  second.load(first.save());
  second.train(2 * setup.steps_per_iteration());
  EXPECT_TRUE(second.save() == scheduled.save());
  first.train(2 * setup.steps_per_iteration());
  EXPECT_FALSE(first.save() == scheduled.save());
}

// The KL estimate is 0 before the first step and above 1.5e-12 after it: an update of ten epochs
// must end as one of a single gradient step does.
TEST(PpoUpdate, TargetKlStopsBeforeTheStepThatFollows) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.config.minibatch_size = static_cast<int>(setup.steps_per_iteration());
  setup.total_steps = setup.steps_per_iteration();
  setup.config.epochs = 10;
  setup.config.target_kl = 1e-12;
  PpoTraining stopped(setup);
  stopped.train();
  EXPECT_EQ(stopped.reports().back().at("train/gradient_steps"), 1);
  setup.config.epochs = 1;
  setup.config.target_kl = 0;
  PpoTraining single(setup);
  single.train();
  EXPECT_EQ(stopped.save().agent.policy, single.save().agent.policy);
  EXPECT_EQ(stopped.save().agent.optimizer, single.save().agent.optimizer);
}

TEST(PpoUpdate, AWideTargetKlNeverStops) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.config.target_kl = 1e6;
  PpoTraining(setup).train();
  EXPECT_EQ(seen.ratio_error.size(), 6u * 4);
}

/// V(0) of the initial policy and after one update.
std::pair<double, double> value_before_and_after(const PpoSetup& setup) {
  PpoTraining training(setup);
  std::vector<float> obs = {0.1f, 0.2f, 0.3f, 0.4f};
  std::vector<std::uint8_t> mask = {1, 1};
  const auto value = [&] {
    return *training.agent().snapshot()->inspect(ObsRow(FloatRow(obs)), MaskRow(mask)).value;
  };
  const double before = value();
  training.train(setup.steps_per_iteration());
  return {before, value()};
}

TEST(PpoUpdate, ValueCoefZeroLeavesTheCriticAlone) {
  PpoSetup setup = recorded("CartPole-v1");
  const auto [before, after] = value_before_and_after(setup);
  EXPECT_NE(before, after);
  setup.config.value_coef = 0;
  const auto [still, unmoved] = value_before_and_after(setup);
  EXPECT_EQ(still, unmoved);
}

// Adam moves each parameter by about its learning rate whatever the size of the gradient, unless
// that is far below epsilon: with a norm of at most 1e-12 nothing moves visibly.
TEST(PpoUpdate, MaxGradNormReachesTheGradient) {
  PpoSetup setup = recorded("CartPole-v1");
  const auto [before, after] = value_before_and_after(setup);
  EXPECT_GT(std::abs(after - before), 1e-4);
  setup.config.max_grad_norm = 1e-12;
  const auto [start, end] = value_before_and_after(setup);
  EXPECT_LT(std::abs(end - start), 1e-6);
}

TEST(PpoUpdate, AdamEpsilonReachesTheOptimizer) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.config.adam_epsilon = 1e9;
  const auto [start, end] = value_before_and_after(setup);
  EXPECT_LT(std::abs(end - start), 1e-6);
}

// 4 inputs, hidden layers of 16 and 16: a trunk has 4 * 16 + 16 + 16 * 16 + 16 = 352 parameters.
TEST(PpoUpdate, ShareTrunkSavesATrunk) {
  PpoSetup setup = recorded("CartPole-v1");
  const std::size_t separate = PpoTraining(setup).save().agent.policy.size();
  setup.config.share_trunk = true;
  EXPECT_EQ(separate - PpoTraining(setup).save().agent.policy.size(), 352 * sizeof(float));
}

// Normalised features are clipped, so that far away all observations look alike; a relu network tells
// them apart otherwise.
TEST(PpoUpdate, NormalizeObsReachesThePolicy) {
  PpoSetup setup = recorded("Pendulum-v1");
  setup.config.activation = "relu";
  const auto far_values_differ = [&] {
    PpoTraining training(setup);
    training.train(2 * setup.steps_per_iteration());
    const auto policy = training.agent().snapshot();
    std::vector<float> far = {1e6f, 1e6f, 1e6f}, farther = {2e6f, 2e6f, 2e6f};
    return *policy->inspect(ObsRow(FloatRow(far)), {}).value !=
           *policy->inspect(ObsRow(FloatRow(farther)), {}).value;
  };
  EXPECT_TRUE(far_values_differ());
  setup.config.normalize_obs = true;
  EXPECT_FALSE(far_values_differ());
}

TEST(PpoReport, IsConsistent) {
  PpoSetup setup = recorded("Pendulum-v1");
  setup.config.entropy_coef = 0.03;
  setup.config.value_coef = 0.7;
  setup.config.log_std_init = -0.5;
  PpoTraining training(setup);
  training.train();
  const Report& report = training.reports().front();
  EXPECT_NEAR(report.at("train/loss"),
              report.at("train/policy_loss") + 0.7 * report.at("train/value_loss") -
                  0.03 * report.at("train/entropy"),
              1e-9);
  EXPECT_NEAR(report.at("train/std"), std::exp(-0.5), 0.01);
  EXPECT_GE(report.at("train/approx_kl"), 0);
  EXPECT_LE(report.at("train/explained_variance"), 1);
  EXPECT_EQ(report.count("rollout/return"), 0u) << "no episode of 200 steps has ended in 32";
  EXPECT_EQ(training.reports()[5].count("rollout/return"), 0u);
}

// ---- NaN ----------------------------------------------------------------------------------------

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

LossTerm nan_surrogate(float ratio, float advantage, double clip_range) {
  return {kNan, clipped_surrogate(ratio, advantage, clip_range).gradient};
}

LossTerm infinite_value_error(float, float, float, double) { return {kInfinity, 0}; }

/// 0, with an infinite slope there.
LossTerm steep_value_error(float, float, float, double) { return {0, kInfinity}; }

/// The error that training stops with; checks that nothing of the agent changed.
NonFiniteError error_of(const PpoSetup& setup) {
  PpoTraining training(setup);
  const AgentState before = training.agent().save();
  try {
    training.train();
  } catch (const NonFiniteError& error) {
    const AgentState after = training.agent().save();
    EXPECT_EQ(before.policy, after.policy);
    EXPECT_EQ(before.optimizer, after.optimizer);
    EXPECT_EQ(error.code(), ExitCode::kFailure);
    return error;
  }
  throw std::logic_error("training went on");
}

const NamedArray& array(const NonFiniteError& error, const std::string& name) {
  for (const NamedArray& each : error.batch()) {
    if (each.name == name) return each;
  }
  throw std::out_of_range(name);
}

TEST(PpoNonFinite, APolicyLossIsNamedAndItsBatchKept) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.equations.loss = ppo_loss<nan_surrogate>;
  const NonFiniteError error = error_of(setup);
  EXPECT_THAT(error.what(), HasSubstr("'policy_loss' became NaN after step 0"));
  EXPECT_THAT(array(error, "features").shape, ElementsAre(64, 4));
  EXPECT_EQ(array(error, "features").values.size(), 64u * 4);
  EXPECT_THAT(array(error, "actions").shape, ElementsAre(64, 1));
  EXPECT_THAT(array(error, "masks").shape, ElementsAre(64, 2));
  for (const char* name : {"old_log_prob", "old_values", "advantages", "returns"}) {
    EXPECT_THAT(array(error, name).shape, ElementsAre(64)) << name;
  }
  // What is kept is the batch itself: these are log-probabilities of two nearly equal choices.
  for (const float value : array(error, "old_log_prob").values) {
    EXPECT_NEAR(value, std::log(0.5), 0.05);
  }
}

TEST(PpoNonFinite, AValueLossIsNamed) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.equations.loss = ppo_loss<clipped_surrogate, infinite_value_error>;
  EXPECT_THAT(error_of(setup).what(), HasSubstr("'value_loss' became infinite"));
}

TEST(PpoNonFinite, AGradientIsNamed) {
  PpoSetup setup = recorded("CartPole-v1");
  setup.equations.loss = ppo_loss<clipped_surrogate, steep_value_error>;
  EXPECT_THAT(error_of(setup).what(), HasSubstr("'gradient_norm' became"));
}

/// An env that shows or pays NaN at its third step.
class Broken : public Env {
 public:
  explicit Broken(const char* id) {
    spec_.id = id;
    spec_.obs.scalar("x", -1, 1);
    spec_.action = ActionSpace::box({ActionSpace::real("push", -1, 1)});
    spec_.max_episode_steps = 100;
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = 0; }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = 0;
    ++steps_;
    return {};
  }

 protected:
  bool is_now() const { return steps_ == 3; }

 private:
  EnvSpec spec_;
  int steps_ = 0;
};

class PaysNan final : public Broken {
 public:
  PaysNan() : Broken("PaysNan-v0") {}
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    StepResult result = Broken::step(action, rng, obs);
    if (is_now()) result.reward = kNan;
    return result;
  }
};

class ShowsNan final : public Broken {
 public:
  ShowsNan() : Broken("ShowsNan-v0") {}
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    const StepResult result = Broken::step(action, rng, obs);
    if (is_now()) obs[0] = kNan;
    return result;
  }
};

// The first array that is not finite is named and who made it, not the loss that was computed from it.
TEST(PpoNonFinite, ANanRewardIsTheEnvs) {
  EnvRegistry envs;
  envs.add<PaysNan>();
  PpoSetup setup = recorded("PaysNan-v0");
  setup.envs = &envs;
  setup.config.minibatch_size = 128;
  const NonFiniteError error = error_of(setup);
  EXPECT_THAT(error.what(), HasSubstr("'rewards' became NaN"));
  EXPECT_THAT(error.what(), HasSubstr("PaysNan-v0 paid it as a reward"));
  EXPECT_THAT(error.what(), Not(HasSubstr("learning_rate")));
  EXPECT_THAT(array(error, "rewards").shape, ElementsAre(1));
}

// It must not get as far as the env, which would refuse a NaN for an action.
TEST(PpoNonFinite, ANanObservationIsSeenInTheFeatures) {
  EnvRegistry envs;
  envs.add<ShowsNan>();
  PpoSetup setup = recorded("ShowsNan-v0");
  setup.envs = &envs;
  const NonFiniteError error = error_of(setup);
  EXPECT_THAT(error.what(), HasSubstr("'features' became NaN"));
  EXPECT_THAT(error.what(), HasSubstr("ShowsNan-v0 showed it in an observation"));
  EXPECT_THAT(error.what(), Not(HasSubstr("learning_rate")));
  EXPECT_THAT(array(error, "features").shape, ElementsAre(4, 1));
}

// The last observation of a rollout is learned from before it is acted on.
TEST(PpoNonFinite, ANanObservationAfterTheLastStepIsTheEnvsToo) {
  EnvRegistry envs;
  envs.add<ShowsNan>();
  PpoSetup setup = recorded("ShowsNan-v0");
  setup.envs = &envs;
  setup.config.rollout_steps = 3;
  setup.config.minibatch_size = static_cast<int>(3 * setup.num_envs);
  EXPECT_THAT(error_of(setup).what(), HasSubstr("'next_features' became NaN after step 0. ShowsNan-v0"));
}

// log sigma climbs by a tenth each step, up to where exp of it leaves the floats.
TEST(PpoNonFinite, ADeviationThatTheEntropyBonusDroveUpIsNamed) {
  PpoSetup setup = recorded("Pendulum-v1");
  setup.config.entropy_coef = 1e6;
  setup.config.learning_rate = Schedule::constant(0.1);
  setup.total_steps = 1000 * setup.steps_per_iteration();
  PpoTraining training(setup);
  try {
    training.train();
    FAIL() << "training went on";
  } catch (const NonFiniteError& error) {
    EXPECT_THAT(error.what(), HasSubstr("entropy_coef (1e+6)"));
    EXPECT_THAT(error.what(), Not(HasSubstr("learning_rate")));
  }
}

// The only gradient step of the first update throws the parameters far away: the next act must say
// so rather than hand the env what is no number.
TEST(PpoNonFinite, ADivergedPolicyIsNamedBeforeItActs) {
  PpoSetup setup = recorded("Pendulum-v1");
  setup.config.minibatch_size = 128;
  setup.config.epochs = 1;
  setup.config.learning_rate = Schedule::constant(1e37);
  PpoTraining training(setup);
  try {
    training.train();
    FAIL() << "training went on";
  } catch (const NonFiniteError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'standard_deviation' became"));
    EXPECT_THAT(error.what(), HasSubstr("after step 128"));
    EXPECT_THAT(error.what(), HasSubstr("learning_rate"));
  }
}

}  // namespace
}  // namespace tern
