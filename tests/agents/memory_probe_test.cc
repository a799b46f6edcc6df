// Learning with memory from replay: envs whose answer must be remembered, every one of the fixed
// seeds finds it. Sabotage: without memory, or with gradients that do not go through time, none
// does. Law: what is stored of a step is what the policy remembers there. (Ten seconds: some forty
// runs.)

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "agents/sac/discrete_sac.h"
#include "agents/td3/td3.h"
#include "agents/tqc/tqc.h"
#include "agents/training/evaluate.h"
#include "agents/training/platform.h"
#include "replay/replay_batch.h"
#include "replay/replay_buffer.h"
#include "tests/agents/continuous_probes.h"
#include "tests/memory_stream.h"

namespace tern {
namespace {

constexpr int kLength = 4;

/// Shows x once, then nothing but the time, and at the last step pays -(a - x)^2.
class Recall final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "Recall-v0";
      made.obs.scalar("shown", -1, 1).scalar("time", 0, 1);
      made.action = ActionSpace::box({ActionSpace::real("answer", -1, 1)});
      return made;
    }();
    return spec;
  }
  void reset(ResetContext& ctx, ObsRow obs) override {
    shown_ = static_cast<float>(ctx.rng.uniform(-0.9, 0.9));
    time_ = 0;
    obs[0] = shown_;
    obs[1] = 0;
  }
  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    StepResult result;
    if (++time_ == kLength) {
      const float miss = action[0] - shown_;
      result.reward = -miss * miss;
      result.terminated = true;
    }
    obs[0] = 0;
    obs[1] = static_cast<float>(time_) / kLength;
    return result;
  }

 private:
  float shown_ = 0;
  int time_ = 0;
};

/// Shows -1 or 1 once, then 0; pays the first at every step and is cut with probability 1/3 after
/// each. V = shown / (1 - gamma), also after the cut: 2.5 at gamma 3/5. Who forgets at the cut, or
/// takes it for an end, has less: 1.67.
class Remember final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "RememberInReplay-v0";
      made.obs.scalar("shown", -1, 1);
      made.action = ActionSpace::discrete({"left", "right"});
      return made;
    }();
    return spec;
  }
  void reset(ResetContext& ctx, ObsRow obs) override {
    shown_ = ctx.rng.chance(0.5) ? 1.0f : -1.0f;
    obs[0] = shown_;
  }
  StepResult step(ActionRow, Rng& rng, ObsRow obs) override {
    StepResult result;
    result.reward = shown_;
    result.truncated = rng.chance(1.0 / 3);
    obs[0] = 0;
    return result;
  }

 private:
  float shown_ = 1;
};

const bool kAreAdded = [] {
  set_up_platform();
  registry().add<Recall>();
  registry().add<Remember>();
  return true;
}();

template <class Config>
Config memory_config() {
  Config config;
  config.learning_rate = Schedule::linear(5e-3);
  config.replay.buffer_size = 20'000;
  config.replay.learning_starts = 400;
  config.replay.batch_size = 96;
  config.replay.train_every = 8;
  config.replay.updates_per_train = 2;
  config.replay.gamma = 0.9;
  config.replay.memory.recurrent = "gru";
  config.replay.memory.recurrent_size = 16;
  config.replay.memory.sequence_length = 12;
  config.replay.memory.burn_in = 2;
  config.tau = 0.05;
  config.hidden_sizes = {16};
  return config;
}
/// The entropy's worth is too small to be seen.
template <class Config = SacConfig>
Config sac_config() {
  auto config = memory_config<Config>();
  config.entropy_coef = 0.003;
  config.learn_entropy_coef = false;
  return config;
}
template <class Config>
Config without_memory(Config config) {
  config.replay.memory.recurrent = "none";
  return config;
}
/// Sequences of one step: what is remembered is carried, and no gradient reaches it from a later
/// step.
template <class Config>
Config without_time(Config config) {
  config.replay.memory.burn_in += config.replay.memory.sequence_length - 1;
  config.replay.memory.sequence_length = 1;
  return config;
}

double mean_return(Policy& policy, const std::string& env) {
  EvaluationPlan plan;
  plan.episodes = 200;
  return evaluate(policy, registry().find(env), {}, plan).mean;
}

constexpr std::uint64_t kFewSeeds[] = {1, 2, 3};

// ---- Discrete actions: MemoryChain of ten steps. Always right: 1; by chance: 0 +- 0.07.

double chain_return(SacConfig config, std::uint64_t seed) {
  config.learning_rate = Schedule::linear(1e-2);
  config.replay.updates_per_train = 1;
  config.replay.gamma = 0.95;
  const auto envs = make_envs("MemoryChain-v0", 4, seed);
  const auto agent = make_discrete_sac(config, envs->spec(), 4, seed);
  Training training(8000);
  agent->train(*envs, training);
  return mean_return(*agent->snapshot(), "MemoryChain-v0");
}

TEST(DiscreteSacMemory, EverySeedRemembersTheBit) {
  for (const std::uint64_t seed : kFewSeeds) {
    EXPECT_GE(chain_return(sac_config(), seed), 0.95) << seed;
  }
}

TEST(SabotagedDiscreteSacMemory, WithoutMemoryOrAGradientThroughTimeItStaysAtChance) {
  for (const std::uint64_t seed : kFewSeeds) {
    EXPECT_LT(chain_return(without_memory(sac_config()), seed), 0.35) << seed;
    EXPECT_LT(chain_return(without_time(sac_config()), seed), 0.35) << seed;
  }
}

// ---- Box actions: Recall. The best return is 0; who answers 0 gets -E[x^2] = -0.27.

constexpr double kRecalls = -0.06, kForgets = -0.2;

double sac_return(const SacConfig& config, std::uint64_t seed, const SacVariant& variant = {}) {
  const auto policy = trained("Recall-v0", seed, 8000,
                              [&](const EnvSpec& spec, std::size_t num_envs, std::uint64_t s) {
                                return make_sac(config, spec, num_envs, s, variant);
                              });
  return mean_return(*policy, "Recall-v0");
}

TEST(SacMemory, EverySeedRecallsWhatWasShown) {
  for (const std::uint64_t seed : kFewSeeds)
    EXPECT_GT(sac_return(sac_config(), seed), kRecalls) << seed;
}

TEST(SacMemory, EverySeedRecallsOverThreeStepsAtOnceAndWithStateDependentNoise) {
  for (const std::uint64_t seed : kFewSeeds) {
    SacConfig config = sac_config();
    config.replay.n_step = 3;
    config.use_sde = true;
    config.sde_log_std = -1.5;
    EXPECT_GT(sac_return(config, seed), kRecalls) << seed;
  }
}

TEST(TqcMemory, EverySeedRecallsWhatWasShown) {
  for (const std::uint64_t seed : kFewSeeds) {
    auto config = sac_config<TqcConfig>();
    config.quantiles = 5;
    config.dropped_quantiles = 1;
    EXPECT_GT(sac_return(config, seed, tqc_variant(config)), kRecalls) << seed;
  }
}

TEST(SabotagedSacMemory, WithoutMemoryForgets) {
  for (const std::uint64_t seed : kFewSeeds) {
    EXPECT_LT(sac_return(without_memory(sac_config()), seed), kForgets) << seed;
  }
}

double td3_return(const Td3Config& config, std::uint64_t seed) {
  const auto policy = trained("Recall-v0", seed, 12'000,
                              [&](const EnvSpec& spec, std::size_t num_envs, std::uint64_t s) {
                                return make_td3("td3", config, spec, num_envs, s);
                              });
  return mean_return(*policy, "Recall-v0");
}

TEST(Td3Memory, EverySeedRecallsWhatWasShown) {
  for (const std::uint64_t seed : kFewSeeds) {
    EXPECT_GT(td3_return(memory_config<Td3Config>(), seed), kRecalls) << seed;
  }
}

TEST(SabotagedTd3Memory, WithoutMemoryForgets) {
  for (const std::uint64_t seed : kFewSeeds) {
    EXPECT_LT(td3_return(without_memory(memory_config<Td3Config>()), seed), kForgets) << seed;
  }
}

// ---- What is stored

/// Random actions for 50 steps of 4 envs, then the policy along what was stored: every state is
/// what it remembers there, to the bit.
template <class Config, class Make>
void expect_stored_states(const std::string& env, Config config, const Make& make) {
  config.replay.learning_starts = 1000;
  for (const std::size_t actors : {1, 2}) {
    SCOPED_TRACE(env + ", actors: " + std::to_string(actors));
    const auto envs = make_envs(env, 4, /*seed=*/1);
    const EnvSpec& spec = envs->spec();
    const std::unique_ptr<Agent> agent = make(config, spec);
    Training training(200);
    training.actors = actors;
    agent->train(*envs, training);
    const ReplaySchema schema = replay_schema(config.replay, 4);
    ReplayBuffer replay(spec, schema);
    MemorySource source(bytes_of([&](ByteSink& out) { agent->save_replay(out); }));
    replay.load(source);
    ReplayBatch batch(spec, 50, schema);
    const ReplayRows& rows = batch.rows();
    const auto policy = agent->snapshot();
    std::vector<float> state(policy->state_size()), real(1);
    std::int32_t choice = 0;
    const MutableActionRow action = spec.action.is_box()
                                        ? MutableActionRow(Row<float>(real))
                                        : MutableActionRow(Row<std::int32_t>(&choice, 1));
    int begun = 0;
    for (std::size_t n = 0; n < 4; ++n) {
      const auto reader = replay.read();
      for (std::size_t t = 0; t < 50; ++t) {
        rows.index[t] = reader.slot_of(n, static_cast<std::int64_t>(t));
      }
      reader.gather(rows);
      for (std::size_t t = 0; t < 50; ++t) {
        if (reader.begins(rows.index[t])) {
          std::fill(state.begin(), state.end(), 0.0f);
          ++begun;
        }
        const Row<const float> stored = rows.state.subrow(t * state.size(), state.size());
        ASSERT_TRUE(std::equal(state.begin(), state.end(), stored.begin())) << t;
        policy->act({rows.obs[t], rows.mask[t], /*rng=*/nullptr, action, state},
                    /*deterministic=*/true);
      }
    }
    EXPECT_GT(begun, 15);
  }
}

TEST(MemoryInReplay, IsWhatThePolicyRemembers) {
  expect_stored_states("RememberInReplay-v0", sac_config(),
                       [](const SacConfig& config, const EnvSpec& spec) {
                         return make_discrete_sac(config, spec, 4, 1);
                       });
  expect_stored_states("Recall-v0", sac_config(), [](const SacConfig& config, const EnvSpec& spec) {
    return make_sac(config, spec, 4, 1);
  });
  expect_stored_states("Recall-v0", memory_config<Td3Config>(),
                       [](const Td3Config& config, const EnvSpec& spec) {
                         return make_td3("td3", config, spec, 4, 1);
                       });
}

// ---- Ends of episodes

// s' of a cut is rated with what was remembered, and the next episode starts with nothing.
TEST(DiscreteSacMemory, ACutIsValuedWithWhatWasRemembered) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    SacConfig config = sac_config();
    config.replay.gamma = 0.6;
    config.entropy_coef = 1e-4;
    const auto envs = make_envs("RememberInReplay-v0", 4, seed);
    const auto agent = make_discrete_sac(config, envs->spec(), 4, seed);
    Training training(5000);
    agent->train(*envs, training);
    const auto policy = agent->snapshot();
    const std::vector<std::uint8_t> mask = {1, 1};
    for (float shown : {-1.0f, 1.0f}) {
      std::vector<float> state(policy->state_size());
      std::int32_t action = 0;
      const auto value = [&](float obs) {
        return *policy->inspect(ObsRow(FloatRow(&obs, 1)), Row<const std::uint8_t>(mask), state)
                    .value;
      };
      EXPECT_NEAR(value(shown), 2.5 * shown, 0.3) << seed;
      policy->act({ObsRow(FloatRow(&shown, 1)), Row<const std::uint8_t>(mask), /*rng=*/nullptr,
                   MutableActionRow(Row<std::int32_t>(&action, 1)), state},
                  /*deterministic=*/true);
      EXPECT_NEAR(value(0), 2.5 * shown, 0.3) << seed;
    }
  }
}

}  // namespace
}  // namespace tern
