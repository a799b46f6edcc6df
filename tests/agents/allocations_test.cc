// Law: training allocates nothing. Counted from the end of one iteration to the end of the next, in
// all threads, once buffers have the sizes that they need; reports, evaluations and checkpoints,
// which an iteration may end with, do allocate and are left out. So are convolutions, whose tensors
// LibTorch allocates.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "agents/a2c/a2c.h"
#include "agents/algorithm/agent.h"
#include "agents/algorithm/train_context.h"
#include "agents/crossq/crossq.h"
#include "agents/dqn/dqn.h"
#include "agents/ppo/ppo.h"
#include "agents/sac/sac.h"
#include "agents/td3/td3.h"
#include "agents/tqc/tqc.h"
#include "agents/training/platform.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/allocations/counting_new.h"

namespace tern {
namespace {

/// Counts what each iteration allocates.
class Counting final : public TrainContext {
 public:
  explicit Counting(std::int64_t total_steps) : TrainContext(total_steps), seen_(1000000) {}

  bool end_iteration(const Agent&, const std::function<std::vector<Metric>()>&) override {
    seen_[count_++] = allocations - before_;
    before_ = allocations;
    return true;
  }

  /// In the second half of the iterations.
  long in_second_half() const {
    long sum = 0;
    for (std::size_t i = count_ / 2; i < count_; ++i) sum += seen_[i];
    return sum;
  }
  std::size_t iterations() const { return count_; }

 private:
  std::vector<long> seen_;
  std::size_t count_ = 0;
  long before_ = 0;
};

long allocations_of(Agent& agent, VecEnv& envs, std::int64_t total_steps) {
  Counting context(total_steps);
  agent.train(envs, context);
  EXPECT_GE(context.iterations(), 10u);
  return context.in_second_half();
}

long allocations_of_ppo(const std::string& env, const PpoConfig& config, std::size_t threads) {
  VecEnv envs(registry().find(env), {}, {.num_envs = 8, .threads = threads});
  const auto agent = make_ppo(config, envs.spec(), 8, /*seed=*/1);
  return allocations_of(*agent, envs, 20 * 8 * config.rollout_steps);
}

PpoConfig small_ppo() {
  PpoConfig config;
  config.rollout_steps = 64;
  config.minibatch_size = 256;
  config.epochs = 2;
  return config;
}

long allocations_of_dqn(const DqnConfig& config, std::size_t threads) {
  VecEnv envs(registry().find("CartPole-v1"), {}, {.num_envs = 4, .threads = threads});
  const auto agent = make_dqn(config, envs.spec(), 4, /*seed=*/1);
  return allocations_of(*agent, envs, 4000);
}

DqnConfig small_dqn() {
  DqnConfig config;
  config.replay.buffer_size = 1000;  // wraps around
  config.replay.learning_starts = 200;
  config.replay.batch_size = 128;
  config.replay.n_step = 3;
  config.replay.prioritized = true;
  config.target_update_every = 40;
  config.dueling = true;
  config.quantiles = 5;
  return config;
}

template <class Config>
Config small_actor_critic() {
  Config config;
  config.replay.buffer_size = 1000;  // wraps around
  config.replay.learning_starts = 200;
  config.replay.batch_size = 128;
  config.replay.train_every = 4;
  config.replay.n_step = 3;
  config.replay.prioritized = true;
  config.hidden_sizes = {32, 32};
  return config;
}

/// make(spec, num_envs): the agent.
template <class Make>
long allocations_on_pendulum(const Make& make, std::size_t threads) {
  VecEnv envs(registry().find("Pendulum-v1"), {}, {.num_envs = 4, .threads = threads});
  const std::unique_ptr<Agent> agent = make(envs.spec(), 4);
  return allocations_of(*agent, envs, 4000);
}

class TrainingAllocations : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override { set_up_platform(); }
};
INSTANTIATE_TEST_SUITE_P(Threads, TrainingAllocations, ::testing::Values(1, 2));

TEST_P(TrainingAllocations, PpoMakesNone) {
  EXPECT_EQ(allocations_of_ppo("CartPole-v1", small_ppo(), GetParam()), 0);
}

TEST_P(TrainingAllocations, PpoWithBoxActionsAndNormalisersMakesNone) {
  PpoConfig config = small_ppo();
  config.normalize_obs = config.normalize_reward = true;
  EXPECT_EQ(allocations_of_ppo("Pendulum-v1", config, GetParam()), 0);
}

TEST_P(TrainingAllocations, PpoWithEveryExtraMakesNone) {
  PpoConfig config = small_ppo();
  config.activation = "silu";
  config.layer_norm = config.share_trunk = true;
  config.optimizer = "rmsprop";
  config.value_clip_range = 0.2;
  EXPECT_EQ(allocations_of_ppo("FrozenLake-v1", config, GetParam()), 0);
}

TEST_P(TrainingAllocations, RecurrentPpoMakesNone) {
  PpoConfig config = small_ppo();
  config.recurrent = "gru";
  config.recurrent_size = 16;
  EXPECT_EQ(allocations_of_ppo("CartPole-v1", config, GetParam()), 0);
}

TEST_P(TrainingAllocations, A2cMakesNone) {
  A2cConfig config;
  config.normalize_obs = config.normalize_advantage = true;
  const auto make = [&](const EnvSpec& spec, std::size_t num_envs) {
    return make_a2c(config, spec, num_envs, /*seed=*/1);
  };
  EXPECT_EQ(allocations_on_pendulum(make, GetParam()), 0);
}

TEST_P(TrainingAllocations, DqnMakesNone) {
  EXPECT_EQ(allocations_of_dqn(small_dqn(), GetParam()), 0);
}

TEST_P(TrainingAllocations, DqnWithEveryExtraMakesNone) {
  DqnConfig config = small_dqn();
  config.double_q = config.normalize_obs = config.layer_norm = true;
  config.activation = "elu";
  config.optimizer = "adamw";
  config.weight_decay = 0.01;
  config.tau = 0.1;
  EXPECT_EQ(allocations_of_dqn(config, GetParam()), 0);
}

TEST_P(TrainingAllocations, SacMakesNone) {
  const auto make = [](const EnvSpec& spec, std::size_t num_envs) {
    return make_sac(small_actor_critic<SacConfig>(), spec, num_envs, /*seed=*/1);
  };
  EXPECT_EQ(allocations_on_pendulum(make, GetParam()), 0);
}

TEST_P(TrainingAllocations, SacWithStateDependentNoiseMakesNone) {
  const auto make = [](const EnvSpec& spec, std::size_t num_envs) {
    auto config = small_actor_critic<SacConfig>();
    config.use_sde = true;
    config.sde_sample_freq = 5;
    return make_sac(config, spec, num_envs, /*seed=*/1);
  };
  EXPECT_EQ(allocations_on_pendulum(make, GetParam()), 0);
}

template <class Config>
Config with_memory(Config config) {
  config.replay.prioritized = false;
  config.replay.memory.recurrent = "gru";
  config.replay.memory.recurrent_size = 16;
  return config;
}

TEST_P(TrainingAllocations, SacWithMemoryMakesNone) {
  const auto make = [](const EnvSpec& spec, std::size_t num_envs) {
    auto config = with_memory(small_actor_critic<SacConfig>());
    config.use_sde = true;
    return make_sac(config, spec, num_envs, /*seed=*/1);
  };
  EXPECT_EQ(allocations_on_pendulum(make, GetParam()), 0);
}

TEST_P(TrainingAllocations, Td3WithMemoryMakesNone) {
  const auto make = [](const EnvSpec& spec, std::size_t num_envs) {
    Td3Config config;
    static_cast<DeterministicActorConfig&>(config) =
        with_memory(small_actor_critic<DeterministicActorConfig>());
    return make_td3("td3", config, spec, num_envs, /*seed=*/1);
  };
  EXPECT_EQ(allocations_on_pendulum(make, GetParam()), 0);
}

TEST_P(TrainingAllocations, TqcMakesNone) {
  const auto make = [](const EnvSpec& spec, std::size_t num_envs) {
    const auto config = small_actor_critic<TqcConfig>();
    return make_sac(config, spec, num_envs, /*seed=*/1, tqc_variant(config));
  };
  EXPECT_EQ(allocations_on_pendulum(make, GetParam()), 0);
}

TEST_P(TrainingAllocations, Td3MakesNone) {
  const auto make = [](const EnvSpec& spec, std::size_t num_envs) {
    Td3Config config;
    static_cast<DeterministicActorConfig&>(config) = small_actor_critic<DeterministicActorConfig>();
    config.noise = "ornstein_uhlenbeck";
    return make_td3("td3", config, spec, num_envs, /*seed=*/1);
  };
  EXPECT_EQ(allocations_on_pendulum(make, GetParam()), 0);
}

TEST_P(TrainingAllocations, CrossqMakesNone) {
  const auto make = [](const EnvSpec& spec, std::size_t num_envs) {
    auto config = small_actor_critic<CrossqConfig>();
    config.critic_hidden_sizes = {48, 32};
    config.renorm_warmup = 100;
    return make_crossq(config, spec, num_envs, /*seed=*/1);
  };
  EXPECT_EQ(allocations_on_pendulum(make, GetParam()), 0);
}

// An agent that makes one in each iteration is seen.
TEST(TrainingAllocationsCount, SeesOneInAnIteration) {
  static std::unique_ptr<int> kept;
  VecEnv envs(registry().find("CartPole-v1"), {}, {.num_envs = 8});
  PpoEquations leaky;
  leaky.advantages = [](const AdvantageRows& rollout, Row<float> advantages) {
    kept = std::make_unique<int>(1);
    generalized_advantage_closed_form(rollout, advantages);
  };
  const auto agent = make_ppo(small_ppo(), envs.spec(), 8, /*seed=*/1, leaky);
  EXPECT_EQ(allocations_of(*agent, envs, 20 * 8 * 64), 10);
}

}  // namespace
}  // namespace tern
