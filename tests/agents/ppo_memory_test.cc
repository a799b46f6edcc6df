// Learning with memory: envs whose answer must be remembered, fixed seeds, every seed passes; the
// same agent without memory stays at chance. Worked examples of what a recurrent policy remembers.

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "agents/training/evaluate.h"
#include "agents/training/platform.h"
#include "envs/registry/registry.h"
#include "tests/agents/ppo_training.h"

namespace tern {
namespace {

/// Shows -1 or 1 once, then 0; pays the first at every step and is cut with probability 1/3 after
/// each. V = shown / (1 - gamma), also after the cut: 2.5 at gamma 3/5. Who forgets at the cut, and
/// values what was shown last by itself, has V = shown + gamma 2/3 V = 1.67.
class Remember final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "Remember-v0";
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

EnvRegistry& envs() {
  static EnvRegistry& all = []() -> EnvRegistry& {
    set_up_platform();
    registry().add<Remember>();
    return registry();
  }();
  return all;
}

PpoSetup setup_of(const char* env, std::uint64_t seed) {
  PpoSetup setup;
  setup.env = env;
  setup.envs = &envs();
  setup.config.recurrent = "gru";
  setup.config.recurrent_size = 16;
  setup.config.hidden_sizes = {};
  setup.config.learning_rate = Schedule::linear(1e-2);
  setup.config.rollout_steps = 32;
  setup.config.minibatch_size = 128;
  setup.config.epochs = 4;
  setup.num_envs = 16;
  setup.total_steps = 60 * setup.steps_per_iteration();
  setup.seed = seed;
  return setup;
}

double chain_return(const PpoSetup& setup) {
  PpoTraining training(setup);
  training.train();
  EvaluationPlan plan;
  plan.episodes = 200;
  return evaluate(*training.agent().snapshot(), envs().find(setup.env), {}, plan).mean;
}

// Ten steps between the bit and the question. Right always: 1; by chance: 0, with a deviation of
// 0.07 over 200 episodes.
TEST(PpoMemory, EverySeedRemembersTheBit) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    EXPECT_GE(chain_return(setup_of("MemoryChain-v0", seed)), 0.95) << seed;
  }
}

TEST(PpoMemory, WithoutMemoryStaysAtChance) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    PpoSetup setup = setup_of("MemoryChain-v0", seed);
    setup.config.recurrent = "none";
    setup.config.hidden_sizes = {16};
    EXPECT_LT(chain_return(setup), 0.35) << seed;
  }
}

using State = std::vector<float>;

double value_of(Policy& policy, float obs, const State& state) {
  return *policy.inspect(ObsRow(FloatRow(&obs, 1)), {}, state).value;
}

/// What the policy remembers after one more observation.
void act(Policy& policy, float obs, State& state) {
  std::int32_t action = 0;
  policy.act({ObsRow(FloatRow(&obs, 1)), {}, /*rng=*/nullptr,
              MutableActionRow(Row<std::int32_t>(&action, 1)), state},
             /*deterministic=*/true);
}

// PPO detail 13: a cut bootstraps with the state that the episode was cut in.
TEST(PpoMemory, ACutIsValuedWithWhatWasRemembered) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    PpoSetup setup = setup_of("Remember-v0", seed);
    setup.config.gamma = 0.6;
    setup.total_steps *= 3;
    PpoTraining training(setup);
    training.train();
    const auto policy = training.agent().snapshot();
    for (const float shown : {-1.0f, 1.0f}) {
      State state(policy->state_size());
      EXPECT_NEAR(value_of(*policy, shown, state), 2.5 * shown, 0.3) << seed;
      act(*policy, shown, state);
      EXPECT_NEAR(value_of(*policy, 0, state), 2.5 * shown, 0.3) << seed;
    }
  }
}

TEST(PpoMemory, LiesInTheCallersRowAndInspectingLeavesIt) {
  PpoTraining training(setup_of("Remember-v0", 1));
  training.train(2 * 512);
  const auto policy = training.agent().snapshot(), other = training.agent().snapshot();
  State state(policy->state_size());
  ASSERT_EQ(state.size(), 16u);
  const double fresh = value_of(*policy, 0, state);
  EXPECT_EQ(value_of(*policy, 0, {}), fresh) << "no state is the start of an episode";
  act(*policy, 1, state);
  const State remembered = state;
  const double after = value_of(*policy, 0, state);
  EXPECT_NE(after, fresh);
  EXPECT_EQ(state, remembered);
  EXPECT_EQ(value_of(*policy, 0, State(16)), fresh) << "nothing is kept in the policy";
  EXPECT_EQ(value_of(*other, 0, state), after) << "another snapshot goes on with it";
  float obs = 1;
  const Inspection seen = policy->inspect(ObsRow(FloatRow(&obs, 1)), {}, State(16));
  EXPECT_EQ(State(seen.recurrent_state.begin(), seen.recurrent_state.end()), remembered);
}

TEST(PpoMemory, RefusesMinibatchesThatCutRollouts) {
  PpoSetup setup = setup_of("Remember-v0", 1);
  setup.config.minibatch_size = 16;
  EXPECT_THROW(PpoTraining{setup}, Error);
}

}  // namespace
}  // namespace tern
