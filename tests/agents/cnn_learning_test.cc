// Learning through convolutions: envs whose answer is in an image, fixed seeds, every seed
// passes; with the gradient of the kernels flipped or taken away, or a sabotaged loss, the same
// check fails.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "agents/dqn/dqn.h"
#include "agents/kernels/optimizer.h"
#include "agents/nn/network.h"
#include "agents/training/evaluate.h"
#include "agents/training/platform.h"
#include "envs/registry/registry.h"
#include "tests/agents/ppo_training.h"
#include "tests/agents/sabotaged_losses.h"
#include "tests/agents/training.h"

namespace tern {
namespace {

// ---- One pixel of many --------------------------------------------------------------------------
//
// A 6x6 image of random -1 and 1, of which one pixel is the answer. Two kernels that see all of it
// are the only way to the output: a random projection of 36 independent pixels says next to nothing
// of one, so who does not learn the kernels is left with an error near 1, the targets' variance.

constexpr int kSide = 6, kPixels = kSide * kSide, kAnswer = 2 * kSide + 3;

void fill_image(Rng& rng, float* image) {
  for (int i = 0; i < kPixels; ++i) image[i] = rng.chance(0.5) ? 1.0f : -1.0f;
}

EncoderConfig kernels_of_all(int channels) {
  EncoderConfig config;
  config.encoder = "cnn";
  config.cnn_channels = {channels};
  config.cnn_kernels = {kSide};
  config.cnn_strides = {1};
  return config;
}

/// Squared error of fresh images after 600 steps of Adam on 64 each. factor: of the kernels'
/// gradient.
double regression_error(std::uint64_t seed, float factor) {
  set_up_platform();
  Rng init(seed, "start"), data(seed, "images");
  const ObsSpace space = ObsSpace().image("pixels", kSide, kSide, 1, -1, 1);
  NetworkSpec spec;
  spec.features = kPixels;
  spec.convolutions = chosen_convolutions(kernels_of_all(2), space);
  spec.dense.heads = {{"y", 1, 1.0}};
  const auto network = make_network(spec, init);
  Adam adam(network->parameter_row().size(), 1e-8);
  std::vector<float> images(64 * kPixels);
  double error = 0;
  for (int step = 0; step <= 600; ++step) {
    for (std::size_t i = 0; i < 64; ++i) fill_image(data, images.data() + i * kPixels);
    network->zero_gradients();
    error = 0;
    network->accumulate_gradient(
        {images.data(), 64}, [&](const Chunk& chunk, HeadRows y, HeadRows dy) {
          for (std::size_t r = 0; r < chunk.rows(); ++r) {
            const float target = images[(chunk.begin + r) * kPixels + kAnswer];
            const float missed = y[0].data[r * y[0].stride] - target;
            error += missed * missed / 64;
            dy[0].data[r * dy[0].stride] = 2 * missed / 64;
          }
        });
    const Row<float> gradient = network->gradient_row();
    const auto kernels = static_cast<std::size_t>(network->find("y.out.weight").offset);
    for (std::size_t i = 0; i < kernels; ++i) gradient[i] *= factor;
    adam.step(network->parameter_row(), gradient, 1e-2);
  }
  return error;
}

// Learned: at most 4e-5 over eight seeds. Not learned: at least 0.87.
TEST(ConvLearning, FindsThePixelThatIsTheAnswer) {
  for (const std::uint64_t seed : {1, 2, 3, 4}) EXPECT_LT(regression_error(seed, 1), 0.05) << seed;
}

TEST(ConvSabotaged, WithoutOrWithFlippedGradientOfTheKernelsDoesNot) {
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    EXPECT_GT(regression_error(seed, 0), 0.5) << seed;
    EXPECT_GT(regression_error(seed, -1), 0.5) << seed;
  }
}

/// One step: the action must match the pixel.
class PixelEnv final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "Pixel-v0";
      made.obs.image("pixels", kSide, kSide, 1, -1, 1);
      made.action = ActionSpace::discrete({"dark", "bright"});
      return made;
    }();
    return spec;
  }
  void reset(ResetContext& ctx, ObsRow obs) override {
    fill_image(ctx.rng, obs.floats().data());
    is_bright_ = obs[kAnswer] > 0;
  }
  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    for (float& pixel : obs.floats()) pixel = 0;
    StepResult result;
    result.reward = action.discrete() == (is_bright_ ? 1 : 0) ? 1.0f : -1.0f;
    result.terminated = true;
    return result;
  }

 private:
  bool is_bright_ = false;
};

EnvRegistry& envs() {
  static EnvRegistry& all = []() -> EnvRegistry& {
    set_up_platform();
    registry().add<PixelEnv>();
    return registry();
  }();
  return all;
}

double mean_return(Policy& policy, const std::string& env) {
  EvaluationPlan plan;
  plan.episodes = 200;
  return evaluate(policy, envs().find(env), {}, plan).mean;
}

PpoSetup pixel_setup(std::uint64_t seed) {
  PpoSetup setup;
  setup.env = "Pixel-v0";
  setup.envs = &envs();
  setup.config.encoder = kernels_of_all(8);  // two may both start where ReLU lets nothing through
  setup.config.hidden_sizes = {};
  setup.config.learning_rate = Schedule::linear(2e-2);
  setup.config.rollout_steps = 32;
  setup.config.minibatch_size = 64;
  setup.config.epochs = 4;
  setup.num_envs = 8;
  setup.total_steps = 60 * setup.steps_per_iteration();
  setup.seed = seed;
  return setup;
}

// Right always: 1. By chance: 0, with a deviation of 0.07 over 200 episodes.
TEST(PpoConvolutions, EverySeedFindsThePixel) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    PpoTraining training(pixel_setup(seed));
    training.train();
    EXPECT_GE(mean_return(*training.agent().snapshot(), "Pixel-v0"), 0.95) << seed;
  }
}

TEST(PpoConvolutions, SabotagedTwinsDoNot) {
  for (const PpoLoss loss : {ppo_loss<flipped_surrogate>, ppo_loss<no_surrogate>}) {
    PpoSetup setup = pixel_setup(1);
    setup.equations.loss = loss;
    PpoTraining training(setup);
    training.train();
    EXPECT_LT(mean_return(*training.agent().snapshot(), "Pixel-v0"), 0.5);
  }
}

// ---- Catch --------------------------------------------------------------------------------------

EncoderConfig small_kernels() {
  EncoderConfig config = kernels_of_all(8);
  config.cnn_kernels = {3};
  return config;
}

// The best is 1. A random policy catches one ball in five, -0.6; what is learned without a loss
// stays below 0.
TEST(PpoConvolutions, EverySeedLearnsToCatch) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    PpoSetup setup;
    setup.env = "Catch-v0";
    setup.envs = &envs();
    setup.config.encoder = small_kernels();
    setup.config.hidden_sizes = {32};
    setup.config.share_trunk = true;
    setup.config.learning_rate = Schedule::linear(5e-3);
    setup.config.rollout_steps = 64;
    setup.config.minibatch_size = 128;
    setup.config.epochs = 4;
    setup.num_envs = 8;
    setup.total_steps = 20'480;
    setup.seed = seed;
    PpoTraining training(setup);
    training.train();
    EXPECT_GE(mean_return(*training.agent().snapshot(), "Catch-v0"), 0.9) << seed;
  }
}

double dqn_catches(std::uint64_t seed, const DqnEquations& equations = {}) {
  envs();
  DqnConfig config;
  config.encoder = small_kernels();
  config.hidden_sizes = {32};
  config.learning_rate = Schedule::linear(2e-3);
  config.replay.buffer_size = 10'000;
  config.replay.learning_starts = 500;
  config.replay.train_every = 2;
  config.target_update_every = 500;
  const auto envs = make_envs("Catch-v0", 1, seed);
  const auto agent = make_dqn(config, envs->spec(), 1, seed, equations);
  Training training(10'000);
  agent->train(*envs, training);
  return mean_return(*agent->snapshot(), "Catch-v0");
}

TEST(DqnConvolutions, EverySeedLearnsToCatch) {
  for (const std::uint64_t seed : {1, 2, 3}) EXPECT_GE(dqn_catches(seed), 0.9) << seed;
}

TEST(DqnConvolutions, ASabotagedTwinDoesNot) {
  DqnEquations equations;
  equations.loss = [](const TdRows& rows, Row<float> td_errors, Rows<float> gradient) {
    const double loss = huber_td_closed_form(rows, td_errors, gradient);
    for (std::size_t r = 0; r < rows.targets.size(); ++r) {
      for (std::size_t a = 0; a < rows.num_actions; ++a) gradient.data[r * gradient.stride + a] *= -1;
    }
    return loss;
  };
  EXPECT_LT(dqn_catches(1, equations), 0.5);
}

}  // namespace
}  // namespace tern
