// Determinism by comparing every byte of agent, envs and reports: train k, save, load into new
// objects, train on == never stopped; and the same bytes with 1, 2 and 4 env threads.

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <string>
#include <utility>

#include "agents/ppo/ppo_policy_options.h"
#include "agents/training/platform.h"
#include "core/error.h"
#include "tests/agents/ppo_training.h"

namespace tern {
namespace {

constexpr std::int64_t kIterations = 12;

struct Case {
  const char* name;
  PpoSetup setup;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

PpoSetup small(const char* env) {
  PpoSetup setup;
  setup.env = env;
  setup.config.rollout_steps = 25;  // no divisor of the episodes' lengths
  setup.config.minibatch_size = 50;
  setup.config.epochs = 3;
  setup.config.hidden_sizes = {8, 8};
  setup.config.learning_rate = Schedule::linear(3e-3);
  setup.config.clip_range = Schedule::linear(0.3);
  setup.num_envs = 4;
  setup.seed = 11;
  setup.total_steps = kIterations * setup.steps_per_iteration();
  return setup;
}

PpoSetup discrete() { return small("CartPole-v1"); }

PpoSetup box() {
  PpoSetup setup = small("Pendulum-v1");
  setup.config.normalize_obs = setup.config.normalize_reward = true;
  setup.config.share_trunk = true;
  setup.config.entropy_coef = 0.01;
  setup.config.value_clip_range = 0.2;
  return setup;
}

PpoSetup masked() {
  PpoSetup setup = small("Probe-Mask-v0");
  setup.config.activation = "relu";
  return setup;
}

PpoSetup categorical() { return small("FrozenLake-v1"); }

PpoSetup convolutions() {
  PpoSetup setup = small("Catch-v0");
  setup.config.encoder.encoder = "cnn";
  setup.config.encoder.cnn_channels = {6};
  setup.config.encoder.cnn_kernels = {3};
  setup.config.encoder.cnn_strides = {1};
  return setup;
}

/// Episodes end within rollouts; three envs in a minibatch.
PpoSetup recurrent() {
  PpoSetup setup = small("CartPole-v1");
  setup.config.recurrent = "gru";
  setup.config.recurrent_size = 9;
  setup.num_envs = 6;
  setup.config.minibatch_size = 75;
  setup.config.normalize_obs = true;
  setup.total_steps = kIterations * setup.steps_per_iteration();
  return setup;
}

/// The other kinds of dense layers and optimisers, above convolutions and above memory.
PpoSetup convolutions_and_norms() {
  PpoSetup setup = convolutions();
  setup.config.activation = "elu";
  setup.config.layer_norm = true;
  setup.config.optimizer = "adamw";
  setup.config.weight_decay = 0.01;
  return setup;
}

PpoSetup recurrent_and_norms() {
  PpoSetup setup = recurrent();
  setup.config.activation = "silu";
  setup.config.layer_norm = setup.config.share_trunk = true;
  setup.config.optimizer = "rmsprop";
  return setup;
}

/// All links at once.
PpoSetup convolutions_and_memory() {
  PpoSetup setup = recurrent();
  setup.env = "Catch-v0";
  setup.config.encoder = convolutions().config.encoder;
  return setup;
}

PpoSetup recurrent_and_masked() {
  PpoSetup setup = recurrent();
  setup.env = "Probe-Mask-v0";
  return setup;
}

PpoSetup recurrent_and_box() {
  PpoSetup setup = recurrent();
  setup.env = "Pendulum-v1";
  setup.config.share_trunk = true;
  return setup;
}

/// A minibatch of four chunks, the last a small one.
PpoSetup many_chunks() {
  PpoSetup setup = small("Pendulum-v1");
  setup.num_envs = 8;
  setup.config.minibatch_size = 200;
  setup.total_steps = kIterations * setup.steps_per_iteration();
  return setup;
}

PpoSetup early_stopping() {
  PpoSetup setup = small("CartPole-v1");
  setup.config.target_kl = 1e-4;
  return setup;
}

/// Reports hold NaN where returns do not vary: equal to itself here.
bool same(const Report& a, const Report& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [name, value] : a) {
    const auto other = b.find(name);
    if (other == b.end()) return false;
    if (value != other->second && !(std::isnan(value) && std::isnan(other->second))) return false;
  }
  return true;
}

bool is_within_an_episode(PpoTraining& training) {
  for (std::size_t i = 0; i < training.envs().num_envs(); ++i) {
    if (training.envs().episode(i).episode_length > 0) return true;
  }
  return false;
}

class PpoExactness : public ::testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() { set_up_platform(); }
};

TEST_P(PpoExactness, ATrainingCutAnywhereContinuesToTheSameBytes) {
  const PpoSetup& setup = GetParam().setup;
  PpoTraining whole(setup);
  whole.train();
  ASSERT_EQ(whole.reports().size(), static_cast<std::size_t>(kIterations));
  Rng rng(20, "cut points");
  int cuts_within_episodes = 0;
  for (int i = 0; i < 3; ++i) {
    const std::int64_t cut = 1 + rng.below(kIterations - 1);
    PpoTraining first(setup);
    first.train(cut * setup.steps_per_iteration());
    cuts_within_episodes += is_within_an_episode(first);
    PpoSetup reseeded = setup;
    reseeded.seed = 999;  // nothing may come from the seed of the new objects
    PpoTraining second(reseeded);
    second.load(first.save());
    EXPECT_TRUE(second.save() == first.save());
    second.train();
    EXPECT_TRUE(second.save() == whole.save()) << "cut at iteration " << cut;
    ASSERT_EQ(second.reports().size(), static_cast<std::size_t>(kIterations - cut));
    for (std::size_t k = 0; k < second.reports().size(); ++k) {
      EXPECT_TRUE(same(second.reports()[k], whole.reports()[static_cast<std::size_t>(cut) + k]));
    }
  }
  // 25 steps of episodes of 2 steps end between two, so do some of longer ones.
  EXPECT_GT(cuts_within_episodes, 0);
}

TEST_P(PpoExactness, AStoppedTrainingGoesOnInTheSameObject) {
  const PpoSetup& setup = GetParam().setup;
  PpoTraining whole(setup), paused(setup);
  whole.train();
  for (std::int64_t i = 1; i <= kIterations; ++i) paused.train(i * setup.steps_per_iteration());
  EXPECT_TRUE(paused.save() == whole.save());
}

TEST_P(PpoExactness, ThreadsDoNotChangeAByte) {
  PpoSetup setup = GetParam().setup;
  PpoTraining one(setup);
  one.train();
  for (const std::size_t threads : {2, 4}) {
    setup.threads = threads;
    PpoTraining several(setup);
    several.train();
    EXPECT_TRUE(several.save() == one.save()) << threads << " threads";
  }
}

// The comparison sees what differs by as little as one seed or one gradient step.
TEST_P(PpoExactness, AnotherSeedOrAnotherStepIsSeen) {
  PpoSetup setup = GetParam().setup;
  PpoTraining one(setup), shorter(setup);
  one.train();
  shorter.train((kIterations - 1) * setup.steps_per_iteration());
  EXPECT_FALSE(shorter.save() == one.save());
  setup.seed = 12;
  PpoTraining other(setup);
  other.train();
  EXPECT_FALSE(other.save().agent.policy == one.save().agent.policy);
  EXPECT_FALSE(other.save().envs == one.save().envs);
}

INSTANTIATE_TEST_SUITE_P(Envs, PpoExactness,
                         ::testing::Values(Case{"Discrete", discrete()}, Case{"Box", box()},
                                           Case{"Masked", masked()},
                                           Case{"Categorical", categorical()},
                                           Case{"Convolutions", convolutions()},
                                           Case{"Recurrent", recurrent()},
                                           Case{"ConvolutionsAndNorms", convolutions_and_norms()},
                                           Case{"RecurrentAndNorms", recurrent_and_norms()},
                                           Case{"ConvolutionsAndMemory", convolutions_and_memory()},
                                           Case{"RecurrentAndMasked", recurrent_and_masked()},
                                           Case{"RecurrentAndBox", recurrent_and_box()},
                                           Case{"ManyChunks", many_chunks()},
                                           Case{"EarlyStopping", early_stopping()}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(PpoState, ASnapshotIsTheCheckpointsPolicyAndStaysAsItIs) {
  set_up_platform();
  const PpoSetup setup = box();
  PpoTraining training(setup);
  training.train(3 * setup.steps_per_iteration());
  const auto snapshot = training.agent().snapshot();
  const AgentState state = training.agent().save();
  const auto loaded =
      load_actor_critic_policy(ppo_policy_options(setup.config, training.envs().spec()),
                               training.envs().spec(), Row<const std::uint8_t>(state.policy));
  EXPECT_EQ(snapshot->step(), 3 * setup.steps_per_iteration());
  EXPECT_EQ(loaded->step(), snapshot->step());
  training.train();  // must not reach the snapshot
  Rng rng(21, "observations");
  for (std::uint64_t i = 0; i < 100; ++i) {  // some draws of which leave the bounds of +-2
    std::vector<float> obs(3), one(1), two(1);
    for (float& x : obs) x = static_cast<float>(rng.uniform(-1, 1));
    for (const bool deterministic : {true, false}) {
      Rng draws_one(22, "draws", i), draws_two(22, "draws", i);
      snapshot->act(ActRow{ObsRow(FloatRow(obs)), {}, &draws_one, MutableActionRow(FloatRow(one)), {}}, deterministic);
      loaded->act(ActRow{ObsRow(FloatRow(obs)), {}, &draws_two, MutableActionRow(FloatRow(two)), {}}, deterministic);
      EXPECT_EQ(one, two);
      EXPECT_LE(std::abs(one[0]), 2) << "Pendulum's torque is at most 2";
    }
    EXPECT_EQ(*snapshot->inspect(ObsRow(FloatRow(obs)), {}).value,
              *loaded->inspect(ObsRow(FloatRow(obs)), {}).value);
  }
}

TEST(PpoState, OfAnotherShapeIsRefused) {
  PpoSetup setup = discrete();
  const PpoTraining::State state = PpoTraining(setup).save();
  setup.config.hidden_sizes = {8, 9};
  EXPECT_THROW(PpoTraining(setup).agent().load(state.agent), Error);
  setup = discrete();
  setup.num_envs = 2;
  setup.config.rollout_steps = 50;  // as many samples
  EXPECT_THROW(PpoTraining(setup).agent().load(state.agent), Error);
}

TEST(PpoState, CutShortOrWithBytesToSpareIsRefused) {
  const PpoSetup setup = discrete();
  for (const auto part : {&AgentState::policy, &AgentState::optimizer, &AgentState::training}) {
    AgentState cut = PpoTraining(setup).save().agent;
    (cut.*part).pop_back();
    EXPECT_THROW(PpoTraining(setup).agent().load(cut), Error);
    AgentState longer = PpoTraining(setup).save().agent;
    (longer.*part).push_back(0);
    EXPECT_THROW(PpoTraining(setup).agent().load(longer), Error);
  }
}

TEST(PpoTraining, DoesOnlyWholeRolloutsThatFitIn) {
  PpoSetup setup = discrete();
  setup.total_steps = 3 * setup.steps_per_iteration() + setup.steps_per_iteration() - 1;
  PpoTraining training(setup);
  training.train();
  EXPECT_EQ(training.agent().step(), 3 * setup.steps_per_iteration());
}

TEST(PpoTraining, RefusesAMinibatchThatDoesNotDivideTheRollout) {
  PpoSetup setup = discrete();
  setup.config.minibatch_size = 64;
  EXPECT_THROW(PpoTraining{setup}, Error);
}

}  // namespace
}  // namespace tern
