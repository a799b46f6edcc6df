// Law: every optimiser moves every parameter of every kind of network, each in a way of its own.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "agents/policy/actor_critic_policy.h"
#include "agents/training/platform.h"
#include "tests/agents/ppo_training.h"

namespace tern {
namespace {

using Parameters = std::map<std::string, std::vector<float>>;

PpoSetup small(const char* env) {
  set_up_platform();
  PpoSetup setup;
  setup.env = env;
  setup.config.rollout_steps = 32;
  setup.config.minibatch_size = 64;
  setup.config.epochs = 2;
  setup.config.hidden_sizes = {16};
  setup.config.layer_norm = true;
  setup.num_envs = 4;
  setup.total_steps = 2 * setup.steps_per_iteration();
  return setup;
}

Parameters parameters_of(PpoTraining& training) {
  const auto snapshot = training.agent().snapshot();
  const Network& network = *dynamic_cast<const ActorCriticPolicy&>(*snapshot).net.network;
  Parameters parameters;
  for (const ParameterInfo& info : network.layout()) {
    const float* first = network.parameter_row().data() + info.offset;
    parameters[info.name].assign(first, first + info.size);
  }
  return parameters;
}

void expect_all_moved(PpoSetup setup) {
  Parameters others;
  for (const char* optimizer : {"adam", "adamw", "rmsprop"}) {
    SCOPED_TRACE(setup.env + std::string(", ") + optimizer);
    setup.config.optimizer = optimizer;
    setup.config.weight_decay = setup.config.optimizer == "adamw" ? 0.1 : 0;
    PpoTraining training(setup);
    const Parameters before = parameters_of(training);
    training.train();
    for (const auto& [name, values] : parameters_of(training)) {
      EXPECT_NE(values, before.at(name)) << name;
      EXPECT_NE(values, others[name]) << name << " as by the optimiser before";
      others[name] = values;
    }
  }
}

TEST(PpoParameters, AreAllMovedByEveryOptimiser) {
  expect_all_moved(small("Pendulum-v1"));
}

TEST(PpoParameters, OfConvolutionsAreAllMovedByEveryOptimiser) {
  PpoSetup setup = small("Catch-v0");
  setup.config.encoder.encoder = "cnn";
  setup.config.encoder.cnn_channels = {8, 8};
  setup.config.encoder.cnn_kernels = {3, 2};
  setup.config.encoder.cnn_strides = {1, 1};
  expect_all_moved(setup);
}

TEST(PpoParameters, OfMemoryAreAllMovedByEveryOptimiser) {
  PpoSetup setup = small("CartPole-v1");
  setup.config.recurrent = "gru";
  setup.config.recurrent_size = 12;
  expect_all_moved(setup);
}

}  // namespace
}  // namespace tern
