// Learning on envs whose answer is known in closed form: every seed must find it, and an agent with
// one wrong equation must not.

#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "agents/algorithm/train_context.h"
#include "core/policy.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "reinforce.h"

namespace {

using namespace tern;
using custom_agent::ReinforceEquations;
using custom_agent::Term;

/// What a policy must think of one observation: V(s), and the action that it must be sure of.
struct Answer {
  std::vector<float> obs;
  double value = 0;
  int action = -1;  // -1: all are equally good
  std::vector<std::uint8_t> mask = {1, 1};
};
struct Probe {
  std::string env;
  std::vector<Answer> answers;
};

// Each env's file in envs/probe says why. With gamma 1/2 a missing discount is off by 1/2.
constexpr double kGamma = 0.5;
const Probe kOneStep = {"Probe-OneStep-v0", {{{0}, 1}}};
const Probe kObservation = {"Probe-Observation-v0", {{{-1}, -1}, {{1}, 1}}};
const Probe kDiscount = {"Probe-Discount-v0", {{{0}, kGamma}, {{1}, 1}}};
const Probe kTruncation = {"Probe-Truncation-v0", {{{0}, 1 / (1 - kGamma)}}};
const Probe kAction = {"Probe-Action-v0", {{{0}, 1, 1}}};
const Probe kObservationAction = {"Probe-ObservationAction-v0", {{{-1}, 1, 0}, {{1}, 1, 1}}};
const Probe kMask = {"Probe-Mask-v0",
                     {{{-1, 0}, 1 + kGamma, 2, {0, 1, 1}},
                      {{1, 0}, 1 + kGamma, 0, {1, 1, 0}},
                      {{-1, 1}, 1, 2, {0, 1, 1}},
                      {{1, 1}, 1, 0, {1, 1, 0}}}};

/// A run in memory that reports nothing and saves nothing.
class Training final : public TrainContext {
 public:
  using TrainContext::TrainContext;
  bool end_iteration(const Agent&, const std::function<std::vector<Metric>()>&) override {
    return true;
  }
};

std::unique_ptr<Policy> trained(const std::string& env, std::uint64_t seed,
                                const ReinforceEquations& equations) {
  VecEnvOptions options;
  options.num_envs = 8;
  options.seed = seed;
  VecEnv envs(registry().find(env), {}, options);
  custom_agent::ReinforceConfig config;
  config.rollout_steps = 8;
  config.gamma = kGamma;
  config.learning_rate = Schedule::linear(1e-2);
  config.hidden_sizes = {16};
  const auto agent =
      custom_agent::make_reinforce(config, envs.spec(), options.num_envs, seed, equations);
  Training training(/*total_steps=*/32'000);
  agent->train(envs, training);
  return agent->snapshot();
}

/// What the trained policy is wrong about, or "".
std::string missed(const Probe& probe, std::uint64_t seed, const ReinforceEquations& equations) {
  const auto policy = trained(probe.env, seed, equations);
  for (const Answer& answer : probe.answers) {
    std::vector<float> obs = answer.obs;
    std::vector<std::uint8_t> mask = answer.mask;
    const Inspection seen = policy->inspect(ObsRow(FloatRow(obs)), MaskRow(mask));
    const std::string at = probe.env + " seed " + std::to_string(seed) + ": ";
    if (!(std::abs(*seen.value - answer.value) <= 0.05)) {
      return at + "value " + std::to_string(*seen.value) + ", not " + std::to_string(answer.value);
    }
    if (answer.action >= 0 && !(seen.probabilities[answer.action] >= 0.95)) {
      return at + "probability " + std::to_string(seen.probabilities[answer.action]);
    }
  }
  return "";
}

/// Probe-Continuous-v0: the best action is half the observation.
std::string missed_continuous(std::uint64_t seed, const ReinforceEquations& equations) {
  const auto policy = trained("Probe-Continuous-v0", seed, equations);
  for (float obs : {-0.8f, 0.0f, 0.8f}) {
    const Inspection seen = policy->inspect(ObsRow(FloatRow(&obs, 1)), {});
    const double mean = seen.mean[0], deviation = seen.standard_deviation[0];
    if (!(std::abs(mean - obs / 2) <= 0.1 && deviation <= 0.5)) {  // it starts at 1
      return "Probe-Continuous-v0 seed " + std::to_string(seed) + ": mean " + std::to_string(mean) +
             ", deviation " + std::to_string(deviation);
    }
  }
  return "";
}

int failures = 0;

void expect_found(const std::string& wrong) {
  if (wrong.empty()) return;
  std::printf("%s\n", wrong.c_str());
  ++failures;
}

void expect_missed(const std::string& sabotage, const std::string& wrong) {
  if (!wrong.empty()) return;
  std::printf("%s was not seen\n", sabotage.c_str());
  ++failures;
}
void expect_missed(const std::string& sabotage, const ReinforceEquations& equations,
                   const std::vector<Probe>& probes) {
  for (const Probe& probe : probes) {
    for (const std::uint64_t seed : {1, 2}) {
      expect_missed(sabotage + " on " + probe.env, missed(probe, seed, equations));
    }
  }
}

}  // namespace

int main() {
  for (const Probe& probe :
       {kOneStep, kObservation, kDiscount, kTruncation, kAction, kObservationAction, kMask}) {
    for (const std::uint64_t seed : {1, 2, 3}) expect_found(missed(probe, seed, {}));
  }
  for (const std::uint64_t seed : {1, 2, 3}) expect_found(missed_continuous(seed, {}));

  ReinforceEquations flipped;
  flipped.policy = [](float log_prob, float advantage) {
    return Term{advantage * log_prob, advantage};
  };
  expect_missed("a flipped policy loss", flipped, {kAction, kObservationAction, kMask});
  expect_missed("a flipped policy loss on real actions", missed_continuous(1, flipped));

  ReinforceEquations no_policy;
  no_policy.policy = [](float, float) { return Term{}; };
  expect_missed("no policy loss", no_policy, {kAction, kObservationAction, kMask});
  expect_missed("no policy loss on real actions", missed_continuous(1, no_policy));

  ReinforceEquations no_baseline;
  no_baseline.value = [](float, float) { return Term{}; };
  expect_missed("no loss of the baseline", no_baseline, {kOneStep, kObservation, kDiscount});

  ReinforceEquations no_discount;
  no_discount.discounted = [](float reward, bool terminated, float after, double) {
    return terminated ? reward : reward + after;
  };
  expect_missed("no discount", no_discount, {kDiscount, kTruncation, kMask});

  ReinforceEquations no_ends;
  no_ends.discounted = [](float reward, bool, float after, double gamma) {
    return reward + static_cast<float>(gamma) * after;
  };
  expect_missed("no ends of episodes", no_ends, {kOneStep, kDiscount, kMask});

  std::printf(failures == 0 ? "every probe was solved, every sabotage was seen\n" : "%d failures\n",
              failures);
  return failures == 0 ? 0 : 1;
}
