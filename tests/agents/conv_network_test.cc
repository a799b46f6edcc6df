// Worked examples of a convolution by hand; gradients by central differences of an independent
// forward in double (LibTorch's conv2d), with a poisoned case; laws: a row's bits do not depend on
// its batch nor gradients on threads; the start; error texts.

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "agents/nn/conv_layout.h"
#include "agents/nn/network.h"
#include "agents/training/platform.h"
#include "tests/agents/central_differences.h"
#include "tests/agents/dense_reference.h"
#include "tests/agents/tensors.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using ::testing::DoubleNear;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pointwise;

/// One number, an image of 5x4x2, two more numbers; two convolutions; a small actor-critic.
ConvSpec two_convolutions() {
  ConvSpec spec;
  spec.features = 43;
  spec.offset = 1;
  spec.image = {5, 4, 2};
  spec.layers = {{3, 2, 1}, {4, 2, 2}};  // 4x3x3, then 2x1x4
  return spec;
}

MlpSpec actor_critic(const std::string& activation = "tanh", bool layer_norm = false) {
  MlpSpec spec;
  spec.hidden_sizes = {6};
  spec.activation = activation;
  spec.layer_norm = layer_norm;
  spec.heads = {{"policy", 2, 1.0}, {"value", 1, 1.0}};
  spec.free = {{"log_std", 2, -0.5}};
  return spec;
}

std::unique_ptr<Network> seeded(const ConvSpec& convolutions, const MlpSpec& spec,
                                std::uint64_t seed = 1) {
  set_up_platform();
  Rng rng(seed, "conv network test");
  return make_network({convolutions.features, {convolutions}, {}, 0, spec, {}}, rng);
}

at::Tensor random_matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed = 9) {
  Rng rng(seed, "random matrix");
  std::vector<float> values(static_cast<std::size_t>(rows * columns));
  for (float& value : values) value = static_cast<float>(rng.normal());
  return floats(values, {rows, columns});
}

// ---- By hand ------------------------------------------------------------------------------------

/// One kernel of 2x2 on an image of 2x3 with one channel, and the sum of what it gives.
ConvSpec one_kernel() {
  ConvSpec spec;
  spec.features = 6;
  spec.image = {2, 3, 1};
  spec.layers = {{1, 2, 1}};
  return spec;
}

MlpSpec one_output() {
  MlpSpec spec;
  spec.heads = {{"q", 1, 1.0}};
  return spec;
}

// Image (1 2 3; 4 5 6), kernel (1 0; -1 2), bias 0.5, no flip of the kernel:
//   left:  1*1 + 2*0 - 4 + 2*5 + 0.5 = 7.5;   right: 2 + 0 - 5 + 12 + 0.5 = 9.5.
// Head with weights 10 and 100 and bias -1: 75 + 950 - 1 = 1024.
TEST(ConvForward, IsTheSumOfProductsUnderTheKernel) {
  const auto network = seeded(one_kernel(), one_output());
  network->parameters().copy_(floats({1, 0, -1, 2, 0.5, /*head:*/ 10, 100, -1}));
  EXPECT_THAT(values_of(network->infer(floats({1, 2, 3, 4, 5, 6}, {1, 6}))), ElementsAre(1024));
}

// The same with bias -8.5: left 7 - 8.5 < 0 is cut by ReLU, right 9 - 8.5 = 0.5; 50 - 1 = 49.
// Gradient of the output: head weights (0, 0.5), head bias 1; right of the image only, times its
// weight 100: kernel 100 (2 3; 5 6), bias 100.
TEST(ConvBackward, GoesWhereReluLetItThrough) {
  const auto network = seeded(one_kernel(), one_output());
  network->parameters().copy_(floats({1, 0, -1, 2, -8.5, 10, 100, -1}));
  const at::Tensor image = floats({1, 2, 3, 4, 5, 6}, {1, 6}), one = floats({1}, {1, 1});
  EXPECT_THAT(values_of(network->infer(image)), ElementsAre(49));
  network->accumulate_gradient(image, one);
  EXPECT_THAT(values_of(network->gradients()),
              ElementsAre(200, 300, 500, 600, 100, /*head:*/ 0, 0.5, 1));
  EXPECT_THAT(values_of(network->input_gradient(image, one)), ElementsAre(0, 100, 0, 0, -100, 200));
}

// A kernel of 1x1 that adds its two channels; stride 2 takes pixels (0, 0), (0, 2): 1 + 2, 5 + 6.
TEST(ConvForward, ChannelsLieTogetherAndStridesSkip) {
  ConvSpec spec = one_kernel();
  spec.image = {1, 3, 2};
  spec.layers = {{1, 1, 2}};
  const auto network = seeded(spec, one_output());
  network->parameters().copy_(floats({1, 1, 0, /*head:*/ 1, 100, 0}));
  EXPECT_THAT(values_of(network->infer(floats({1, 2, 3, 4, 5, 6}, {1, 6}))), ElementsAre(1103));
}

// What a convolution gives comes first, the row's other numbers after it. A kernel of ones on
// (1 2; 3 4): 10; 10 * 1 + 7 * 10 + 9 * 100 = 980.
TEST(ConvForward, OtherFeaturesComeAfterTheImage) {
  ConvSpec spec;
  spec.features = 6;
  spec.offset = 1;
  spec.image = {2, 2, 1};
  spec.layers = {{1, 2, 1}};
  const auto network = seeded(spec, one_output());
  network->parameters().copy_(floats({1, 1, 1, 1, 0, /*head:*/ 1, 10, 100, 0}));
  const at::Tensor row = floats({7, 1, 2, 3, 4, 9}, {1, 6});
  EXPECT_THAT(values_of(network->infer(row)), ElementsAre(980));
  EXPECT_THAT(values_of(network->input_gradient(row, floats({1}, {1, 1}))),
              ElementsAre(10, 1, 1, 1, 1, 100));
}

TEST(ConvLayout, ConvolutionsComeFirst) {
  const auto network = seeded(two_convolutions(), actor_critic());
  EXPECT_EQ(network->layout()[0].name, "encoder.0.weight");
  EXPECT_THAT(network->layout()[0].shape, ElementsAre(3, 2, 2, 2));
  EXPECT_EQ(network->find("encoder.0.bias").offset, 24);
  EXPECT_EQ(network->find("encoder.1.weight").offset, 27);
  EXPECT_THAT(network->find("encoder.1.weight").shape, ElementsAre(4, 2, 2, 3));
  EXPECT_EQ(network->find("policy.0.weight").offset, 79);
  EXPECT_THAT(network->find("policy.0.weight").shape, ElementsAre(2 * 1 * 4 + 3, 6));
}

// ---- Gradients ----------------------------------------------------------------------------------

/// The network again, in double, by conv2d and what is above it.
at::Tensor reference(const Network& network, const at::Tensor& parameters, const at::Tensor& rows) {
  const auto named = [&](const std::string& name) { return named_view(network, parameters, name); };
  at::Tensor x = rows.narrow(1, 1, 40).view({-1, 5, 4, 2}).permute({0, 3, 1, 2});
  for (const std::int64_t i : {0, 1}) {
    const std::string name = "encoder." + std::to_string(i);
    x = at::relu(at::conv2d(x, named(name + ".weight").permute({0, 3, 1, 2}), named(name + ".bias"),
                            /*stride=*/i + 1));
  }
  x = at::cat({x.permute({0, 2, 3, 1}).flatten(1), rows.narrow(1, 0, 1), rows.narrow(1, 41, 2)}, 1);
  return dense_reference(network, parameters, x);
}

struct GradientCase {
  double f(const std::vector<double>& parameters, const std::vector<double>& rows) const {
    const auto count = static_cast<std::int64_t>(rows.size()) / 43;
    return (reference(*network, doubles(parameters), doubles(rows, {count, 43})) * weights)
        .sum()
        .item<double>();
  }
  double worst_parameter_error(const std::vector<double>& gradient) const {
    return worst_gradient_error(
        [&](const std::vector<double>& p) { return f(p, values_of(inputs)); },
        values_of(network->parameters()), gradient);
  }

  std::unique_ptr<Network> network = seeded(two_convolutions(), actor_critic());
  at::Tensor inputs = random_matrix(6, 43), weights = random_matrix(6, 3, /*seed=*/10);
};

// As in network_test.cc: sums of some dozens of float32 products of order 1.
constexpr double kFloatTolerance = 1e-5;

TEST(ConvGradient, ReferenceAndNetworkAgreeOnTheOutputs) {
  const GradientCase c;
  EXPECT_THAT(values_of(c.network->infer(c.inputs)),
              Pointwise(DoubleNear(kFloatTolerance),
                        values_of(reference(*c.network, c.network->parameters().to(at::kDouble),
                                            c.inputs.to(at::kDouble)))));
}

TEST(ConvGradient, BackwardMatchesCentralDifferences) {
  const GradientCase c;
  c.network->accumulate_gradient(c.inputs, c.weights);
  EXPECT_LT(c.worst_parameter_error(values_of(c.network->gradients())), kFloatTolerance);
}

// What the dense layers hand down to the convolutions is right for each of their kinds.
TEST(ConvGradient, IsRightBelowEveryActivationAndNorm) {
  for (const char* activation : {"tanh", "elu", "silu"}) {
    for (const bool layer_norm : {false, true}) {
      GradientCase c;
      c.network = seeded(two_convolutions(), actor_critic(activation, layer_norm));
      c.network->accumulate_gradient(c.inputs, c.weights);
      EXPECT_LT(c.worst_parameter_error(values_of(c.network->gradients())), kFloatTolerance)
          << activation << (layer_norm ? " after a norm" : "");
    }
  }
}

TEST(ConvGradient, APoisonedGradientIsCaught) {
  const GradientCase c;
  c.network->accumulate_gradient(c.inputs, c.weights);
  for (const ParameterInfo& info : c.network->layout()) {
    std::vector<double> poisoned = values_of(c.network->gradients());
    poisoned[static_cast<std::size_t>(info.offset)] += 1e-3;
    EXPECT_GT(c.worst_parameter_error(poisoned), 10 * kFloatTolerance) << info.name;
  }
}

TEST(ConvGradient, InputGradientMatchesCentralDifferences) {
  const GradientCase c;
  const std::vector<double> gradient = values_of(c.network->input_gradient(c.inputs, c.weights));
  const auto f = [&](const std::vector<double>& rows) {
    return c.f(values_of(c.network->parameters()), rows);
  };
  EXPECT_LT(worst_gradient_error(f, values_of(c.inputs), gradient), kFloatTolerance);
  std::vector<double> poisoned = gradient;
  poisoned[50] += 1e-3;
  EXPECT_GT(worst_gradient_error(f, values_of(c.inputs), poisoned), 10 * kFloatTolerance);
}

TEST(ConvGradient, AddsToWhatIsThereAndLeavesFreeParametersAlone) {
  const GradientCase c;
  c.network->accumulate_gradient(c.inputs, c.weights);
  const at::Tensor once = c.network->gradients().clone();
  c.network->accumulate_gradient(c.inputs, c.weights);
  EXPECT_TRUE(at::equal(c.network->gradients(), 2 * once));
  const ParameterInfo& free = c.network->find("log_std");
  EXPECT_THAT(values_of(once.narrow(0, free.offset, free.size)), Each(0));
}

// ---- Laws ---------------------------------------------------------------------------------------

ConvSpec convolutions_of(const ImageShape& image, std::vector<ConvLayer> layers) {
  ConvSpec spec;
  spec.image = image;
  spec.features = image.size() + 2;
  spec.offset = 2;
  spec.layers = std::move(layers);
  return spec;
}

std::vector<ConvSpec> several() {
  return {convolutions_of({10, 10, 4}, {{16, 3, 1}}), convolutions_of({10, 5, 1}, {{16, 3, 1}}),
          convolutions_of({10, 10, 7}, {{16, 1, 1}}),
          convolutions_of({9, 7, 3}, {{5, 2, 1}, {7, 3, 2}}),
          convolutions_of({36, 36, 1}, {{32, 8, 4}, {64, 4, 2}, {64, 3, 1}})};
}

// The law that makes PPO's first ratio 1, whether one env acts or many, and however they are cut.
TEST(ConvForward, ARowsOutputsDoNotDependOnItsBatch) {
  for (const ConvSpec& spec : several()) {
    const auto network = seeded(spec, actor_critic());
    const std::int64_t batch = 150;
    const at::Tensor inputs = random_matrix(batch, spec.features), all = network->infer(inputs);
    for (const std::int64_t rows : {1, 2, 3, 8, 17, 64, 130}) {
      for (const std::int64_t first : {0, 7, 20}) {
        EXPECT_TRUE(at::equal(network->infer(inputs.narrow(0, first, rows).contiguous()),
                              all.narrow(0, first, rows)))
            << spec.image.height << " rows high, " << rows << " from " << first;
      }
    }
    at::Tensor acting = at::cat({all});
    network->infer_on(0, {inputs.data_ptr<float>(), 150}, acting.data_ptr<float>());
    EXPECT_TRUE(at::equal(acting, all));
    bool same = true;
    network->accumulate_gradient(
        {inputs.data_ptr<float>(), 150}, [&](const Chunk& chunk, HeadRows outputs, HeadRows dy) {
          for (std::size_t r = 0; r < chunk.rows(); ++r) {
            const float* row = all.data_ptr<float>() + (chunk.begin + r) * 3;
            same &= std::equal(row, row + 2, outputs[0].data + r * outputs[0].stride) &&
                    row[2] == outputs[1].data[r * outputs[1].stride];
            std::fill_n(dy[0].data + r * dy[0].stride, 2, 0.0f);
            dy[1].data[r * dy[1].stride] = 0;
          }
        });
    EXPECT_TRUE(same);
  }
}

TEST(ConvGradient, ThreadsDoNotChangeABit) {
  for (const ConvSpec& spec : several()) {
    const auto network = seeded(spec, actor_critic());
    const at::Tensor inputs = random_matrix(150, spec.features), weights = random_matrix(150, 3);
    network->accumulate_gradient(inputs, weights);
    const at::Tensor gradient = network->gradients().clone(), outputs = network->infer(inputs);
    for (const std::size_t threads : {2, 4}) {
      TaskPool pool(threads);
      network->use_threads(&pool);
      network->zero_gradients();
      network->accumulate_gradient(inputs, weights);
      EXPECT_TRUE(at::equal(network->gradients(), gradient)) << threads;
      EXPECT_TRUE(at::equal(network->infer(inputs), outputs)) << threads;
      network->use_threads(nullptr);
    }
  }
}

TEST(ConvForward, AnIndexPicksTheRows) {
  const auto network = seeded(two_convolutions(), actor_critic());
  const at::Tensor inputs = random_matrix(5, 43), all = network->infer(inputs);
  const std::vector<std::int32_t> index = {4, 0, 4};
  at::Tensor picked = random_matrix(3, 3);
  network->infer({inputs.data_ptr<float>(), 3, index.data()}, picked.data_ptr<float>());
  for (std::int64_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(at::equal(picked[i], all[index[static_cast<std::size_t>(i)]])) << i;
  }
}

TEST(ConvNetwork, IsWhatLibTorchsLayersAndTapeCompute) {
  Rng rng(1, "conv network test");
  const auto network = seeded(two_convolutions(), actor_critic());
  const auto plain = make_plain_network({43, {two_convolutions()}, {}, 0, actor_critic(), {}}, rng);
  ASSERT_TRUE(at::equal(plain->parameters(), network->parameters()));
  const at::Tensor rows = random_matrix(70, 43), weights = random_matrix(70, 3, 4);
  EXPECT_LT(relative_error(network->infer(rows), plain->infer(rows).to(at::kDouble)), 1e-5);
  for (Network* each : {network.get(), plain.get()}) each->accumulate_gradient(rows, weights);
  EXPECT_LT(relative_error(network->gradients(), plain->gradients().to(at::kDouble)), 1e-5);
  EXPECT_LT(relative_error(network->input_gradient(rows, weights),
                           plain->input_gradient(rows, weights).to(at::kDouble)),
            1e-5);
}

TEST(ConvNetwork, ACloneSharesNothing) {
  const auto network = seeded(two_convolutions(), actor_critic());
  const auto copy = network->clone();
  const at::Tensor inputs = random_matrix(3, 43), before = network->infer(inputs);
  EXPECT_TRUE(at::equal(copy->infer(inputs), before));
  network->parameters().mul_(2);
  EXPECT_TRUE(at::equal(copy->infer(inputs), before));
}

// ---- Start --------------------------------------------------------------------------------------

// 3 kernels of 2x2x2 = 8 numbers each: pairwise orthogonal, of length sqrt(2).
TEST(ConvStart, KernelsAreOrthogonal) {
  const auto network = seeded(two_convolutions(), actor_critic());
  const at::Tensor kernels = network->parameters().narrow(0, 0, 24).view({3, 8}).to(at::kDouble);
  EXPECT_THAT(values_of(at::matmul(kernels, kernels.t())),
              Pointwise(DoubleNear(1e-6), {2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 2.0}));
  EXPECT_THAT(values_of(network->parameters().narrow(0, 24, 3)), Each(0));
}

TEST(ConvStart, UniformIsWithinOneOverTheRootOfTheFanIn) {
  ConvSpec spec = two_convolutions();
  spec.init = Init::kUniform;
  const auto network = seeded(spec, actor_critic());
  const double bound = 1 / std::sqrt(8.0);
  double largest = 0;
  for (const double value : values_of(network->parameters().narrow(0, 0, 27))) {
    largest = std::max(largest, std::abs(value));
  }
  EXPECT_LE(largest, bound);
  EXPECT_GT(largest, 0.7 * bound);  // of 27 draws; less than that has probability 0.7^27
}

TEST(ConvStart, AnotherSeedStartsElsewhere) {
  const auto one = seeded(two_convolutions(), actor_critic(), 1);
  EXPECT_TRUE(
      at::equal(one->parameters(), seeded(two_convolutions(), actor_critic(), 1)->parameters()));
  EXPECT_FALSE(
      at::equal(one->parameters(), seeded(two_convolutions(), actor_critic(), 2)->parameters()));
}

// ---- The choice ---------------------------------------------------------------------------------

EncoderConfig small(const std::string& encoder) {
  EncoderConfig config;
  config.encoder = encoder;
  config.cnn_channels = {16};
  config.cnn_kernels = {3};
  config.cnn_strides = {1};
  return config;
}

ObsSpace with_image(int rows, DType dtype = DType::kUint8) {
  return ObsSpace(dtype)
      .categorical("gear", 3)
      .image("view", rows, rows, 4, 0, 1)
      .scalar("x", 0, 1);
}

TEST(ConvChoice, AutoTakesConvolutionsForBigImagesOfBytesOnly) {
  const EncoderConfig config;
  EXPECT_EQ(chosen_convolutions(config, with_image(36)).size(), 1u);
  EXPECT_TRUE(chosen_convolutions(config, with_image(35)).empty());
  EXPECT_TRUE(chosen_convolutions(config, with_image(84, DType::kFloat32)).empty());
  EXPECT_TRUE(chosen_convolutions(config, ObsSpace().scalar("x", 0, 1)).empty());
  EXPECT_TRUE(chosen_convolutions(small("flat"), with_image(84)).empty());
  const ObsSpace mixed = ObsSpace()
                             .scalar("x", 0, 1)
                             .image("map", 84, 84, 1, 0, 1)
                             .of(DType::kUint8)
                             .image("icon", 8, 8, 3, 0, 255)
                             .image("camera", 84, 84, 3, 0, 255);
  const std::vector<ConvSpec> chosen = chosen_convolutions(config, mixed);
  ASSERT_EQ(chosen.size(), 1u);
  EXPECT_EQ(chosen[0].offset, 1 + 84 * 84 + 8 * 8 * 3);
}

TEST(ConvChoice, FindsTheImageAmongTheFeatures) {
  const std::vector<ConvSpec> specs = chosen_convolutions(small("cnn"), with_image(10));
  ASSERT_EQ(specs.size(), 1u);
  EXPECT_EQ(specs[0].offset, 3);  // after three categories
  EXPECT_EQ(specs[0].features, 404);
  EXPECT_EQ(joined_features(specs[0]), 8 * 8 * 16 + 4);
}

TEST(ConvChoice, ReadsASecondImageInWhatTheFirstOneGives) {
  const ObsSpace space = with_image(10).image("map", 5, 4, 1, 0, 1).scalar("y", 0, 1);
  const std::vector<ConvSpec> specs = chosen_convolutions(small("cnn"), space);
  ASSERT_EQ(specs.size(), 2u);
  const int first = 8 * 8 * 16, second = 3 * 2 * 16;
  EXPECT_EQ(specs[0].features, 3 + 400 + 1 + 20 + 1);
  EXPECT_EQ(specs[1].features, first + 3 + 1 + 20 + 1);
  EXPECT_EQ(specs[1].offset, first + 3 + 1);
  EXPECT_EQ(joined_features(specs[1]), first + second + 3 + 1 + 1);
}

TEST(ConvChoice, SaysWhatDoesNotFit) {
  const auto refused = [](const EncoderConfig& config, const ObsSpace& space) {
    return error_of([&] { chosen_convolutions(config, space); }, ExitCode::kUsage);
  };
  EXPECT_THAT(refused(small("cnn"), ObsSpace().scalar("x", 0, 1)),
              HasSubstr("agent.encoder: cnn needs an image, and the observation has none"));
  EXPECT_THAT(refused(small("cnn"), with_image(5).image("map", 2, 5, 1, 0, 1)),
              HasSubstr("agent.cnn_kernels: 3 is larger than the image 'map', 2x5x1"));
  EXPECT_THAT(refused(small("cnn"), with_image(2)),
              HasSubstr("agent.cnn_kernels: 3 is larger than the image 'view', 2x2x4"));
  EncoderConfig config = small("cnn");
  config.cnn_channels = {8, 8};
  EXPECT_THAT(refused(config, with_image(5)), HasSubstr("have 2, 1 and 1 entries"));
  config.cnn_kernels = {3, 4};
  config.cnn_strides = {1, 1};
  EXPECT_THAT(refused(config, with_image(5)),
              HasSubstr("agent.cnn_kernels: 4 is larger than what convolution 1 leaves, 3x3x8"));
}

}  // namespace
}  // namespace tern
