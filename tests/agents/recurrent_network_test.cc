// A recurrent network held to LibTorch's gru_cell: outputs, and gradients through time on its tape,
// with a poisoned case; laws: what acting says is what learning recomputes, to the bit, and threads
// change nothing.

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/gru_cell.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "agents/nn/network.h"
#include "agents/training/platform.h"
#include "tests/agents/dense_reference.h"
#include "tests/agents/tensors.h"

namespace tern {
namespace {

constexpr std::int64_t kFeatures = 3, kSize = 10, kRow = kFeatures + kSize, kSequences = 5,
                       kSteps = 4, kRows = kSequences * kSteps;

std::unique_ptr<Network> seeded(const std::string& activation = "tanh", bool layer_norm = false) {
  set_up_platform();
  NetworkSpec spec;
  spec.features = kFeatures;
  spec.memory = MemorySpec{"gru", kSize};
  spec.dense.hidden_sizes = {6};
  spec.dense.activation = activation;
  spec.dense.layer_norm = layer_norm;
  spec.dense.heads = {{"policy", 2, 1.0}, {"value", 1, 1.0}};
  Rng rng(1, "recurrent network test");
  return make_network(spec, rng);
}

at::Tensor random_matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed = 9) {
  Rng rng(seed, "random matrix");
  std::vector<float> values(static_cast<std::size_t>(rows * columns));
  for (float& value : values) value = static_cast<float>(rng.normal());
  return floats(values, {rows, columns});
}

// Of row s * kSteps + t.
const std::vector<std::uint8_t> kResets = {0, 0, 1, 0, 0, 0, 0, 0, 0, 1,
                                           1, 0, 0, 0, 0, 1, 0, 0, 0, 0};

/// All rows' heads, in double, on the tape of `parameters`.
at::Tensor reference(const Network& network, const at::Tensor& parameters, const at::Tensor& rows) {
  const auto named = [&](const std::string& name) { return named_view(network, parameters, name); };
  std::vector<at::Tensor> states(kRows);
  for (std::int64_t s = 0; s < kSequences; ++s) {
    at::Tensor h = rows[s * kSteps].narrow(0, kFeatures, kSize).unsqueeze(0);
    for (std::int64_t i = s * kSteps; i < (s + 1) * kSteps; ++i) {
      if (kResets[static_cast<std::size_t>(i)] && i % kSteps > 0)
        h = at::zeros({1, kSize}, at::kDouble);
      h = at::gru_cell(rows[i].narrow(0, 0, kFeatures).unsqueeze(0), h,
                       named("recurrent.input.weight").t(), named("recurrent.state.weight").t(),
                       named("recurrent.input.bias"), named("recurrent.state.bias"));
      states[static_cast<std::size_t>(i)] = h.squeeze(0);
    }
  }
  return dense_reference(network, parameters, at::stack(states));
}

/// Gradient of the sum of outputs * weights; `outputs` gets what the pass said.
at::Tensor gradient_of(Network& network, const at::Tensor& rows, const at::Tensor& weights,
                       at::Tensor* outputs = nullptr, const std::int32_t* index = nullptr) {
  network.zero_gradients();
  network.accumulate_sequence_gradient(
      {{rows.data_ptr<float>(), kRows, index}, kSteps, kResets.data()},
      [&](const Chunk& chunk, HeadRows out, HeadRows gradient) {
        copy_to_heads(network.spec().dense, weights.data_ptr<float>(), chunk, gradient);
        for (std::size_t r = 0; outputs != nullptr && r < chunk.rows(); ++r) {
          float* to = outputs->data_ptr<float>() + (chunk.begin + r) * 3;
          to = std::copy_n(out[0].data + r * out[0].stride, 2, to);
          *to = out[1].data[r * out[1].stride];
        }
      });
  return network.gradients().clone();
}

double worst(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

// Float32 sums of products of order 1 through four steps, against double.
constexpr double kTolerance = 2e-5;

void expect_libtorchs_outputs_and_gradients(const std::string& activation, bool layer_norm) {
  SCOPED_TRACE(activation + (layer_norm ? " after a norm" : ""));
  const auto network = seeded(activation, layer_norm);
  const at::Tensor rows = random_matrix(kRows, kRow), weights = random_matrix(kRows, 3, 10);
  const at::AutoGradMode with_grad(true);
  const at::Tensor leaf = network->parameters().to(at::kDouble).clone().set_requires_grad(true);
  const at::Tensor expected = reference(*network, leaf, rows.to(at::kDouble));
  (expected * weights.to(at::kDouble)).sum().backward();
  at::Tensor outputs = at::zeros({kRows, 3});
  const at::Tensor gradient = gradient_of(*network, rows, weights, &outputs);
  EXPECT_LT(worst(outputs, expected.detach()), kTolerance);
  EXPECT_LT(worst(gradient, leaf.grad()), kTolerance);
  for (const ParameterInfo& info : network->layout()) {
    at::Tensor poisoned = gradient.clone();
    poisoned.data_ptr<float>()[info.offset] += 1e-3f;
    EXPECT_GT(worst(poisoned, leaf.grad()), 10 * kTolerance) << info.name;
    EXPECT_GT(leaf.grad().narrow(0, info.offset, info.size).abs().max().item<double>(), 1e-2)
        << info.name << " has no gradient to see";
  }
}

TEST(RecurrentNetwork, OutputsAndGradientsAreThoseOfLibTorch) {
  for (const char* activation : {"tanh", "relu", "elu", "silu"}) {
    for (const bool layer_norm : {false, true}) {
      expect_libtorchs_outputs_and_gradients(activation, layer_norm);
    }
  }
}

// The law that makes PPO's first ratio 1.
TEST(RecurrentNetwork, LearningRecomputesWhatActingSaid) {
  const auto network = seeded();
  at::Tensor rows = random_matrix(kRows, kRow);
  at::Tensor acted = at::zeros({kRows, 3});
  for (std::int64_t t = 0; t < kSteps; ++t) {  // all sequences at once, as envs act
    std::vector<std::int32_t> index;
    for (std::int64_t s = 0; s < kSequences; ++s)
      index.push_back(static_cast<std::int32_t>(s * kSteps + t));
    std::vector<float> out(kSequences * (3 + kSize));
    network->infer({rows.data_ptr<float>(), kSequences, index.data()}, out.data());
    for (std::int64_t s = 0; s < kSequences; ++s) {
      const float* row = out.data() + s * (3 + kSize);
      const std::int64_t i = s * kSteps + t;
      std::copy_n(row, 3, acted.data_ptr<float>() + i * 3);
      if (t + 1 == kSteps) continue;
      float* next = rows.data_ptr<float>() + (i + 1) * kRow + kFeatures;
      std::copy_n(row + 3, kSize, next);
      if (kResets[static_cast<std::size_t>(i + 1)]) std::fill_n(next, kSize, 0.0f);
    }
  }
  at::Tensor learned = at::zeros({kRows, 3});
  gradient_of(*network, rows, random_matrix(kRows, 3), &learned);
  EXPECT_TRUE(at::equal(learned, acted));
}

// Also over rows that an index chooses, in their order.
TEST(RecurrentNetwork, RemembersWhatInferringLeaves) {
  const auto network = seeded();
  const at::Tensor rows = random_matrix(kRows, kRow);
  std::vector<std::int32_t> backwards;  // sequences from the last to the first
  for (std::int64_t s = kSequences; s-- > 0;) {
    for (std::int64_t t = 0; t < kSteps; ++t) {
      backwards.push_back(static_cast<std::int32_t>(s * kSteps + t));
    }
  }
  std::vector<float> states(kRows * kSize), turned(kRows * kSize), out(3 + kSize);
  network->remember({{rows.data_ptr<float>(), kRows}, kSteps, kResets.data()}, states.data());
  network->remember({{rows.data_ptr<float>(), kRows, backwards.data()}, kSteps, kResets.data()},
                    turned.data());
  for (std::int64_t i = 0; i < kRows; ++i) {
    std::vector<float> row(rows.data_ptr<float>() + i * kRow,
                           rows.data_ptr<float>() + (i + 1) * kRow);
    if (i % kSteps > 0) {
      std::copy_n(states.data() + (i - 1) * kSize, kSize, row.data() + kFeatures);
      if (kResets[static_cast<std::size_t>(i)]) std::fill_n(row.data() + kFeatures, kSize, 0.0f);
    }
    network->infer({row.data(), 1}, out.data());
    for (std::int64_t j = 0; j < kSize; ++j) {
      ASSERT_EQ(states[static_cast<std::size_t>(i * kSize + j)],
                out[static_cast<std::size_t>(3 + j)]);
    }
    const std::int64_t s = i / kSteps, there = (kSequences - 1 - s) * kSteps + i % kSteps;
    ASSERT_TRUE(std::equal(out.begin() + 3, out.end(), turned.begin() + there * kSize));
  }
}

TEST(RecurrentNetwork, ThePlainNetworkRemembersAndTakesTwoStepsAlike) {
  const auto network = seeded();
  Rng rng(1, "recurrent network test");
  const auto plain = make_plain_network(network->spec(), rng);
  const at::Tensor rows = random_matrix(kRows, kRow), weights = random_matrix(kRows, 3, 10);
  const SequenceInputs batch{{rows.data_ptr<float>(), kRows}, kSteps, kResets.data()};
  at::Tensor states[2], heads[2];
  for (Network* each : {network.get(), plain.get()}) {
    const std::size_t i = each == plain.get();
    states[i] = at::zeros({kRows, kSize}), heads[i] = at::zeros({kRows, 3});
    each->remember(batch, states[i].data_ptr<float>());
    each->zero_gradients();
    each->forward(batch, heads[i].data_ptr<float>());
    each->backward(batch, weights.data_ptr<float>());
  }
  EXPECT_LT(worst(states[0], states[1]), kTolerance);
  EXPECT_LT(worst(heads[0], heads[1]), kTolerance);
  EXPECT_LT(worst(network->gradients(), plain->gradients()), kTolerance);
}

TEST(RecurrentNetwork, ForwardAndBackwardThroughTimeAreThePassInTwoSteps) {
  const auto network = seeded();
  const at::Tensor rows = random_matrix(kRows, kRow), weights = random_matrix(kRows, 3, 10);
  at::Tensor outputs = at::zeros({kRows, 3}), heads = at::zeros({kRows, 3});
  const at::Tensor once = gradient_of(*network, rows, weights, &outputs);
  for (const std::size_t threads : {1, 3}) {
    TaskPool pool(threads);
    network->use_threads(&pool);
    const SequenceInputs batch{{rows.data_ptr<float>(), kRows}, kSteps, kResets.data()};
    network->zero_gradients();
    network->forward(batch, heads.data_ptr<float>());
    network->infer(rows);  // does not disturb what is kept
    network->backward(batch, weights.data_ptr<float>());
    EXPECT_TRUE(at::equal(heads, outputs));
    EXPECT_TRUE(at::equal(network->gradients(), once));
    network->use_threads(nullptr);
  }
}

TEST(RecurrentNetwork, ThreadsDoNotChangeABit) {
  const auto network = seeded();
  const at::Tensor rows = random_matrix(kRows, kRow), weights = random_matrix(kRows, 3, 10);
  const at::Tensor one = gradient_of(*network, rows, weights), said = network->infer(rows);
  for (const std::size_t threads : {2, 4}) {
    TaskPool pool(threads);
    network->use_threads(&pool);
    EXPECT_TRUE(at::equal(gradient_of(*network, rows, weights), one)) << threads;
    EXPECT_TRUE(at::equal(network->infer(rows), said)) << threads;
    network->use_threads(nullptr);
  }
}

TEST(RecurrentNetwork, ACloneSharesNothing) {
  const auto network = seeded();
  const auto copy = network->clone();
  const at::Tensor rows = random_matrix(3, kRow), before = network->infer(rows);
  EXPECT_EQ(before.size(1), 3 + kSize);
  network->parameters().mul_(2);
  EXPECT_TRUE(at::equal(copy->infer(rows), before));
}

}  // namespace
}  // namespace tern
