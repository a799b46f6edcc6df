// Networks with batch normalisation: outputs, gradients and running moments of a pass that learns, against
// an independent forward in double on LibTorch's tape, poisoned, and against the plain network; laws:
// what is copied and saved is whole, and what is refused.

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agents/nn/network.h"
#include "agents/nn/network_function.h"
#include "agents/training/platform.h"
#include "tests/agents/tensors.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

constexpr std::int64_t kFeatures = 3, kLate = 2, kRow = kFeatures + kLate, kRows = 40, kColumns = 3;

NetworkSpec spec_of(const std::string& activation, bool share_trunk, int warmup) {
  NetworkSpec spec;
  spec.features = kFeatures;
  spec.late_inputs = kLate;
  spec.dense.hidden_sizes = {17, 8};
  spec.dense.activation = activation;
  spec.dense.share_trunk = share_trunk;
  spec.dense.heads = {{"q1", 2, 1.0}, {"q2", 1, 1.0}};
  spec.dense.free = {{"log_std", 2, -0.5}};
  spec.dense.batch_norm = BatchNormSpec{0.9, warmup, 1.2, 0.1};  // limits that are met
  return spec;
}

at::Tensor random_matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  Rng rng(seed, "random matrix");
  std::vector<float> values(static_cast<std::size_t>(rows * columns));
  for (float& value : values) value = static_cast<float>(rng.normal());
  return floats(values, {rows, columns});
}

/// Gains, shifts and running moments away from where they start.
std::unique_ptr<Network> moved(const NetworkSpec& spec, bool is_plain = false) {
  set_up_platform();
  Rng rng(1, "batch norm network test");
  auto network = is_plain ? make_plain_network(spec, rng) : make_network(spec, rng);
  for (const ParameterInfo& info : network->layout()) {
    if (info.name.find(".norm.") == std::string::npos) continue;
    for (std::int64_t i = info.offset; i < info.offset + info.size; ++i) {
      network->parameter_row()[static_cast<std::size_t>(i)] += static_cast<float>(0.3 * rng.normal());
    }
  }
  const Row<float> statistics = network->statistics_row();
  for (std::size_t i = 0; i + 1 < statistics.size(); ++i) {
    statistics[i] += static_cast<float>(0.3 * rng.uniform());
  }
  return network;
}

struct Learned {
  at::Tensor outputs, parameters, inputs, late;
  std::vector<float> statistics;
};
Learned learn(Network& network, const at::Tensor& rows, const at::Tensor& weights) {
  Learned all;
  all.inputs = at::zeros({kRows, kRow});
  all.late = at::zeros({kRows, kLate});
  all.outputs = at::zeros({kRows, kColumns});
  network.zero_gradients();
  network.backpropagate(
      {{rows.data_ptr<float>(), kRows}, 1, nullptr},
      [&](const Chunk& chunk, HeadRows out, HeadRows gradient) {
        EXPECT_EQ(chunk.rows(), static_cast<std::size_t>(kRows));
        copy_to_heads(network.spec().dense, weights.data_ptr<float>(), chunk, gradient);
        for (std::size_t r = 0; r < chunk.rows(); ++r) {
          float* to = all.outputs.data_ptr<float>() + r * kColumns;
          to = std::copy_n(out[0].data + r * out[0].stride, 2, to);
          *to = out[1].data[r * out[1].stride];
        }
      },
      {/*parameters=*/true, all.inputs.data_ptr<float>(), all.late.data_ptr<float>()});
  all.parameters = network.gradients().clone();
  const Row<float> statistics = network.statistics_row();
  all.statistics.assign(statistics.begin(), statistics.end());
  return all;
}

/// The network again, in double, from the documented layouts; `by_batch` as in a pass that learns.
struct Reference {
  const Network& network;
  bool by_batch;
  std::vector<double> running = {}, moved = {};  // as before, and after the pass

  at::Tensor normalized(const at::Tensor& p, const std::string& name, const at::Tensor& x) {
    const auto of = [&](const std::vector<ParameterInfo>& layout, const std::string& what) {
      return *std::find_if(layout.begin(), layout.end(), [&](const ParameterInfo& info) {
        return info.name == name + ".norm." + what;
      });
    };
    const auto parameter = [&](const char* what) {
      const ParameterInfo info = of(network.layout(), what);
      return p.narrow(0, info.offset, info.size);
    };
    const auto moments = statistics_layout(network.spec().dense);
    const auto was = [&](const char* what) {
      const ParameterInfo info = of(moments, what);
      return doubles({running.begin() + info.offset, running.begin() + info.offset + info.size});
    };
    const BatchNormSpec& norm = *network.spec().dense.batch_norm;
    const at::Tensor deviation_was = (was("variance") + 1e-3).sqrt();
    at::Tensor n;
    if (!by_batch) {
      n = (x - was("mean")) / deviation_was;
    } else {
      const at::Tensor mean = x.mean(0), variance = x.var(0, /*unbiased=*/false);
      n = (x - mean) / (variance + 1e-3).sqrt();
      if (running.back() >= norm.warmup) {
        const at::Tensor r = ((variance.detach() + 1e-3).sqrt() / deviation_was)
                                 .clamp(1 / norm.max_scale, norm.max_scale);
        const at::Tensor d =
            ((mean.detach() - was("mean")) / deviation_was).clamp(-norm.max_shift, norm.max_shift);
        n = n * r + d;
      }
      for (const auto& [what, value] : {std::pair{"mean", mean}, {"variance", variance}}) {
        const ParameterInfo info = of(moments, what);
        const std::vector<double> batch = values_of(value);
        for (std::size_t i = 0; i < batch.size(); ++i) {
          double& out = moved[static_cast<std::size_t>(info.offset) + i];
          out = norm.momentum * out + (1 - norm.momentum) * batch[i];
        }
      }
    }
    return parameter("gain") * n + parameter("shift");
  }

  at::Tensor operator()(const at::Tensor& p, const at::Tensor& rows) {
    const MlpSpec& spec = network.spec().dense;
    moved = running;
    if (by_batch) moved.back() += 1;
    const auto linear = [&](const std::string& name, const at::Tensor& x) {
      const ParameterInfo& w = network.find(name + ".weight");
      const ParameterInfo& b = network.find(name + ".bias");
      return at::matmul(x, p.narrow(0, w.offset, w.size).view(w.shape)) + p.narrow(0, b.offset, b.size);
    };
    const auto trunk = [&](const std::string& name) {
      at::Tensor x = normalized(p, name, rows);
      for (std::size_t i = 0; i < spec.hidden_sizes.size(); ++i) {
        const std::string layer = name + "." + std::to_string(i);
        x = linear(layer, x);
        if (spec.activation == "relu") x = at::relu(x);
        if (spec.activation == "tanh") x = at::tanh(x);
        if (spec.activation == "elu") x = at::elu(x);
        if (spec.activation == "silu") x = at::silu(x);
        x = normalized(p, layer, x);
      }
      return x;
    };
    at::Tensor features;
    if (spec.share_trunk) features = trunk("trunk");
    std::vector<at::Tensor> heads;
    for (const Head& head : spec.heads) {
      if (!spec.share_trunk) features = trunk(head.name);
      heads.push_back(linear(head.name + ".out", features));
    }
    return at::cat(heads, 1);
  }
};

double worst_difference(const std::vector<float>& a, const std::vector<double>& b) {
  double worst = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const double error = std::abs(a[i] - b[i]);
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

constexpr double kTolerance = 2e-5;  // of sums of some dozens of float32 products of order 1

struct Case {
  const char* activation;
  bool share_trunk;
  int warmup;
};
const Case kCases[] = {{"relu", false, 100}, {"relu", false, 0}, {"tanh", true, 0},
                       {"elu", false, 0},    {"silu", true, 100}, {"silu", false, 0}};

class BatchNormNetwork : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Networks, BatchNormNetwork, ::testing::Values(false, true),
                         [](const auto& info) { return info.param ? "Plain" : "Fast"; });

TEST_P(BatchNormNetwork, LearnsAndInfersAsAutogradDoesInDouble) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(std::string(c.activation) + (c.share_trunk ? ", shared" : "") + ", warm-up " +
                 std::to_string(c.warmup));
    const auto network = moved(spec_of(c.activation, c.share_trunk, c.warmup), GetParam());
    const at::Tensor rows = random_matrix(kRows, kRow, 9), weights = random_matrix(kRows, kColumns, 10);
    const Row<float> statistics = network->statistics_row();
    Reference reference{*network, /*by_batch=*/true, {statistics.begin(), statistics.end()}};
    const at::Tensor p = network->parameters().to(at::kDouble).set_requires_grad(true);
    const at::Tensor x = rows.to(at::kDouble).set_requires_grad(true);
    const at::Tensor outputs = reference(p, x);
    (outputs * weights).sum().backward();

    const Learned learned = learn(*network, rows, weights);
    EXPECT_LT(relative_error(learned.outputs, outputs.detach()), kTolerance);
    EXPECT_LT(relative_error(learned.parameters, p.grad()), kTolerance);
    EXPECT_LT(relative_error(learned.inputs, x.grad()), kTolerance);
    EXPECT_TRUE(at::equal(learned.late, learned.inputs.narrow(1, kFeatures, kLate)));
    EXPECT_LT(worst_difference(learned.statistics, reference.moved), kTolerance);
    for (const ParameterInfo& info : network->layout()) {  // a gradient that is wrong is seen
      at::Tensor poisoned = learned.parameters.clone();
      poisoned.narrow(0, info.offset, 1) += 1e-2 * p.grad().abs().max().item<double>();
      EXPECT_GT(relative_error(poisoned, p.grad()), 10 * kTolerance) << info.name;
    }

    // By the running moments, as they are now.
    Reference inferred{*network, /*by_batch=*/false, {statistics.begin(), statistics.end()}};
    const at::Tensor y = rows.to(at::kDouble).set_requires_grad(true);
    const at::Tensor by_running = inferred(p.detach(), y);
    (by_running * weights).sum().backward();
    EXPECT_LT(relative_error(network->infer(rows), by_running.detach()), kTolerance);
    network->zero_gradients();
    EXPECT_LT(relative_error(network->input_gradient(rows, weights), y.grad()), kTolerance);
    EXPECT_THAT(values_of(network->gradients()), Each(0));
    EXPECT_EQ(std::vector<float>(statistics.begin(), statistics.end()), learned.statistics);
  }
}

// Convolutions and memory below: the moments are those of what they give, and late inputs join them.
TEST(BatchNormNetwork, StandsOnOtherLinks) {
  NetworkSpec spec = spec_of("relu", false, 0);
  spec.features = 14;
  spec.convolutions = {{14, /*offset=*/1, {4, 3, 1}, {{2, 2, 1}}, Init::kOrthogonal}};
  spec.memory = MemorySpec{"gru", 4};
  const auto network = moved(spec), other = moved(spec, /*is_plain=*/true);
  ASSERT_TRUE(at::equal(network->parameters(), other->parameters()));
  const at::Tensor rows = random_matrix(kRows, 14 + kLate + 4, 9);
  const at::Tensor weights = random_matrix(kRows, kColumns, 10);
  const auto accumulate = [&](Network& each) {
    each.zero_gradients();
    each.accumulate_sequence_gradient(
        {{rows.data_ptr<float>(), kRows}, 4, nullptr},
        [&](const Chunk& chunk, HeadRows, HeadRows gradient) {
          copy_to_heads(each.spec().dense, weights.data_ptr<float>(), chunk, gradient);
        });
  };
  for (Network* each : {network.get(), other.get()}) accumulate(*each);
  EXPECT_LT(relative_error(network->gradients(), other->gradients().to(at::kDouble)), kTolerance);
  EXPECT_LT(worst_difference({network->statistics_row().begin(), network->statistics_row().end()},
                             {other->statistics_row().begin(), other->statistics_row().end()}),
            kTolerance);
  EXPECT_LT(relative_error(network->infer(rows), other->infer(rows).to(at::kDouble)), kTolerance);
}

// What CrossQ's critics are: the second half has no gradient of its own, and yet its rows have one, through
// the moments that it shares.
TEST(BatchNormNetwork, RowsWithoutALossMoveByTheMomentsTheyShare) {
  const auto network = moved(spec_of("relu", false, 100));
  at::Tensor weights = random_matrix(kRows, kColumns, 10);
  weights.narrow(0, kRows / 2, kRows / 2).zero_();
  const Learned learned = learn(*network, random_matrix(kRows, kRow, 9), weights);
  EXPECT_GT(learned.inputs.narrow(0, kRows / 2, kRows / 2).abs().max().item<double>(), 1e-3);
}

TEST(BatchNormNetwork, ACopyAndWhatIsLoadedActAlike) {
  const NetworkSpec spec = spec_of("relu", false, 100);
  const at::Tensor rows = random_matrix(kRows, kRow, 9), weights = random_matrix(kRows, kColumns, 10);
  const auto network = moved(spec);
  learn(*network, rows, weights);
  const at::Tensor outputs = network->infer(rows);
  const auto copy = network->clone();
  EXPECT_TRUE(at::equal(copy->infer(rows), outputs));
  StateWriter out;
  network->save(out);
  const std::vector<std::uint8_t> saved = out.take();
  learn(*network, rows, weights);  // which the copy does not see
  EXPECT_TRUE(at::equal(copy->infer(rows), outputs));
  EXPECT_FALSE(at::equal(network->infer(rows), outputs));
  Rng rng(5, "other parameters");
  const auto loaded = make_network(spec, rng);
  StateReader in{Row<const std::uint8_t>(saved)};
  loaded->load(in);
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_TRUE(at::equal(loaded->infer(rows), outputs));
}

TEST(BatchNormNetwork, MomentsThatCannotBeAreRefused) {
  const auto network = moved(spec_of("relu", false, 100));
  for (const float bad : {-1.0f, NAN, INFINITY}) {
    const std::size_t variance = kRow;  // of the first norm, behind its means
    const float kept = network->statistics_row()[variance];
    network->statistics_row()[variance] = bad;
    StateWriter out;
    network->save(out);
    network->statistics_row()[variance] = kept;
    const std::vector<std::uint8_t> saved = out.take();
    StateReader in{Row<const std::uint8_t>(saved)};
    EXPECT_THAT(error_of([&] { network->load(in); }), HasSubstr("in the running q1.norm.variance"));
  }
}

TEST(BatchNormNetwork, TakesNoLayerNormAndNoTape) {
  NetworkSpec spec = spec_of("relu", false, 100);
  const auto network = moved(spec);
  EXPECT_THAT(error_of([&] { taped_outputs(*network, random_matrix(2, kRow, 1)); }), HasSubstr("batch_norm"));
  spec.dense.layer_norm = true;
  EXPECT_THAT(error_of([&] { moved(spec); }), HasSubstr("not both"));
}

}  // namespace
}  // namespace tern
