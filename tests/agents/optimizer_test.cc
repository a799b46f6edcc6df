// Oracle: our optimisers against LibTorch's over many steps. (Worked examples by hand, at every
// SIMD level, are in tests/kernels/optimizer_test.cc.)

#include "agents/kernels/optimizer.h"

#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/rmsprop.h>

#include <memory>
#include <string>

#include "core/rng.h"
#include "tests/agents/tensors.h"

namespace tern {
namespace {

constexpr std::int64_t kSize = 37;
constexpr double kRate = 0.01, kEpsilon = 1e-3, kDecay = 0.1;

at::Tensor normals(Rng& rng) {
  std::vector<float> values(kSize);
  for (float& value : values) value = static_cast<float>(rng.normal());
  return floats(values);
}

std::unique_ptr<torch::optim::Optimizer> libtorchs(const std::string& kind, at::Tensor parameters) {
  namespace optim = torch::optim;
  const std::vector<at::Tensor> all = {std::move(parameters)};
  if (kind == "adam") {
    return std::make_unique<optim::Adam>(all, optim::AdamOptions(kRate).eps(kEpsilon));
  }
  if (kind == "adamw") {
    return std::make_unique<optim::AdamW>(
        all, optim::AdamWOptions(kRate).eps(kEpsilon).weight_decay(kDecay));
  }
  return std::make_unique<optim::RMSprop>(all, optim::RMSpropOptions(kRate).eps(kEpsilon));
}

/// The largest difference of a parameter after `steps` random gradients.
double worst_difference(const std::string& kind, const OptimizerOptions& options, int steps = 50) {
  Rng rng(1, "optimiser oracle");
  at::Tensor ours = normals(rng), theirs = ours.clone().set_requires_grad(true);
  Optimizer optimizer(kSize, options);
  const auto oracle = libtorchs(kind, theirs);
  for (int i = 0; i < steps; ++i) {
    const at::Tensor gradient = normals(rng);
    theirs.mutable_grad() = gradient.clone();
    oracle->step();
    optimizer.step({ours.data_ptr<float>(), kSize}, {gradient.data_ptr<float>(), kSize}, kRate);
  }
  return (ours - theirs.detach()).abs().max().item<double>();
}

class OptimizerOracle : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Of, OptimizerOracle, ::testing::Values("adam", "adamw", "rmsprop"),
                         [](const auto& info) { return info.param; });

// Parameters are of order 1 and rounded 50 times by at most 6e-8 each.
TEST_P(OptimizerOracle, StepsAreLibTorchs) {
  const double decay = GetParam() == "adamw" ? kDecay : 0;
  EXPECT_LT(worst_difference(GetParam(), {GetParam(), kEpsilon, decay}), 3e-6);
}

TEST_P(OptimizerOracle, AnotherEpsilonIsSeen) {
  const double decay = GetParam() == "adamw" ? kDecay : 0;
  EXPECT_GT(worst_difference(GetParam(), {GetParam(), 2 * kEpsilon, decay}), 3e-5);
}

TEST(OptimizerOracle, AForgottenWeightDecayIsSeen) {
  EXPECT_GT(worst_difference("adamw", {"adamw", kEpsilon, 0}), 3e-5);
}

}  // namespace
}  // namespace tern
