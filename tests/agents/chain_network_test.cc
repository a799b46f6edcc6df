// Convolutions, memory and late inputs in one network: outputs and gradients by central differences
// of an independent forward in double, poisoned; against the plain network; laws: learning
// recomputes what acting gave, threads change no bit, rows do not depend on their batch where that
// is promised.

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/gru_cell.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "agents/nn/network.h"
#include "agents/training/platform.h"
#include "tests/agents/central_differences.h"
#include "tests/agents/dense_reference.h"
#include "tests/agents/tensors.h"

namespace tern {
namespace {

using ::testing::Each;

constexpr std::int64_t kFeatures = 14, kLate = 2, kSize = 4, kRow = kFeatures + kLate + kSize;
constexpr std::int64_t kSequences = 3, kSteps = 3, kRows = kSequences * kSteps;
// Of row s * kSteps + t. What comes before the first step of a sequence is always read.
const std::vector<std::uint8_t> kResets = {0, 0, 1, 0, 0, 0, 1, 1, 0};

/// One number, an image of 4x3x1, one more number; two kernels of 2x2; a state of 4; two late
/// inputs.
NetworkSpec whole_chain() {
  NetworkSpec spec;
  spec.features = kFeatures;
  spec.convolutions = {{kFeatures, /*offset=*/1, {4, 3, 1}, {{2, 2, 1}}, Init::kOrthogonal}};
  spec.memory = MemorySpec{"gru", kSize};
  spec.late_inputs = kLate;
  spec.dense.hidden_sizes = {5};
  spec.dense.heads = {{"policy", 2, 1.0}, {"value", 1, 1.0}};
  spec.dense.free = {{"log_std", 2, -0.5}};
  return spec;
}

std::unique_ptr<Network> seeded(const NetworkSpec& spec) {
  set_up_platform();
  Rng rng(1, "chain network test");
  return make_network(spec, rng);
}

std::unique_ptr<Network> plain(const NetworkSpec& spec) {
  Rng rng(1, "chain network test");
  return make_plain_network(spec, rng);
}

at::Tensor random_matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed = 9) {
  Rng rng(seed, "random matrix");
  std::vector<float> values(static_cast<std::size_t>(rows * columns));
  for (float& value : values) value = static_cast<float>(rng.normal());
  return floats(values, {rows, columns});
}

SequenceInputs sequences_of(const at::Tensor& rows, std::int64_t steps,
                            const std::vector<std::uint8_t>& resets) {
  return {{rows.data_ptr<float>(), static_cast<std::size_t>(rows.size(0))},
          static_cast<std::size_t>(steps),
          resets.data()};
}

/// What a pass with the loss sum(outputs * weights) leaves.
struct Gradients {
  at::Tensor parameters, inputs, late;
};
Gradients gradients_of(Network& network, const SequenceInputs& batch, const at::Tensor& weights,
                       at::Tensor* outputs = nullptr) {
  const auto rows = static_cast<std::int64_t>(batch.inputs.rows);
  Gradients all;
  all.inputs = at::zeros({rows, static_cast<std::int64_t>(network.row_size())});
  all.late = at::zeros({rows, network.spec().late_inputs});
  network.zero_gradients();
  network.backpropagate(
      batch,
      [&](const Chunk& chunk, HeadRows out, HeadRows gradient) {
        copy_to_heads(network.spec().dense, weights.data_ptr<float>(), chunk, gradient);
        for (std::size_t r = 0; outputs != nullptr && r < chunk.rows(); ++r) {
          float* to = outputs->data_ptr<float>() + (chunk.begin + r) * 3;
          to = std::copy_n(out[0].data + r * out[0].stride, 2, to);
          *to = out[1].data[r * out[1].stride];
        }
      },
      {/*parameters=*/true, all.inputs.data_ptr<float>(), all.late.data_ptr<float>()});
  all.parameters = network.gradients().clone();
  return all;
}

/// All rows' heads again, in double, from the documented layout.
at::Tensor reference(const Network& network, const at::Tensor& parameters, const at::Tensor& rows) {
  const auto named = [&](const std::string& name) { return named_view(network, parameters, name); };
  const at::Tensor image = rows.narrow(1, 1, 12).view({-1, 4, 3, 1}).permute({0, 3, 1, 2});
  const at::Tensor y = at::relu(
      at::conv2d(image, named("encoder.0.weight").permute({0, 3, 1, 2}), named("encoder.0.bias")));
  const at::Tensor x =
      at::cat({y.permute({0, 2, 3, 1}).flatten(1), rows.narrow(1, 0, 1), rows.narrow(1, 13, 1)}, 1);
  std::vector<at::Tensor> states;
  at::Tensor h;
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    if (i % kSteps == 0) {
      h = rows[i].narrow(0, kFeatures + kLate, kSize).unsqueeze(0);
    } else if (kResets[static_cast<std::size_t>(i)]) {
      h = at::zeros({1, kSize}, at::kDouble);
    }
    h = at::gru_cell(x[i].unsqueeze(0), h, named("recurrent.input.weight").t(),
                     named("recurrent.state.weight").t(), named("recurrent.input.bias"),
                     named("recurrent.state.bias"));
    states.push_back(h.squeeze(0));
  }
  return dense_reference(network, parameters,
                         at::cat({at::stack(states), rows.narrow(1, kFeatures, kLate)}, 1));
}

// ---- Gradients ----------------------------------------------------------------------------------

struct GradientCase {
  double f(const at::Tensor& parameters, const at::Tensor& some_rows) const {
    return (reference(*network, parameters, some_rows) * weights).sum().item<double>();
  }

  std::unique_ptr<Network> network = seeded(whole_chain());
  at::Tensor rows = random_matrix(kRows, kRow), weights = random_matrix(kRows, 3, /*seed=*/10);
};

// Sums of some dozens of float32 products of order 1, through three steps.
constexpr double kFloatTolerance = 2e-5;

TEST(ChainGradient, ReferenceAndNetworkAgreeOnTheOutputs) {
  const GradientCase c;
  at::Tensor outputs = at::zeros({kRows, 3});
  gradients_of(*c.network, sequences_of(c.rows, kSteps, kResets), c.weights, &outputs);
  const at::Tensor expected =
      reference(*c.network, c.network->parameters().to(at::kDouble), c.rows.to(at::kDouble));
  EXPECT_LT((outputs - expected).abs().max().item<double>(), kFloatTolerance);
}

TEST(ChainGradient, OfParametersMatchesCentralDifferences) {
  const GradientCase c;
  const std::vector<double> numeric = central_differences(
      [&](const std::vector<double>& p) { return c.f(doubles(p), c.rows.to(at::kDouble)); },
      values_of(c.network->parameters()));
  const std::vector<double> gradient = values_of(
      gradients_of(*c.network, sequences_of(c.rows, kSteps, kResets), c.weights).parameters);
  EXPECT_LT(worst_gradient_error(numeric, gradient), kFloatTolerance);
  for (const ParameterInfo& info : c.network->layout()) {
    std::vector<double> poisoned = gradient;
    poisoned[static_cast<std::size_t>(info.offset)] += 1e-3;
    EXPECT_GT(worst_gradient_error(numeric, poisoned), 10 * kFloatTolerance) << info.name;
    if (info.name == "log_std") continue;
    const auto begin = numeric.begin() + info.offset;
    EXPECT_TRUE(std::any_of(begin, begin + info.size, [](double x) { return std::abs(x) > 1e-2; }))
        << info.name << " has no gradient to see";
  }
}

TEST(ChainGradient, OfInputsMatchesCentralDifferences) {
  const GradientCase c;
  const at::Tensor parameters = c.network->parameters().to(at::kDouble);
  const std::vector<double> numeric = central_differences(
      [&](const std::vector<double>& x) {
        return c.f(parameters, doubles(x, {kRows, kRow}));
      },
      values_of(c.rows));
  const Gradients all = gradients_of(*c.network, sequences_of(c.rows, kSteps, kResets), c.weights);
  const std::vector<double> gradient = values_of(all.inputs);
  EXPECT_LT(worst_gradient_error(numeric, gradient), kFloatTolerance);
  // Of the second row, a pixel and a late input; a state that is not read has none.
  for (const std::int64_t column : {std::int64_t{3}, kFeatures}) {
    std::vector<double> poisoned = gradient;
    poisoned[static_cast<std::size_t>(kRow + column)] += 1e-3;
    EXPECT_GT(worst_gradient_error(numeric, poisoned), 10 * kFloatTolerance) << column;
  }
  EXPECT_THAT(values_of(all.inputs[1].narrow(0, kFeatures + kLate, kSize)), Each(0));
  EXPECT_GT(all.inputs[3].narrow(0, kFeatures + kLate, kSize).abs().max().item<double>(), 1e-3);
  EXPECT_TRUE(at::equal(all.late, all.inputs.narrow(1, kFeatures, kLate)));
}

// What SAC and TD3 need: dQ/da, the critic's parameters untouched.
TEST(ChainGradient, OfLateInputsAloneIsTheSameAndLeavesParametersAlone) {
  for (const bool is_flat : {false, true}) {
    NetworkSpec spec = whole_chain();
    if (is_flat) spec.convolutions.clear(), spec.memory.reset();
    const auto network = seeded(spec);
    const at::Tensor rows = random_matrix(kRows, static_cast<std::int64_t>(network->row_size()));
    const at::Tensor weights = random_matrix(kRows, 3, 10);
    const BatchInputs inputs{rows.data_ptr<float>(), kRows};
    const Gradients all = gradients_of(*network, {inputs, 1, nullptr}, weights);
    EXPECT_GT(all.late.abs().min().item<double>(), 0);
    network->zero_gradients();
    at::Tensor alone = at::zeros({kRows, kLate});
    const auto loss = [&](const Chunk& chunk, HeadRows, HeadRows gradient) {
      copy_to_heads(network->spec().dense, weights.data_ptr<float>(), chunk, gradient);
    };
    network->late_input_gradient({inputs}, loss, alone.data_ptr<float>());
    EXPECT_TRUE(at::equal(alone, all.late));
    EXPECT_THAT(values_of(network->gradients()), Each(0));
    const at::Tensor of_inputs = network->input_gradient(rows, weights);
    EXPECT_TRUE(at::equal(of_inputs, all.inputs));
    EXPECT_THAT(values_of(network->gradients()), Each(0));
    network->accumulate_gradient(inputs, loss);
    EXPECT_TRUE(at::equal(network->gradients(), all.parameters));
  }
}

/// Q1 and Q2 of two features and an action.
NetworkSpec twins() {
  NetworkSpec spec;
  spec.features = 2;
  spec.late_inputs = 1;
  spec.dense.hidden_sizes = {6};
  spec.dense.heads = {{"q1", 1, 1.0}, {"q2", 1, 1.0}};
  return spec;
}

// An actor climbs min(Q1, Q2): the loss sees both outputs and sends its gradient into the smaller.
TEST(TwinNetworks, GiveTheGradientOfTheSmallerByTheAction) {
  const auto network = seeded(twins());
  const at::Tensor rows = random_matrix(40, 3);
  at::Tensor gradient = at::zeros({40, 1});
  int firsts = 0;
  network->late_input_gradient(
      {rows.data_ptr<float>(), 40},
      [&](const Chunk& chunk, HeadRows q, HeadRows dq) {
        for (std::size_t r = 0; r < chunk.rows(); ++r) {
          const bool is_first = q[0].data[r * q[0].stride] < q[1].data[r * q[1].stride];
          firsts += is_first;
          dq[0].data[r * dq[0].stride] = is_first ? 1 : 0;
          dq[1].data[r * dq[1].stride] = is_first ? 0 : 1;
        }
      },
      gradient.data_ptr<float>());
  EXPECT_GT(firsts, 5);
  EXPECT_LT(firsts, 35);
  const at::Tensor parameters = network->parameters().to(at::kDouble);
  const at::Tensor features = rows.to(at::kDouble).narrow(1, 0, 2);
  const auto sum_of_smaller = [&](const std::vector<double>& actions) {
    const at::Tensor q =
        dense_reference(*network, parameters, at::cat({features, doubles(actions, {40, 1})}, 1));
    return std::get<0>(q.min(1)).sum().item<double>();
  };
  EXPECT_LT(
      worst_gradient_error(sum_of_smaller, values_of(rows.narrow(1, 2, 1)), values_of(gradient)),
      kFloatTolerance);
}

// ---- Against the plain network
// --------------------------------------------------------------------

TEST(ChainNetwork, IsWhatLibTorchsLayersAndTapeCompute) {
  const auto network = seeded(whole_chain()), other = plain(whole_chain());
  ASSERT_TRUE(at::equal(network->parameters(), other->parameters()));
  const at::Tensor rows = random_matrix(kRows, kRow), weights = random_matrix(kRows, 3, 10);
  const SequenceInputs batch = sequences_of(rows, kSteps, kResets);
  EXPECT_LT(relative_error(network->infer(rows), other->infer(rows).to(at::kDouble)), 1e-5);
  const Gradients a = gradients_of(*network, batch, weights),
                  b = gradients_of(*other, batch, weights);
  EXPECT_LT(relative_error(a.parameters, b.parameters.to(at::kDouble)), 1e-5);
  EXPECT_LT(relative_error(a.inputs, b.inputs.to(at::kDouble)), 1e-5);
  EXPECT_LT(relative_error(a.late, b.late.to(at::kDouble)), 1e-5);
  other->zero_gradients();
  other->input_gradient(rows, weights);
  EXPECT_THAT(values_of(other->gradients()), Each(0));
}

// ---- Laws ---------------------------------------------------------------------------------------

// The law that makes PPO's first ratio 1.
TEST(ChainNetwork, LearningRecomputesWhatActingGave) {
  const auto network = seeded(whole_chain());
  at::Tensor rows = random_matrix(kRows, kRow), acted = at::zeros({kRows, 3});
  for (std::int64_t t = 0; t < kSteps; ++t) {  // all sequences at once, as envs act
    std::vector<std::int32_t> index;
    for (std::int64_t s = 0; s < kSequences; ++s) {
      index.push_back(static_cast<std::int32_t>(s * kSteps + t));
    }
    std::vector<float> out(kSequences * (3 + kSize));
    network->infer({rows.data_ptr<float>(), kSequences, index.data()}, out.data());
    for (std::int64_t s = 0; s < kSequences; ++s) {
      const float* row = out.data() + s * (3 + kSize);
      const std::int64_t i = s * kSteps + t;
      std::copy_n(row, 3, acted.data_ptr<float>() + i * 3);
      if (t + 1 == kSteps) continue;
      float* next = rows.data_ptr<float>() + (i + 1) * kRow + kFeatures + kLate;
      std::copy_n(row + 3, kSize, next);
      if (kResets[static_cast<std::size_t>(i + 1)]) std::fill_n(next, kSize, 0.0f);
    }
  }
  at::Tensor learned = at::zeros({kRows, 3});
  gradients_of(*network, sequences_of(rows, kSteps, kResets), random_matrix(kRows, 3), &learned);
  EXPECT_TRUE(at::equal(learned, acted));
}

TEST(ChainNetwork, ThreadsDoNotChangeABit) {
  const auto network = seeded(whole_chain());
  const std::int64_t count = 300;  // several blocks of inference and chunks of every layer
  const at::Tensor rows = random_matrix(count, kRow), weights = random_matrix(count, 3, 10);
  std::vector<std::uint8_t> resets(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < resets.size(); i += 7) resets[i] = 1;
  const SequenceInputs batch = sequences_of(rows, 6, resets);
  const at::Tensor outputs = network->infer(rows);
  const Gradients one = gradients_of(*network, batch, weights);
  for (const std::size_t threads : {2, 4}) {
    TaskPool pool(threads);
    network->use_threads(&pool);
    const Gradients many = gradients_of(*network, batch, weights);
    EXPECT_TRUE(at::equal(network->infer(rows), outputs)) << threads;
    EXPECT_TRUE(at::equal(many.parameters, one.parameters)) << threads;
    EXPECT_TRUE(at::equal(many.inputs, one.inputs)) << threads;
    EXPECT_TRUE(at::equal(many.late, one.late)) << threads;
    network->use_threads(nullptr);
  }
}

TEST(ChainNetwork, AnIndexPicksRowsAndTheirResets) {
  const auto network = seeded(whole_chain());
  const at::Tensor rows = random_matrix(kRows, kRow), weights = random_matrix(kRows, 3, 10);
  // The sequences from the last to the first.
  const std::vector<std::int32_t> index = {6, 7, 8, 3, 4, 5, 0, 1, 2};
  SequenceInputs picked = sequences_of(rows, kSteps, kResets);
  picked.inputs.index = index.data();
  at::Tensor turned = rows.clone();
  std::vector<std::uint8_t> turned_resets;
  for (std::size_t i = 0; i < index.size(); ++i) {
    turned[static_cast<std::int64_t>(i)] = rows[index[i]];
    turned_resets.push_back(kResets[static_cast<std::size_t>(index[i])]);
  }
  const Gradients a = gradients_of(*network, picked, weights);
  const Gradients b = gradients_of(*network, sequences_of(turned, kSteps, turned_resets), weights);
  EXPECT_TRUE(at::equal(a.parameters, b.parameters));
  EXPECT_TRUE(at::equal(a.inputs, b.inputs));
}

/// Of 150 rows how many outputs differ from those of the rows one by one, and how far at most.
struct Dependence {
  std::int64_t differing = 0;
  double worst = 0;
};
Dependence dependence_of(Network& network) {
  const at::Tensor rows = random_matrix(150, static_cast<std::int64_t>(network.row_size()));
  const at::Tensor all = network.infer(rows);
  Dependence found;
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    const at::Tensor error = (network.infer(rows.narrow(0, i, 1)) - all.narrow(0, i, 1)).abs();
    found.differing += error.gt(0).sum().item<std::int64_t>();
    found.worst = std::max(found.worst, error.max().item<double>());
  }
  return found;
}

std::vector<NetworkSpec> every_kind() {
  std::vector<NetworkSpec> kinds;
  for (const bool has_convolutions : {false, true}) {
    for (const bool has_memory : {false, true}) {
      for (const int late_inputs : {0, 2}) {
        NetworkSpec spec = whole_chain();
        if (!has_convolutions) spec.convolutions.clear();
        if (!has_memory) spec.memory.reset();
        spec.late_inputs = late_inputs;
        spec.dense.hidden_sizes = {33, 5};
        kinds.push_back(spec);
      }
    }
  }
  return kinds;
}

TEST(RowsAreIndependent, InEveryNetworkThatPromisesIt) {
  for (const NetworkSpec& spec : every_kind()) {
    const auto network = seeded(spec);
    EXPECT_TRUE(network->rows_are_independent() || !spec.convolutions.empty());
    if (!network->rows_are_independent()) continue;
    EXPECT_EQ(dependence_of(*network).differing, 0)
        << (!spec.convolutions.empty() ? "convolutions " : "") << (spec.memory ? "memory " : "")
        << spec.late_inputs;
  }
}

// LibTorch's products differ in their last bits, so this one makes no promise.
TEST(RowsAreIndependent, ThePlainNetworkDoesNotPromiseIt) {
  for (const NetworkSpec& spec : every_kind()) {
    const auto network = plain(spec);
    EXPECT_FALSE(network->rows_are_independent());
    EXPECT_LT(dependence_of(*network).worst, 1e-5);
  }
}

}  // namespace
}  // namespace tern
