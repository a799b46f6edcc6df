// A worked example by hand; laws: steps and sequences are the same bits, a row's bits do not depend
// on its neighbours, a reset forgets. (Gradients: tests/agents/recurrent_network_test.cc.)

#include "agents/kernels/gru.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/error.h"

namespace tern {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;

struct Case {
  GruSpec spec{5, 9};
  std::vector<float> parameters;
  std::vector<float> x, h;  // of 6 rows
};

Case made() {
  Case c;
  c.parameters.resize(parameter_count(gru_layout(c.spec)) + kBufferSlack);
  Rng rng(1, "gru test");
  for (float& value : c.parameters) value = static_cast<float>(0.3 * rng.normal());
  for (int i = 0; i < 6 * 5; ++i) c.x.push_back(static_cast<float>(rng.normal()));
  for (int i = 0; i < 6 * 9; ++i) c.h.push_back(static_cast<float>(rng.normal()));
  return c;
}

std::vector<float> stepped(const Case& c, std::size_t first, std::size_t rows) {
  Gru gru(c.spec);
  const GruSequences shape{rows, 1};
  gru.reserve(shape);
  for (std::size_t i = 0; i < rows; ++i) {
    std::copy_n(c.x.data() + (first + i) * 5, 5, gru.x(shape, i, 0));
    std::copy_n(c.h.data() + (first + i) * 9, 9, gru.first_state(i));
  }
  std::vector<float> next(rows * 9, -77.0f);
  gru.forward(c.parameters.data(), shape, nullptr, next.data());
  return next;
}

/// States of `shape`, whose rows are those of the case; first states too.
std::vector<float> unrolled(const Case& c, const GruSequences& shape, const std::uint8_t* resets) {
  Gru gru(c.spec);
  gru.reserve(shape);
  for (std::size_t row = 0; row < shape.rows(); ++row) {
    const std::size_t sequence = row / shape.steps, t = row % shape.steps;
    std::copy_n(c.x.data() + row * 5, 5, gru.x(shape, sequence, t));
    if (t == 0) std::copy_n(c.h.data() + row * 9, 9, gru.first_state(sequence));
  }
  std::vector<float> states(shape.rows() * 9, -77.0f);
  gru.forward(c.parameters.data(), shape, resets, states.data());
  return states;
}

// One input x = 2; three equal units with h = 0.5 that see only themselves. With weights of 0 and
// biases
//   r: ln 3, so sigmoid = 3/4;   z: ln(1/3), so 1/4;   n: x 0.25 + 0.75 (h 2 + 1) = 0.5 + 1.5 = 2
//   h' = 3/4 tanh(2) + 1/4 0.5 = 0.75 * 0.9640276 + 0.125 = 0.8480207
TEST(Gru, AStepByHand) {
  const float ln3 = std::log(3.0f);
  std::vector<float> parameters = {0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0.25,
                                   0.25,
                                   0.25,
                                   ln3,
                                   ln3,
                                   ln3,
                                   -ln3,
                                   -ln3,
                                   -ln3,
                                   0,
                                   0,
                                   0,
                                   /*state:*/ 0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   2,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   2,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   2,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   1,
                                   1,
                                   1};
  parameters.resize(parameters.size() + kBufferSlack);
  Gru gru({1, 3});
  const GruSequences one{1, 1};
  gru.reserve(one);
  *gru.x(one, 0, 0) = 2;
  std::fill_n(gru.first_state(0), 3, 0.5f);
  std::vector<float> next(3, -77.0f);
  gru.forward(parameters.data(), one, nullptr, next.data());
  EXPECT_THAT(next, Each(FloatNear(0.8480207f, 1e-6f)));
  EXPECT_THROW(Gru({1, 2}), Error);
}

TEST(Gru, LayoutNamesItsParts) {
  const std::vector<ParameterInfo> layout = gru_layout({5, 9});
  EXPECT_EQ(layout[0].name, "recurrent.input.weight");
  EXPECT_THAT(layout[0].shape, ElementsAre(5, 27));
  EXPECT_EQ(layout[1].offset, 135);
  EXPECT_EQ(layout[2].offset, 162);
  EXPECT_THAT(layout[2].shape, ElementsAre(9, 27));
  EXPECT_EQ(layout[3].name, "recurrent.state.bias");
  EXPECT_EQ(parameter_count(layout), 162u + 270u);
}

TEST(Gru, ARowsBitsDoNotDependOnItsBatch) {
  const Case c = made();
  const std::vector<float> all = stepped(c, 0, 6);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(stepped(c, i, 1), std::vector<float>(all.begin() + i * 9, all.begin() + i * 9 + 9));
  }
}

TEST(Gru, ASequenceIsItsStepsOneAfterTheOther) {
  Case c = made();
  const std::vector<float> states = unrolled(c, {2, 3}, nullptr);
  for (const std::size_t sequence : {0, 1}) {
    for (std::size_t row = sequence * 3; row < sequence * 3 + 3; ++row) {
      const std::vector<float> next = stepped(c, row, 1);
      EXPECT_EQ(next, std::vector<float>(states.begin() + row * 9, states.begin() + row * 9 + 9));
      if (row + 1 < sequence * 3 + 3)
        std::copy(next.begin(), next.end(), c.h.begin() + (row + 1) * 9);
    }
  }
}

TEST(Gru, AResetForgetsWhatWasBefore) {
  Case c = made();
  const std::vector<std::uint8_t> resets = {0, 0, 1, 0, 0, 0};
  const std::vector<float> states = unrolled(c, {1, 6}, resets.data());
  for (float& value : c.h) value += 1;
  for (std::size_t i = 0; i < 10; ++i) c.x[i] += 1;
  const std::vector<float> others = unrolled(c, {1, 6}, resets.data());
  EXPECT_NE(states[0], others[0]);
  EXPECT_TRUE(std::equal(states.begin() + 18, states.end(), others.begin() + 18));
}

TEST(Gru, StartsOrthogonalWithoutBias) {
  const GruSpec spec{5, 9};
  std::vector<float> parameters(parameter_count(gru_layout(spec)));
  Rng rng(3, "gru start");
  initialize_gru(spec, rng, parameters.data());
  for (const std::size_t offset : {std::size_t{0}, std::size_t{162}}) {
    double length = 0;  // of the first row of a matrix with 27 columns
    for (std::size_t j = 0; j < 27; ++j) length += parameters[offset + j] * parameters[offset + j];
    EXPECT_NEAR(length, 1, 1e-5);
  }
  EXPECT_THAT(std::vector<float>(parameters.begin() + 135, parameters.begin() + 162), Each(0.0f));
}

}  // namespace
}  // namespace tern
