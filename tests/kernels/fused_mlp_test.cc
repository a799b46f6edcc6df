// Determinism by comparing bytes over numbers of threads; laws of chunks.
// (Gradients are held to autograd in tests/agents/fused_network_test.cc.)

#include "agents/kernels/fused_mlp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <utility>

#include "tests/kernels/simd_levels.h"

namespace tern {
namespace {

using Floats = std::vector<float>;

class FusedMlpThreads : public SimdLevelTest {};
INSTANTIATE_TEST_SUITE_P(AtLevel, FusedMlpThreads, every_simd_level(), simd_level_name);

MlpSpec two_heads(bool share_trunk, std::vector<int> hidden) {
  MlpSpec spec;
  spec.inputs = 5;
  spec.hidden_sizes = std::move(hidden);
  spec.share_trunk = share_trunk;
  spec.heads = {{"policy", 9, 1.0}, {"value", 1, 1.0}};
  spec.free = {{"log_std", 2, 0.0}};
  return spec;
}

struct Trial {
  Trial(const MlpSpec& spec, std::size_t rows) : mlp(spec), inputs(rows * 5) {
    const auto layout = mlp_layout(spec);
    Rng rng(1, "fused mlp test");
    parameters.resize(parameter_count(layout) + kBufferSlack);
    initialize_mlp(spec, layout, rng, parameters.data());
    for (float& x : inputs) x = static_cast<float>(rng.normal());
  }
  BatchInputs batch() const { return {inputs.data(), inputs.size() / 5}; }
  Floats gradient() {
    Floats g(parameters.size(), 0.0f);
    backward(g.data(), nullptr);
    return g;
  }
  Floats input_gradient(bool also_of_parameters) {
    Floats g(parameters.size(), 0.0f), of_inputs(inputs.size(), -77.0f);
    backward(also_of_parameters ? g.data() : nullptr, of_inputs.data());
    return of_inputs;
  }
  void backward(float* of_parameters, float* of_inputs) {
    mlp.accumulate_gradient(
        parameters.data(), batch(),
        [](const Chunk& chunk, HeadRows outputs, HeadRows gradient) {
          for (std::size_t r = 0; r < chunk.rows(); ++r) {
            for (std::size_t h = 0; h < 2; ++h) {
              for (std::size_t j = 0; j < (h == 0 ? 9 : 1); ++j) {
                const std::size_t at = r * outputs[h].stride + j;
                gradient[h].data[at] = outputs[h].data[at] - 0.5f;
              }
            }
          }
        },
        of_parameters, of_inputs);
  }
  Floats outputs() {
    Floats all(batch().rows * 10);
    mlp.infer(parameters.data(), batch(), all.data());
    return all;
  }
  FusedMlp mlp;
  Floats parameters, inputs;
};

// Sizes of one chunk, of a few, of many, with rests; narrow and wide layers, and none.
TEST_P(FusedMlpThreads, ThreadsDoNotChangeABit) {
  for (const bool share_trunk : {false, true}) {
    for (const auto& hidden : std::vector<std::vector<int>>{{}, {3}, {64, 64}, {40, 130}}) {
      for (const std::size_t rows : {1, 64, 65, 256, 1000}) {
        MlpSpec spec = two_heads(share_trunk, hidden);
        spec.activation = rows % 2 == 0 ? "tanh" : "silu";
        spec.layer_norm = rows == 65 || rows == 1000;
        Trial one(spec, rows);
        const Floats gradient = one.gradient(), outputs = one.outputs();
        for (const std::size_t threads : {1, 2, 4}) {
          TaskPool pool(threads);
          Trial several(spec, rows);
          several.mlp.use_threads(&pool);
          for (int repetition = 0; repetition < 3; ++repetition) {
            ASSERT_EQ(several.gradient(), gradient) << rows << " rows, " << threads << " threads";
            ASSERT_EQ(several.outputs(), outputs) << rows << " rows, " << threads << " threads";
          }
        }
      }
    }
  }
}

TEST_P(FusedMlpThreads, TheGradientOfInputsAloneIsTheSame) {
  for (const bool share_trunk : {false, true}) {
    for (const std::size_t rows : {1, 65, 1000}) {
      MlpSpec spec = two_heads(share_trunk, {40, 17});
      spec.layer_norm = rows == 65;
      const Floats expected = Trial(spec, rows).input_gradient(/*also_of_parameters=*/true);
      for (const std::size_t threads : {1, 2, 4}) {
        TaskPool pool(threads);
        Trial trial(spec, rows);
        trial.mlp.use_threads(&pool);
        ASSERT_EQ(trial.input_gradient(true), expected) << rows << " rows, " << threads << " threads";
        ASSERT_EQ(trial.input_gradient(false), expected) << rows << " rows, " << threads << " threads";
      }
    }
  }
}

// The first comparison above sees a single row that is missing.
TEST(FusedMlp, EveryRowCounts) {
  Trial all(two_heads(false, {64, 64}), 256), fewer(two_heads(false, {64, 64}), 256);
  fewer.inputs.resize(255 * 5);
  EXPECT_NE(all.gradient(), fewer.gradient());
}

TEST(FusedMlp, ChunksCoverTheBatchOnceAndAreAtMostEight) {
  for (const auto& hidden : std::vector<std::vector<int>>{{64, 64}, {256}}) {
    const FusedMlp mlp(two_heads(false, hidden));
    for (const std::size_t rows : {1, 63, 64, 65, 500, 512, 513, 4096, 10000}) {
      const std::vector<Chunk> chunks = mlp.chunks(rows);
      EXPECT_LE(chunks.size(), kMaxChunks);
      std::size_t next = 0;
      for (std::size_t i = 0; i < chunks.size(); ++i) {
        EXPECT_EQ(chunks[i].index, i);
        EXPECT_EQ(chunks[i].begin, next);
        EXPECT_LT(chunks[i].begin, chunks[i].end);
        next = chunks[i].end;
      }
      EXPECT_EQ(next, rows);
    }
  }
}

TEST(FusedMlp, LeavesFreeParametersAlone) {
  Trial trial(two_heads(false, {64}), 200);
  const Floats alone = trial.gradient();
  Floats gradient(alone.size(), 3.25f);  // of another part of the loss
  trial.backward(gradient.data(), nullptr);
  const std::size_t free = alone.size() - kBufferSlack - 2;
  EXPECT_EQ(gradient[free], 3.25f);
  EXPECT_EQ(gradient[free + 1], 3.25f);
  for (std::size_t i = 0; i < free; ++i) {  // the others are added to
    ASSERT_NEAR(gradient[i], 3.25f + alone[i], 1e-5f * (1 + std::fabs(alone[i]))) << i;
  }
}

TEST(FusedMlp, PassesOnWhatALossThrows) {
  for (const std::size_t threads : {1, 2}) {
    TaskPool pool(threads);
    Trial trial(two_heads(false, {64}), 256);
    trial.mlp.use_threads(&pool);
    Floats g(trial.parameters.size());
    EXPECT_THROW(
        trial.mlp.accumulate_gradient(
            trial.parameters.data(), trial.batch(),
            [](const Chunk&, HeadRows, HeadRows) { throw std::runtime_error("loss"); }, g.data()),
        std::runtime_error);
    EXPECT_NO_THROW(trial.gradient());
  }
}

}  // namespace
}  // namespace tern
