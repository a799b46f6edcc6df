// Batches with memory. Law: where the stored states are what the networks would remember, or the
// burn-in reaches the beginning of an episode, learning reads to the bit what acting step by step
// from that beginning does, at s and at s', across ends, cuts and several steps taken together.
// Sabotage: no burn-in, no stored state. Reference: gradients of critics and actor through time on
// LibTorch's tape, in double; poisoned, and cut.

#include "agents/algorithm/actor_critic_batch.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/gru_cell.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "agents/losses/continuous_q_closed_form.h"
#include "agents/policy/distributions/squashed_gaussian.h"
#include "agents/training/platform.h"
#include "tests/agents/dense_reference.h"
#include "tests/agents/tensors.h"
#include "tests/replay/replay_steps.h"

namespace tern {
namespace {

using Floats = std::vector<float>;
constexpr std::size_t kFeatures = 2, kSize = 8, kSteps = 60;
constexpr double kGamma = 0.5;

EnvSpec two_numbers() {
  EnvSpec spec;
  spec.id = "TwoNumbers-v0";
  spec.obs.vector("x", kFeatures, -10, 10);
  spec.action = ActionSpace::box({ActionSpace::real("a", -1, 1)});
  return spec;
}

NetworkSpec with_memory(int late_inputs, std::vector<Head> heads) {
  NetworkSpec spec;
  spec.features = kFeatures;
  spec.late_inputs = late_inputs;
  spec.memory = MemorySpec{"gru", kSize};
  spec.dense.hidden_sizes = {6};
  spec.dense.activation = "tanh";
  spec.dense.heads = std::move(heads);
  return spec;
}

/// Sixty steps of one env, and what networks remember of them.
struct Story {
  explicit Story(std::vector<std::size_t> ends_at, std::uint64_t seed = 1) : ends(kSteps) {
    set_up_platform();
    Rng rng(seed, "networks");
    actor = make_network(with_memory(0, {{"policy", 2, 1.0}}), rng);
    critic = make_network(with_memory(1, {{"q1", 1, 1.0}, {"q2", 1, 1.0}}), rng);
    Rng values(2, "story");
    const auto draw = [&](std::size_t count) {
      Floats drawn(count);
      for (float& each : drawn) each = static_cast<float>(values.normal());
      return drawn;
    };
    obs = draw((kSteps + 1) * kFeatures), finals = draw(kSteps * kFeatures);
    actions = draw(kSteps), rewards = draw(kSteps);
    for (const std::size_t t : ends_at) ends[t] = 1;
    actor_states = unroll(*actor), critic_states = unroll(*critic);
  }

  bool begins(std::size_t t) const { return t == 0 || ends[t - 1]; }
  /// Every second end is a time limit.
  bool terminated(std::size_t t) const { return ends[t] && t % 2 == 0; }
  const float* next_obs(std::size_t t) const {
    return ends[t] ? &finals[t * kFeatures] : &obs[(t + 1) * kFeatures];
  }

  /// A row of `network` for step t: what is shown, and what was remembered before.
  Floats row(const Network& network, const float* shown, float action, const float* state) const {
    Floats row(shown, shown + kFeatures);
    if (network.spec().late_inputs > 0) row.push_back(action);
    row.insert(row.end(), state, state + kSize);
    return row;
  }
  /// States before each step, and after the last one of an episode: [kSteps, 2, kSize].
  Floats unroll(Network& network) const {
    Floats states, h(kSize), out(network.output_size());
    for (std::size_t t = 0; t < kSteps; ++t) {
      if (begins(t)) std::fill(h.begin(), h.end(), 0.0f);
      states.insert(states.end(), h.begin(), h.end());
      const Floats read = row(network, &obs[t * kFeatures], 0, h.data());
      network.infer({read.data(), 1}, out.data());
      std::copy(out.end() - kSize, out.end(), h.begin());
      states.insert(states.end(), h.begin(), h.end());
    }
    return states;
  }
  static const float* before(const Floats& states, std::size_t t) { return &states[2 * t * kSize]; }
  static const float* after(const Floats& states, std::size_t t) {
    return &states[(2 * t + 1) * kSize];
  }

  /// share: what is stored of the states before each step, 1: all.
  void store(ReplayBuffer& replay, float share) const {
    for (std::size_t t = 0; t < kSteps; ++t) {
      HandStep step(two_numbers(), 1);
      std::copy_n(&obs[t * kFeatures], kFeatures, step.from.batch.obs[0].floats().begin());
      std::copy_n(&obs[(t + 1) * kFeatures], kFeatures, step.to.batch.obs[0].floats().begin());
      std::copy_n(&finals[t * kFeatures], kFeatures, step.to.batch.final_obs[0].floats().begin());
      step.from.actions[0][0] = actions[t];
      step.to.batch.reward[0] = rewards[t];
      step.to.batch.terminated[0] = terminated(t);
      step.to.batch.truncated[0] = ends[t] && !terminated(t);
      Floats states(before(actor_states, t), before(actor_states, t) + kSize);
      states.insert(states.end(), before(critic_states, t), before(critic_states, t) + kSize);
      for (float& each : states) each *= share;
      replay.add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch,
                 /*first=*/0, Row<const float>(states));
    }
  }

  std::unique_ptr<Network> actor, critic;
  Floats obs, finals, actions, rewards;
  std::vector<std::uint8_t> ends;
  Floats actor_states, critic_states;
};

OffPolicyConfig config_of(int burn_in, int n_step = 1) {
  OffPolicyConfig config;
  config.buffer_size = kSteps;
  config.batch_size = 40;
  config.gamma = kGamma;
  config.n_step = n_step;
  config.memory.recurrent = "gru";
  config.memory.recurrent_size = kSize;
  config.memory.sequence_length = 4;
  config.memory.burn_in = burn_in;
  return config;
}

/// A batch that was drawn from the story.
struct Drawn {
  /// later: whose networks read s'.
  Drawn(const Story& story, const OffPolicyConfig& drawn_by, float stored, const Story& later)
      : config(drawn_by),
        replay(two_numbers(), replay_schema(config, 1)),
        draws(config, two_numbers(), replay, nullptr, 7, "samples"),
        encoder(two_numbers().obs, /*normalize=*/false),
        batch(two_numbers(), config, *story.actor, *story.critic) {
    story.store(replay, stored);
    batch.draw(draws, replay, 0, 1, encoder);
    batch.remember({.actor = *story.actor,
                    .critic = *story.critic,
                    .next_actor = *later.actor,
                    .next_critic = *later.critic});
  }
  Drawn(const Story& story, const OffPolicyConfig& drawn_by, float stored)
      : Drawn(story, drawn_by, stored, story) {}

  /// The step that row i is of.
  std::size_t step(std::size_t i) const {
    const auto length = static_cast<std::size_t>(config.memory.drawn_steps());
    const auto steps = static_cast<std::size_t>(config.memory.sequence_length);
    const std::size_t row = i / steps * length + length - steps + i % steps;
    return static_cast<std::size_t>(batch.drawn().index[row]);
  }
  /// How many rows the network reads as acting does, both through time and by themselves at s'.
  std::size_t right_rows(const Story& story, Network& network, const SequenceInputs& here,
                         const BatchInputs& next, const Floats& states, const Floats& later) const {
    const std::size_t heads = network.output_size() - kSize, columns = network.row_size();
    Floats learned(batch.size() * heads), acted(network.output_size());
    network.forward(here, learned.data());
    std::size_t right = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::size_t t = step(i);
      std::size_t last = t;
      for (int j = 1; j < config.n_step && (i + static_cast<std::size_t>(j)) / 4 == i / 4; ++j) {
        if (!story.ends[last]) ++last;
      }
      const Floats row =
          story.row(network, &story.obs[t * kFeatures], story.actions[t], Story::before(states, t));
      network.infer({row.data(), 1}, acted.data());
      Floats then = story.row(network, story.next_obs(last), 0, Story::after(later, last));
      Floats found(next.data + i * columns, next.data + (i + 1) * columns);
      if (network.spec().late_inputs > 0) found[kFeatures] = 0;
      const bool is_right = std::equal(acted.begin(), acted.end() - kSize, &learned[i * heads]);
      right += is_right && found == then ? 1 : 0;
    }
    return right;
  }
  std::size_t right_rows(const Story& story, const Story& later) const {
    return right_rows(story, *story.actor, batch.obs(), batch.next_obs(), story.actor_states,
                      later.actor_states) +
           right_rows(story, *story.critic, batch.obs_actions(), batch.next_obs_actions(),
                      story.critic_states, later.critic_states);
  }
  std::size_t right_rows(const Story& story) const { return right_rows(story, story); }

  OffPolicyConfig config;
  ReplayBuffer replay;
  ReplayDraws draws;
  ObservationEncoder encoder;
  ActorCriticBatch batch;
};

const std::vector<std::size_t> kEnds = {4, 9, 12, 13, 30, 31, 44};

TEST(ActorCriticBatch, ReadsWhatActingReadsAcrossEndsAndCuts) {
  const Story story(kEnds);
  for (const int burn_in : {0, 1, 5}) {
    for (const int n_step : {1, 3}) {
      const Drawn drawn(story, config_of(burn_in, n_step), /*stored=*/1);
      EXPECT_EQ(drawn.right_rows(story), 80u) << "burn-in " << burn_in << ", n " << n_step;
    }
  }
}

// As for targets: s' is another's, from the same stored state on, which its burn-in mends.
TEST(ActorCriticBatch, OthersReadWhatFollowsWithTheirOwnMemory) {
  const std::vector<std::size_t> ends = {4, 9, 14, 19, 24, 29, 34, 39, 44, 49, 54, 59};
  const Story story(ends), target(ends, /*seed=*/3);
  const Drawn drawn(story, config_of(4, /*n_step=*/2), 0.5f, target);
  EXPECT_EQ(drawn.right_rows(story, target), 80u);
  EXPECT_LT(drawn.right_rows(story, story), 40u);
}

TEST(ActorCriticBatch, AStateThatIsNotCarriedIsNoticed) {
  const Story story({});  // one episode
  EXPECT_EQ(Drawn(story, config_of(2), 1).right_rows(story), 80u);
  EXPECT_LT(Drawn(story, config_of(2), 0).right_rows(story), 8u);  // but for the first steps
}

// Episodes of five steps, of which stored states are wrong.
TEST(ActorCriticBatch, BurnInMendsWhatWasStoredLongAgo) {
  const Story story({4, 9, 14, 19, 24, 29, 34, 39, 44, 49, 54, 59});
  EXPECT_EQ(Drawn(story, config_of(4), 0.5f).right_rows(story), 80u);
  EXPECT_LT(Drawn(story, config_of(0), 0.5f).right_rows(story), 70u) << "without";
}

TEST(ActorCriticBatch, SumsRewardsWithinSequences) {
  const Story story(kEnds);
  const Drawn drawn(story, config_of(2, /*n_step=*/3), 1);
  int ended = 0;
  for (std::size_t i = 0; i < drawn.batch.size(); ++i) {
    const std::size_t t = drawn.step(i), left = 4 - i % 4;
    double reward = 0, discount = 1;
    std::size_t last = t;
    for (std::size_t j = 0; j < std::min<std::size_t>(3, left); ++j) {
      last = t + j;
      reward += discount * story.rewards[last];
      discount *= kGamma;
      if (story.ends[last]) break;
    }
    EXPECT_FLOAT_EQ(drawn.batch.rewards()[i], static_cast<float>(reward));
    EXPECT_FLOAT_EQ(drawn.batch.discounts()[i], static_cast<float>(discount));
    EXPECT_EQ(drawn.batch.terminated()[i] != 0, story.terminated(last));
    EXPECT_FLOAT_EQ(drawn.batch.shares()[i], 1.0f / 40);
    EXPECT_EQ(drawn.batch.box_actions()[i], story.actions[t]);
    ended += story.terminated(last) ? 1 : 0;
  }
  EXPECT_GT(ended, 3);
}

// ---- Gradients through time ---------------------------------------------------------------------

at::Tensor normals(std::vector<std::int64_t> shape, std::uint64_t seed) {
  Rng rng(seed, "normals");
  std::int64_t count = 1;
  for (const std::int64_t each : shape) count *= each;
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = static_cast<float>(rng.normal());
  return doubles(values, shape);
}

/// What a network's memory gives at each row of a batch, in double, on the tape of `parameters`.
at::Tensor remembered(const Network& network, const at::Tensor& parameters,
                      const SequenceInputs& batch) {
  const auto named = [&](const std::string& name) { return named_view(network, parameters, name); };
  const auto columns = static_cast<std::int64_t>(network.row_size());
  std::vector<at::Tensor> states;
  at::Tensor h;
  for (std::size_t i = 0; i < batch.inputs.rows; ++i) {
    const float* row = batch.inputs.row(i, network.row_size());
    const at::Tensor x = floats({row, row + columns}, {1, columns}).to(at::kDouble);
    if (i % batch.steps == 0) {
      h = x.narrow(1, columns - static_cast<std::int64_t>(kSize), kSize);
    } else if (batch.resets[batch.inputs.place(i)]) {
      h = at::zeros({1, kSize}, at::kDouble);
    }
    h = at::gru_cell(x.narrow(1, 0, kFeatures), h, named("recurrent.input.weight").t(),
                     named("recurrent.state.weight").t(), named("recurrent.input.bias"),
                     named("recurrent.state.bias"));
    states.push_back(h.squeeze(0));
  }
  return at::stack(states);
}

at::Tensor leaf_of(const Network& network) {
  return network.parameters().to(at::kDouble).clone().set_requires_grad(true);
}

double worst(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b).abs().max().item<double>();
}

// Float32 sums of products of order 1 through four steps, against double.
constexpr double kTolerance = 2e-5;

/// The gradient is the reference's; a poisoned one is not, and every parameter has some of it.
void expect_gradient(Network& network, const at::Tensor& expected) {
  EXPECT_LT(worst(network.gradients(), expected), kTolerance);
  for (const ParameterInfo& info : network.layout()) {
    at::Tensor poisoned = network.gradients().clone();
    poisoned.data_ptr<float>()[info.offset] += 1e-3f;
    EXPECT_GT(worst(poisoned, expected), 10 * kTolerance) << info.name;
    EXPECT_GT(expected.narrow(0, info.offset, info.size).abs().max().item<double>(), 1e-4)
        << info.name << " has no gradient to see";
  }
}

TEST(MemoryGradient, OfTheCriticsIsThatOfTheTapeAndACutOneIsNot) {
  const Story story(kEnds);
  const Drawn drawn(story, config_of(3), 1);
  Network& critic = *story.critic;
  const SequenceInputs batch = drawn.batch.obs_actions();
  const at::Tensor y = normals({40, 1}, 5);
  const at::AutoGradMode with_grad(true);
  const at::Tensor leaf = leaf_of(critic);
  const Floats acted(drawn.batch.box_actions().begin(), drawn.batch.box_actions().end());
  const at::Tensor actions = floats(acted, {40, 1}).to(at::kDouble);
  const at::Tensor q =
      dense_reference(critic, leaf, at::cat({remembered(critic, leaf, batch), actions}, 1));
  ((q - y).pow(2).sum() / 80).backward();

  const at::Tensor targets = y.to(at::kFloat);
  Floats errors(40);
  const auto learn = [&](const SequenceInputs& rows) {
    critic.zero_gradients();
    critic.accumulate_sequence_gradient(rows, [&](const Chunk& chunk, HeadRows values,
                                                  HeadRows gradient) {
      critic_error_closed_form({}, values, {targets.data_ptr<float>() + chunk.begin, chunk.rows()},
                               drawn.batch.shares().subrow(chunk.begin, chunk.rows()), gradient,
                               Row<float>(errors).subrow(chunk.begin, chunk.rows()));
    });
  };
  learn(batch);
  expect_gradient(critic, leaf.grad());
  // The same rows, each with the state that it is reached with, and nothing through time.
  Floats alone, states(40 * kSize);
  critic.remember(batch, states.data());
  for (std::size_t i = 0; i < 40; ++i) {
    const float* row = batch.inputs.row(i, critic.row_size());
    alone.insert(alone.end(), row, row + critic.row_size());
    if (i % 4 == 0) continue;
    const bool is_reset = batch.resets[batch.inputs.place(i)] != 0;
    for (std::size_t j = 0; j < kSize; ++j) {
      alone[alone.size() - kSize + j] = is_reset ? 0 : states[(i - 1) * kSize + j];
    }
  }
  learn({{alone.data(), 40}});
  EXPECT_GT(worst(critic.gradients(), leaf.grad()), 10 * kTolerance);
}

TEST(MemoryGradient, OfTheActorGoesThroughTheActionAndItsOwnMemoryAsOnTheTape) {
  const Story story(kEnds);
  Drawn drawn(story, config_of(3), 1);
  Network &actor = *story.actor, &critic = *story.critic;
  const double alpha = 0.3;
  const at::Tensor noise = normals({40, 1}, 6);
  const at::AutoGradMode with_grad(true);
  const at::Tensor leaf = leaf_of(actor);
  const at::Tensor heads = dense_reference(actor, leaf, remembered(actor, leaf, drawn.batch.obs()));
  const at::Tensor log_std = heads.narrow(1, 1, 1);
  const at::Tensor u = heads.narrow(1, 0, 1) + log_std.exp() * noise, a = u.tanh();
  const at::Tensor log_prob = -0.5 * noise.pow(2) - log_std - (1 - a.pow(2)).log();
  const at::Tensor fixed = critic.parameters().to(at::kDouble);
  const at::Tensor q = dense_reference(
      critic, fixed, at::cat({remembered(critic, fixed, drawn.batch.obs_actions()), a}, 1));
  ((alpha * log_prob.squeeze(1) - std::get<0>(q.min(1))).sum() / 40).backward();

  // As agents/sac/sac.cc does it.
  SquashedGaussian gaussian(1);
  const at::Tensor drawn_noise = noise.to(at::kFloat).contiguous();
  Floats outputs(80), gradient(80), sampled(40), of_actions(40), log_probs(40);
  actor.forward(drawn.batch.obs(), outputs.data());
  gaussian.forward(40, {outputs.data(), 2}, drawn_noise.data_ptr<float>(), sampled.data(),
                   log_probs.data());
  drawn.batch.put(sampled.data());
  critic.late_input_gradient(
      drawn.batch.obs_actions(),
      [](const Chunk& chunk, HeadRows values, HeadRows to) {
        min_q_ascent_closed_form({}, chunk.rows(), values, to);
      },
      of_actions.data());
  for (float& each : of_actions) each /= 40;
  const Floats of_log_prob(40, static_cast<float>(alpha / 40));
  squashed_backward(gaussian, of_log_prob.data(), of_actions.data(), {gradient.data(), 2});
  actor.zero_gradients();
  actor.backward(drawn.batch.obs(), gradient.data());
  expect_gradient(actor, leaf.grad());
}

}  // namespace
}  // namespace tern
