// Oracle: the fused network against LibTorch's layers and autograd in double, within 1e-5 relative,
// at every SIMD level, with a poisoned gradient that must be seen. The plain network is held to the
// same numbers.

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "agents/nn/network.h"
#include "agents/nn/network_function.h"
#include "core/threads/task_pool.h"
#include "tests/agents/tensors.h"
#include "tests/error_of.h"
#include "tests/kernels/simd_levels.h"

namespace tern {
namespace {

struct Shape {
  int inputs;
  std::vector<int> hidden;
  std::string activation;
  bool share_trunk;
  std::int64_t batch;
  bool layer_norm = false;
  bool gives_hidden = false;
};

const std::vector<Shape> kShapes = {
    {4, {64, 64}, "tanh", false, 256},
    {4, {64, 64}, "relu", true, 100},
    {3, {}, "tanh", false, 7},
    {7, {5}, "tanh", true, 1},
    {12, {256, 256}, "relu", false, 300},
    {33, {40, 17, 9}, "tanh", true, 65},
    {4, {64, 64}, "silu", false, 256},
    {7, {5, 33}, "silu", true, 65},
    {4, {64, 64}, "elu", false, 256},
    {7, {5, 33}, "elu", true, 65},
    {4, {64, 64}, "tanh", false, 256, /*layer_norm=*/true},
    {12, {256, 256}, "relu", true, 300, /*layer_norm=*/true},
    {33, {40, 17, 9}, "silu", true, 65, /*layer_norm=*/true},
    {7, {5, 33}, "elu", false, 100, /*layer_norm=*/true},
    {7, {64, 33}, "relu", true, 100, /*layer_norm=*/false, /*gives_hidden=*/true},
    {12, {17, 40}, "tanh", true, 300, /*layer_norm=*/true, /*gives_hidden=*/true},
};

std::string described(const Shape& shape) {
  return shape.activation + (shape.layer_norm ? " with layer norm, " : ", ") +
         (shape.gives_hidden ? "hidden units given, " : "") +
         std::to_string(shape.hidden.size()) + " layers";
}

MlpSpec spec_of(const Shape& shape) {
  MlpSpec spec;
  spec.inputs = shape.inputs;
  spec.hidden_sizes = shape.hidden;
  spec.activation = shape.activation;
  spec.share_trunk = shape.share_trunk;
  spec.layer_norm = shape.layer_norm;
  spec.heads = {{"policy", 10, 1.0}, {"value", 1, 1.0}};
  if (shape.gives_hidden) {
    Head hidden{"hidden", shape.hidden.back()};
    hidden.gives_hidden = true;
    spec.heads.insert(spec.heads.begin() + 1, hidden);
  }
  spec.free = {{"log_std", 3, -0.5}};
  spec.init = Init::kUniform;
  return spec;
}

NetworkSpec network_of(const Shape& shape) {
  NetworkSpec spec;
  spec.features = shape.inputs;
  spec.dense = spec_of(shape);
  return spec;
}

at::Tensor normal_matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  Rng rng(seed, "fused network test");
  std::vector<float> values(static_cast<std::size_t>(rows * columns));
  for (float& value : values) value = static_cast<float>(rng.normal());
  return floats(values, {rows, columns});
}

/// Outputs in double, with the tape of `parameters` (flat) and `inputs`.
at::Tensor in_double(const MlpSpec& spec, const at::Tensor& parameters, const at::Tensor& inputs) {
  const std::vector<ParameterInfo> layout = mlp_layout(spec);
  std::size_t next = 0;
  const auto linear = [&](const at::Tensor& x) {
    const ParameterInfo &w = layout[next], &b = layout[next + 1];
    next += 2;
    return at::addmm(parameters.narrow(0, b.offset, b.size), x,
                     parameters.narrow(0, w.offset, w.size).view(w.shape));
  };
  const auto trunk = [&](at::Tensor x) {
    for (std::size_t i = 0; i < spec.hidden_sizes.size(); ++i) {
      x = linear(x);
      if (spec.layer_norm) {
        const ParameterInfo &gain = layout[next], &shift = layout[next + 1];
        next += 2;
        x = at::layer_norm(x, gain.shape, parameters.narrow(0, gain.offset, gain.size),
                           parameters.narrow(0, shift.offset, shift.size));
      }
      if (spec.activation == "tanh") x = at::tanh(x);
      if (spec.activation == "relu") x = at::relu(x);
      if (spec.activation == "elu") x = at::elu(x);
      if (spec.activation == "silu") x = at::silu(x);
    }
    return x;
  };
  at::Tensor features = spec.share_trunk ? trunk(inputs) : inputs;
  std::vector<at::Tensor> columns;
  for (std::size_t h = 0; h < spec.heads.size(); ++h) {
    columns.push_back(spec.heads[h].gives_hidden
                          ? features.detach()
                          : linear(spec.share_trunk ? features : trunk(inputs)));
  }
  return at::cat(columns, 1);
}

struct Errors {
  double outputs, gradient, input_gradient, poisoned;
};

Errors errors_of(Network& network, const Shape& shape) {
  const MlpSpec spec = spec_of(shape);
  const at::Tensor inputs = normal_matrix(shape.batch, shape.inputs, 1);
  const at::Tensor weights =
      normal_matrix(shape.batch, static_cast<std::int64_t>(output_columns(spec)), 2);
  const at::Tensor p = network.parameters().to(at::kDouble).set_requires_grad(true);
  const at::Tensor x = inputs.to(at::kDouble).set_requires_grad(true);
  const at::Tensor expected = in_double(spec, p, x);
  (expected * weights).sum().backward();

  network.zero_gradients();
  network.accumulate_gradient(inputs, weights);
  // In each parameter in turn one entry of average size is off by its size.
  double poisoned = INFINITY;
  for (const ParameterInfo& info : network.layout()) {
    at::Tensor wrong = network.gradients().clone();
    wrong[info.offset] += network.gradients().norm() / std::sqrt(static_cast<double>(wrong.numel()));
    poisoned = std::min(poisoned, relative_error(wrong, p.grad()));
  }
  return {relative_error(network.infer(inputs), expected.detach()),
          relative_error(network.gradients(), p.grad()),
          relative_error(network.input_gradient(inputs, weights), x.grad()), poisoned};
}

void expect_right(const Errors& errors) {
  EXPECT_LT(errors.outputs, 1e-5);
  EXPECT_LT(errors.gradient, 1e-5);
  EXPECT_LT(errors.input_gradient, 1e-5);
  EXPECT_GT(errors.poisoned, 1e-3);
}

/// Gains that are not all 1 and shifts that are not all 0.
void move_norms(Network& network) {
  for (const ParameterInfo& info : network.layout()) {
    if (info.name.find(".norm.") == std::string::npos) continue;
    network.parameters().narrow(0, info.offset, info.size) +=
        0.3 * normal_matrix(1, info.size, 4).view({info.size});
  }
}

class FusedNetwork : public SimdLevelTest {};
INSTANTIATE_TEST_SUITE_P(AtLevel, FusedNetwork, every_simd_level(), simd_level_name);

TEST_P(FusedNetwork, HasAutogradsOutputsAndGradients) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(described(shape));
    Rng rng(3, "parameters");
    const auto network = make_network(network_of(shape), rng);
    move_norms(*network);
    expect_right(errors_of(*network, shape));
  }
}

// In two steps, to the bit: outputs as infer() gives them, gradients as the pass with a loss does, on one
// thread and on several.
TEST_P(FusedNetwork, ForwardAndBackwardAreThePassInTwoSteps) {
  for (const std::size_t threads : {1, 3}) {
    TaskPool pool(threads);
    for (const Shape& shape : kShapes) {
      SCOPED_TRACE(described(shape));
      Rng rng(3, "parameters");
      const auto network = make_network(network_of(shape), rng);
      move_norms(*network);
      network->use_threads(&pool);
      const std::size_t columns = output_columns(network->spec().dense);
      const auto rows = static_cast<std::size_t>(shape.batch);
      const at::Tensor x = normal_matrix(shape.batch, shape.inputs, 1);
      const at::Tensor weights = normal_matrix(shape.batch, static_cast<std::int64_t>(columns), 2);
      const BatchInputs inputs{x.data_ptr<float>(), rows};
      std::vector<float> outputs(rows * columns), inferred(rows * columns);
      network->infer(inputs, inferred.data());
      network->zero_gradients();
      network->accumulate_gradient(x, weights);
      const at::Tensor once = network->gradients().clone();
      network->zero_gradients();
      network->forward({inputs}, outputs.data());
      network->infer(inputs, inferred.data());  // does not disturb what is kept
      network->backward({inputs}, weights.data_ptr<float>());
      EXPECT_EQ(outputs, inferred);
      EXPECT_TRUE(network->gradients().equal(once));
    }
  }
}

// Of networks side by side some alone: their inputs' gradient is that of a loss of theirs.
TEST_P(FusedNetwork, TheFirstHeadAloneHasItsInputGradient) {
  NetworkSpec spec;
  spec.features = 5;
  spec.late_inputs = 2;
  spec.dense.hidden_sizes = {17, 9};
  spec.dense.heads = {{"q1", 1}, {"q2", 1}};
  Rng rng(3, "parameters");
  const auto network = make_network(spec, rng);
  const at::Tensor x = normal_matrix(70, 7, 1);
  const auto of_first = [](const Chunk& chunk, HeadRows, HeadRows gradient) {
    for (std::size_t r = 0; r < chunk.rows(); ++r) {
      gradient[0].data[r * gradient.stride] = static_cast<float>(chunk.begin + r);
      gradient[1].data[r * gradient.stride] = 0;
    }
  };
  std::vector<float> both(70 * 2), first(70 * 2, 7.0f);
  network->late_input_gradient({x.data_ptr<float>(), 70}, of_first, both.data());
  network->late_input_gradient({x.data_ptr<float>(), 70}, of_first, first.data(), /*heads=*/1);
  EXPECT_EQ(first, both);
  EXPECT_NE(first, std::vector<float>(70 * 2, 0.0f));
}

// Sums of size 100 saturate a tanh or an elu, and exp(-sum) of a silu overflows: gradients through
// them vanish, and what is left must be right.
void expect_right_where_activations_saturate(const std::string& activation) {
  const Shape shape = {4, {64, 64}, activation, false, 64};
  Rng rng(3, "parameters");
  const auto network = make_network(network_of(shape), rng);
  network->parameters().mul_(20);
  const MlpSpec spec = spec_of(shape);
  const at::Tensor inputs = normal_matrix(64, 4, 1), weights = normal_matrix(64, 11, 2);
  const at::Tensor p = network->parameters().to(at::kDouble).set_requires_grad(true);
  (in_double(spec, p, inputs.to(at::kDouble)) * weights).sum().backward();
  network->accumulate_gradient(inputs, weights);
  EXPECT_LT(relative_error(network->gradients(), p.grad()), 1e-5) << activation;
}

TEST_P(FusedNetwork, IsRightWhereActivationsSaturate) {
  for (const char* each : {"tanh", "elu", "silu"}) expect_right_where_activations_saturate(each);
}

TEST(PlainNetwork, ADeviceThatIsNotThereIsAnError) {
  EXPECT_EQ(device_named("cpu"), ComputeDevice::kCpu);
  if (at::hasCUDA()) {
    EXPECT_EQ(device_named("cuda"), ComputeDevice::kCuda);
    return;
  }
  EXPECT_EQ(error_of([] { device_named("cuda"); }, ExitCode::kUsage),
            "agent.device: cuda, but LibTorch finds no CUDA device here; expected cpu");
}

TEST(PlainNetwork, HasAutogradsOutputsAndGradients) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(described(shape));
    Rng rng(3, "parameters");
    const auto network = make_plain_network(network_of(shape), rng);
    move_norms(*network);
    expect_right(errors_of(*network, shape));
  }
}

// ---- On the tape --------------------------------------------------------------------------------

// A user's loss, here sum of squares: the gradient of parameters and inputs is autograd's.
TEST(NetworkFunction, PutsTheFusedNetworkOnTheTape) {
  const Shape shape = kShapes[0];
  Rng rng(3, "parameters");
  const auto network = make_network(network_of(shape), rng);
  const at::Tensor inputs = normal_matrix(shape.batch, shape.inputs, 1).set_requires_grad(true);
  const at::Tensor p = network->parameters().to(at::kDouble).set_requires_grad(true);
  const at::Tensor x = inputs.detach().to(at::kDouble).set_requires_grad(true);
  in_double(spec_of(shape), p, x).pow(2).sum().backward();

  taped_outputs(*network, inputs).pow(2).sum().backward();
  EXPECT_LT(relative_error(network->gradients(), p.grad()), 1e-5);
  EXPECT_LT(relative_error(inputs.grad(), x.grad()), 1e-5);
}

TEST(NetworkFunction, AddsToTheGradientsThatAreThere) {
  Rng rng(3, "parameters");
  const auto network = make_network(network_of(kShapes[0]), rng);
  const at::Tensor inputs = normal_matrix(16, 4, 1);
  taped_outputs(*network, inputs).sum().backward();
  const at::Tensor once = network->gradients().clone();
  taped_outputs(*network, inputs).sum().backward();
  EXPECT_EQ(relative_error(network->gradients(), (2 * once).to(at::kDouble)), 0);
}

}  // namespace
}  // namespace tern
