// Worked examples of layout and forward; gradients by central differences, with a poisoned case;
// laws of initialisation, cloning and accumulation.
//
// The network computes in float32, too coarse for differences: an independent forward in double,
// written from the documented layout only, is first shown to agree with it and then differentiated.

#include "agents/nn/network.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>

#include "core/error.h"
#include "tests/agents/central_differences.h"
#include "tests/agents/tensors.h"

namespace tern {
namespace {

using ::testing::DoubleNear;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Pointwise;

MlpSpec actor_critic(bool share_trunk, const std::string& activation = "tanh") {
  MlpSpec spec;
  spec.inputs = 3;
  spec.hidden_sizes = {5, 4};
  spec.activation = activation;
  spec.share_trunk = share_trunk;
  spec.heads = {{"policy", 2, 0.01}, {"value", 1, 1.0}};
  spec.free = {{"log_std", 2, -0.5}};
  return spec;
}

std::unique_ptr<Network> seeded(const MlpSpec& spec, std::uint64_t seed = 1) {
  Rng rng(seed, "network test");
  NetworkSpec network;
  network.features = spec.inputs;
  network.dense = spec;
  return make_network(network, rng);
}

at::Tensor random_matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed = 9) {
  Rng rng(seed, "random matrix");
  std::vector<float> values(static_cast<std::size_t>(rows * columns));
  for (float& value : values) value = static_cast<float>(rng.normal());
  return floats(values, {rows, columns});
}

/// "name@offset,extent,extent " for each parameter.
std::string described(const std::vector<ParameterInfo>& layout) {
  std::ostringstream text;
  for (const ParameterInfo& info : layout) {
    text << info.name << '@' << info.offset;
    for (const std::int64_t extent : info.shape) text << ',' << extent;
    text << ' ';
  }
  return text.str();
}

// ---- Layout and forward, by hand ----------------------------------------------------------------

TEST(MlpLayout, SeparateTrunksComeWithTheirHeads) {
  EXPECT_EQ(described(mlp_layout(actor_critic(/*share_trunk=*/false))),
            "policy.0.weight@0,3,5 policy.0.bias@15,5 policy.1.weight@20,5,4 policy.1.bias@40,4 "
            "policy.out.weight@44,4,2 policy.out.bias@52,2 "
            "value.0.weight@54,3,5 value.0.bias@69,5 value.1.weight@74,5,4 value.1.bias@94,4 "
            "value.out.weight@98,4,1 value.out.bias@102,1 log_std@103,2 ");
}

TEST(MlpLayout, ASharedTrunkComesOnceBeforeTheHeads) {
  EXPECT_EQ(described(mlp_layout(actor_critic(/*share_trunk=*/true))),
            "trunk.0.weight@0,3,5 trunk.0.bias@15,5 trunk.1.weight@20,5,4 trunk.1.bias@40,4 "
            "policy.out.weight@44,4,2 policy.out.bias@52,2 "
            "value.out.weight@54,4,1 value.out.bias@58,1 log_std@59,2 ");
}

MlpSpec two_three_one(const std::string& activation) {
  MlpSpec spec;
  spec.inputs = 2;
  spec.hidden_sizes = {3};
  spec.activation = activation;
  spec.heads = {{"q", 1, 1.0}};
  return spec;
}

// Weights are input-major: row i of a layer holds what input i gives to each unit.
//   x = (1, 2), W = (1 2 3; 4 5 6), b = (0.5, -20, 1): sums 1 + 8 + 0.5 = 9.5, 2 + 10 - 20 = -8,
//   3 + 12 + 1 = 16; relu: 9.5, 0, 16; out = 9.5 * 1 + 0 * 10 + 16 * 0.5 - 1 = 16.5.
TEST(MlpForward, MultipliesInputMajorWeights) {
  const auto network = seeded(two_three_one("relu"));
  network->parameters().copy_(floats({1, 2, 3, 4, 5, 6, 0.5, -20, 1, /*out:*/ 1, 10, 0.5, -1}));
  EXPECT_THAT(values_of(network->infer(floats({1, 2}, {1, 2}))), ElementsAre(16.5));
}

// tanh(ln(3) / 2) = (3 - 1) / (3 + 1) = 1/2, tanh(0) = 0, tanh(-ln(3) / 2) = -1/2 with x = (1, 0):
// out = 4 * 1/2 + 100 * 0 - 2 * 1/2 + 3 = 4.
TEST(MlpForward, AppliesTanh) {
  const auto network = seeded(two_three_one("tanh"));
  const auto half = static_cast<float>(std::log(3.0) / 2);
  network->parameters().copy_(
      floats({half, 0, -half, 7, 7, 7, 0, 0, 0, /*out:*/ 4, 100, 2, 3}));
  EXPECT_NEAR(network->infer(floats({1, 0}, {1, 2})).item<double>(), 4, 1e-6);
}

TEST(MlpForward, WithoutHiddenLayersIsLinear) {
  MlpSpec spec = two_three_one("tanh");
  spec.hidden_sizes = {};
  const auto network = seeded(spec);
  network->parameters().copy_(floats({3, 5, 7}));
  EXPECT_THAT(values_of(network->infer(floats({1, 2}, {1, 2}))), ElementsAre(20));
}

// The law that makes PPO's first ratio 1: whether acting or learning, in whatever batch, a row's
// outputs are the same bits.
TEST(MlpForward, ARowsOutputsDoNotDependOnItsBatch) {
  for (const bool share_trunk : {false, true}) {
    MlpSpec spec = actor_critic(share_trunk);
    spec.hidden_sizes = {37, 130};  // no whole number of vectors; chunks of 128 rows
    const auto network = seeded(spec);
    const std::int64_t batch = 300;
    const at::Tensor inputs = random_matrix(batch, 3);
    const at::Tensor all = network->infer(inputs);
    for (const std::int64_t i : {0, 1, 127, 128, 299}) {
      EXPECT_TRUE(at::equal(network->infer(inputs.narrow(0, i, 1)), all.narrow(0, i, 1))) << i;
    }
    EXPECT_TRUE(at::equal(network->infer(inputs.narrow(0, 5, 8)), all.narrow(0, 5, 8)));
    std::vector<double> seen(static_cast<std::size_t>(batch * 3));
    network->accumulate_gradient(
        {inputs.data_ptr<float>(), static_cast<std::size_t>(batch)},
        [&](const Chunk& chunk, HeadRows outputs, HeadRows gradient) {
          for (std::size_t r = 0; r < chunk.rows(); ++r) {
            const std::size_t row = (chunk.begin + r) * 3;
            for (std::size_t j = 0; j < 2; ++j) {
              seen[row + j] = outputs[0].data[r * outputs[0].stride + j];
              gradient[0].data[r * gradient[0].stride + j] = 0;
            }
            seen[row + 2] = outputs[1].data[r * outputs[1].stride];
            gradient[1].data[r * gradient[1].stride] = 0;
          }
        });
    EXPECT_EQ(seen, values_of(all));
  }
}

TEST(MlpForward, AnIndexPicksTheRows) {
  const auto network = seeded(actor_critic(/*share_trunk=*/false));
  const at::Tensor inputs = random_matrix(5, 3), all = network->infer(inputs);
  const std::vector<std::int32_t> index = {4, 0, 4};
  at::Tensor picked = at::ones({3, 3});
  network->infer({inputs.data_ptr<float>(), 3, index.data()}, picked.data_ptr<float>());
  for (std::int64_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(at::equal(picked[i], all[index[static_cast<std::size_t>(i)]])) << i;
  }
}

// ---- Gradients ----------------------------------------------------------------------------------

/// The network again, in double, from the documented layout.
class Reference {
 public:
  explicit Reference(const MlpSpec& spec) : spec_(spec), layout_(mlp_layout(spec)) {}

  /// Row-major outputs for row-major inputs.
  std::vector<double> outputs(const std::vector<double>& parameters,
                              const std::vector<double>& inputs) const {
    std::vector<double> all;
    const auto width = static_cast<std::size_t>(spec_.inputs);
    for (std::size_t row = 0; row < inputs.size(); row += width) {
      const std::vector<double> x(inputs.begin() + static_cast<std::ptrdiff_t>(row),
                                  inputs.begin() + static_cast<std::ptrdiff_t>(row + width));
      for (const Head& head : spec_.heads) {
        std::vector<double> h = x;
        const std::string trunk = spec_.share_trunk ? "trunk" : head.name;
        for (std::size_t i = 0; i < spec_.hidden_sizes.size(); ++i) {
          h = linear(parameters, trunk + "." + std::to_string(i), h);
          for (double& value : h) {
            value = spec_.activation == "relu" ? std::max(0.0, value) : std::tanh(value);
          }
        }
        const std::vector<double> columns = linear(parameters, head.name + ".out", h);
        all.insert(all.end(), columns.begin(), columns.end());
      }
    }
    return all;
  }

 private:
  std::vector<double> linear(const std::vector<double>& parameters, const std::string& name,
                             const std::vector<double>& x) const {
    const ParameterInfo& weight = find(name + ".weight");
    const ParameterInfo& bias = find(name + ".bias");
    std::vector<double> y;
    for (std::int64_t j = 0; j < weight.shape[1]; ++j) {
      double sum = parameters.at(static_cast<std::size_t>(bias.offset + j));
      for (std::size_t i = 0; i < x.size(); ++i) {
        sum += x[i] * parameters.at(static_cast<std::size_t>(weight.offset + j) +
                                    i * static_cast<std::size_t>(weight.shape[1]));
      }
      y.push_back(sum);
    }
    return y;
  }
  const ParameterInfo& find(const std::string& name) const {
    for (const ParameterInfo& info : layout_) {
      if (info.name == name) return info;
    }
    throw std::out_of_range(name);
  }

  MlpSpec spec_;
  std::vector<ParameterInfo> layout_;
};

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// A network, a batch, weights c of the outputs; f = sum c * outputs.
struct GradientCase {
  explicit GradientCase(bool share_trunk, const std::string& activation)
      : network(seeded(actor_critic(share_trunk, activation))), reference(network->spec().dense),
        inputs(random_matrix(6, 3)), weights(random_matrix(6, 3, /*seed=*/10)) {
    // A hundred times the small start of the policy head, so that its trunk has gradients to see.
    const ParameterInfo& head = network->find("policy.out.weight");
    network->parameters().narrow(0, head.offset, head.size).mul_(100);
  }
  double f(const std::vector<double>& parameters, const std::vector<double>& x) const {
    return dot(reference.outputs(parameters, x), values_of(weights));
  }
  double worst_parameter_error(const std::vector<double>& gradient) const {
    return worst_gradient_error(
        [&](const std::vector<double>& p) { return f(p, values_of(inputs)); },
        values_of(network->parameters()), gradient);
  }

  std::unique_ptr<Network> network;
  Reference reference;
  at::Tensor inputs, weights;
};

class MlpGradient : public ::testing::TestWithParam<std::tuple<bool, std::string>> {
 protected:
  GradientCase made() const { return GradientCase(std::get<0>(GetParam()), std::get<1>(GetParam())); }
};

// Outputs and gradients are sums of a few dozen float32 products of order 1: the rounding of each is
// at most 6e-8 of it, together some 1e-6; the differences are exact to 1e-9.
constexpr double kFloatTolerance = 5e-6;

TEST_P(MlpGradient, ReferenceAndNetworkAgreeOnTheOutputs) {
  const GradientCase c = made();
  EXPECT_THAT(values_of(c.network->infer(c.inputs)),
              Pointwise(DoubleNear(kFloatTolerance),
                        c.reference.outputs(values_of(c.network->parameters()),
                                            values_of(c.inputs))));
}

TEST_P(MlpGradient, BackwardMatchesCentralDifferences) {
  const GradientCase c = made();
  c.network->accumulate_gradient(c.inputs, c.weights);
  EXPECT_LT(c.worst_parameter_error(values_of(c.network->gradients())), kFloatTolerance);
}

TEST_P(MlpGradient, APoisonedGradientIsCaught) {
  const GradientCase c = made();
  c.network->accumulate_gradient(c.inputs, c.weights);
  for (const ParameterInfo& info : c.network->layout()) {
    std::vector<double> poisoned = values_of(c.network->gradients());
    poisoned[static_cast<std::size_t>(info.offset)] += 1e-3;
    EXPECT_GT(c.worst_parameter_error(poisoned), 10 * kFloatTolerance) << info.name;
  }
}

TEST_P(MlpGradient, InputGradientMatchesCentralDifferences) {
  const GradientCase c = made();
  const std::vector<double> gradient = values_of(c.network->input_gradient(c.inputs, c.weights));
  const auto f = [&](const std::vector<double>& x) {
    return c.f(values_of(c.network->parameters()), x);
  };
  EXPECT_LT(worst_gradient_error(f, values_of(c.inputs), gradient), kFloatTolerance);
  std::vector<double> poisoned = gradient;
  poisoned[4] += 1e-3;
  EXPECT_GT(worst_gradient_error(f, values_of(c.inputs), poisoned), 10 * kFloatTolerance);
}

INSTANTIATE_TEST_SUITE_P(AllKinds, MlpGradient,
                         ::testing::Combine(::testing::Bool(), ::testing::Values("tanh", "relu")),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param) ? "Shared" : "Separate") +
                                  (std::get<1>(info.param) == "tanh" ? "Tanh" : "Relu");
                         });

TEST(MlpBackward, AddsToWhatIsThere) {
  const GradientCase c(/*share_trunk=*/true, "tanh");
  c.network->accumulate_gradient(c.inputs, c.weights);
  const at::Tensor once = c.network->gradients().clone();
  c.network->accumulate_gradient(c.inputs, c.weights);
  EXPECT_TRUE(at::equal(c.network->gradients(), 2 * once));
  c.network->zero_gradients();
  EXPECT_THAT(values_of(c.network->gradients()), Each(0));
}

TEST(MlpBackward, LeavesFreeParametersAlone) {
  const GradientCase c(/*share_trunk=*/false, "tanh");
  c.network->accumulate_gradient(c.inputs, c.weights);
  const ParameterInfo& info = c.network->find("log_std");
  EXPECT_THAT(values_of(c.network->gradients().narrow(0, info.offset, info.size)), Each(0));
}

TEST(MlpInputGradient, LeavesTheParametersGradientsAlone) {
  const GradientCase c(/*share_trunk=*/false, "tanh");
  c.network->accumulate_gradient(c.inputs, c.weights);
  const at::Tensor before = c.network->gradients().clone();
  c.network->input_gradient(c.inputs, c.weights);
  EXPECT_TRUE(at::equal(c.network->gradients(), before));
}

// ---- Start ----------------------------------------------------------------------------------------

/// W as rows of doubles, from its place in the flat buffer.
std::vector<std::vector<double>> matrix(const Network& network, const std::string& name) {
  const ParameterInfo& info = network.find(name);
  const std::vector<double> flat =
      values_of(network.parameters().narrow(0, info.offset, info.size));
  std::vector<std::vector<double>> rows;
  for (std::int64_t i = 0; i < info.shape[0]; ++i) {
    const auto begin = flat.begin() + i * info.shape[1];
    rows.emplace_back(begin, begin + info.shape[1]);
  }
  return rows;
}

std::vector<std::vector<double>> transposed(const std::vector<std::vector<double>>& rows) {
  std::vector<std::vector<double>> columns(rows[0].size());
  for (const auto& row : rows) {
    for (std::size_t j = 0; j < row.size(); ++j) columns[j].push_back(row[j]);
  }
  return columns;
}

/// Of rows or columns, whichever are fewer: pairwise orthogonal, each of length `gain`. Entries are
/// rounded to float32, which moves a product of unit vectors by less than 1e-7 times their length.
void expect_orthogonal(const Network& network, const std::string& name, double gain) {
  auto vectors = matrix(network, name);
  if (vectors.size() > vectors[0].size()) vectors = transposed(vectors);
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      EXPECT_NEAR(dot(vectors[i], vectors[j]), i == j ? gain * gain : 0, 1e-6 * gain * gain)
          << name << " " << i << " " << j;
    }
  }
}

TEST(MlpInit, OrthogonalLayersHaveTheGainsOfTheirKind) {
  MlpSpec spec = actor_critic(/*share_trunk=*/false);
  spec.hidden_sizes = {16, 8};  // layers that widen and layers that narrow
  const auto network = seeded(spec);
  for (const char* trunk : {"policy", "value"}) {
    expect_orthogonal(*network, trunk + std::string(".0.weight"), std::sqrt(2.0));
    expect_orthogonal(*network, trunk + std::string(".1.weight"), std::sqrt(2.0));
  }
  expect_orthogonal(*network, "policy.out.weight", 0.01);
  expect_orthogonal(*network, "value.out.weight", 1.0);
}

TEST(MlpInit, OrthogonalStartsWithZeroBiasesAndGivenFreeParameters) {
  const auto network = seeded(actor_critic(/*share_trunk=*/true));
  for (const ParameterInfo& info : network->layout()) {
    const auto values = values_of(network->parameters().narrow(0, info.offset, info.size));
    if (info.name.find(".bias") != std::string::npos) {
      EXPECT_THAT(values, Each(0)) << info.name;
    }
    if (info.name == "log_std") {
      EXPECT_THAT(values, Each(-0.5));
    }
  }
}

// U(-1/sqrt(fan_in), 1/sqrt(fan_in)) has deviation bound / sqrt(3). With n samples the mean's
// deviation is that over sqrt(n), and the largest of n stays below 0.9 bound with probability
// 0.9^n < 1e-9 for n >= 200.
TEST(MlpInit, UniformStaysInItsBoundAndFillsIt) {
  MlpSpec spec = actor_critic(/*share_trunk=*/true);
  spec.inputs = 9;
  spec.hidden_sizes = {400, 25};
  spec.init = Init::kUniform;
  const auto network = seeded(spec);
  const std::vector<std::pair<std::string, double>> fan_ins = {
      {"trunk.0", 9}, {"trunk.1", 400}, {"policy.out", 25}, {"value.out", 25}};
  for (const auto& [layer, fan_in] : fan_ins) {
    const double bound = 1 / std::sqrt(fan_in);
    for (const char* part : {".weight", ".bias"}) {
      const ParameterInfo& info = network->find(layer + part);
      double largest = 0, sum = 0;
      for (const double v : values_of(network->parameters().narrow(0, info.offset, info.size))) {
        largest = std::max(largest, std::abs(v));
        sum += v;
      }
      EXPECT_LE(largest, bound * (1 + 1e-6)) << layer << part;
      if (info.size < 200) continue;
      const auto n = static_cast<double>(info.size);
      EXPECT_GT(largest, 0.9 * bound) << layer << part;
      EXPECT_LT(std::abs(sum / n), 5 * bound / std::sqrt(3 * n)) << layer << part;
    }
  }
}

TEST(MlpInit, TheSameSeedGivesTheSameParametersAndAnotherSeedOthers) {
  for (const Init init : {Init::kOrthogonal, Init::kUniform}) {
    MlpSpec spec = actor_critic(/*share_trunk=*/false);
    spec.init = init;
    EXPECT_TRUE(at::equal(seeded(spec, 1)->parameters(), seeded(spec, 1)->parameters()));
    EXPECT_FALSE(at::equal(seeded(spec, 1)->parameters(), seeded(spec, 2)->parameters()));
  }
}

TEST(MlpClone, SharesNothing) {
  const auto network = seeded(actor_critic(/*share_trunk=*/false));
  const at::Tensor inputs = random_matrix(4, 3);
  const at::Tensor before = network->infer(inputs);
  const auto copy = network->clone();
  EXPECT_TRUE(at::equal(copy->parameters(), network->parameters()));
  copy->accumulate_gradient(inputs, at::ones({4, 3}));
  copy->parameters().add_(copy->gradients());
  EXPECT_FALSE(at::equal(copy->infer(inputs), before));
  EXPECT_TRUE(at::equal(network->infer(inputs), before));
  EXPECT_THAT(values_of(network->gradients()), Each(0));
}

TEST(Network, AnUnknownParameterIsAnError) {
  EXPECT_THROW(seeded(actor_critic(false))->find("policy.7.weight"), Error);
}

}  // namespace
}  // namespace tern
