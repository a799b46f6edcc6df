#pragma once
// PPO's objective for a chunk of a minibatch, sample by sample: Eq. 7 and 9 of Schulman et al.
// 2017.

#include <cmath>

#include "agents/algorithm/on_policy_agent.h"
#include "agents/kernels/softmax.h"
#include "agents/losses/advantage_closed_form.h"
#include "agents/losses/ppo_closed_form.h"

namespace tern {

/// A chunk with what else the objective reads and writes.
struct PpoChunk : OnPolicyChunk {
  const OnPolicySamples& samples;
  Moments advantages;  // of the minibatch, or none: 0 and 1
  double clip_range = 0, value_clip_range = 0, value_coef = 0;
  Row<float> ratio;  // to be written: pi(a | s) / pi_old(a | s)
};

/// Sums over samples. clipped: ratios that left the clip range.
struct PpoTerms {
  double policy_loss = 0, value_loss = 0, entropy = 0, kl = 0, clipped = 0;

  void add(const PpoTerms& sums, double rows) {
    policy_loss += sums.policy_loss / rows;
    value_loss += sums.value_loss / rows;
    entropy += sums.entropy / rows;
    kl += sums.kl / rows;
    clipped += sums.clipped / rows;
  }
};

using PpoLoss = PpoTerms (*)(const PpoChunk& chunk);

/// Eq. 9 without the entropy bonus, negated, so that it is minimised:
///   L = mean( L_clip + value_coef L_value )
/// PPO detail 11: the critic's term is value_coef times the squared error, without a factor 1/2.
/// Surrogate and ValueError are others only in tests, which break them.
template <auto Surrogate = clipped_surrogate, auto ValueError = value_error>
PpoTerms ppo_loss(const PpoChunk& chunk) {
  const OnPolicySamples& samples = chunk.samples;
  const auto share = static_cast<float>(chunk.share);
  const auto value_share = static_cast<float>(chunk.share * chunk.value_coef);
  const auto clip_range = static_cast<float>(chunk.clip_range);
  const double deviation = chunk.advantages.deviation + 1e-8;
  for (std::size_t r = 0; r < chunk.index.size(); ++r) {
    const auto k = static_cast<std::size_t>(chunk.index[r]);
    chunk.ratio[r] = chunk.log_prob[r] - samples.old_log_prob[k];
  }
  exp_floats(chunk.ratio.data(), chunk.ratio.size(), chunk.ratio.data());
  PpoTerms sum;
  for (std::size_t r = 0; r < chunk.index.size(); ++r) {
    const auto k = static_cast<std::size_t>(chunk.index[r]);
    const float ratio = chunk.ratio[r], value = chunk.values.data[r * chunk.values.stride];
    const auto advantage =
        static_cast<float>((samples.advantages[k] - chunk.advantages.mean) / deviation);
    const LossTerm policy = Surrogate(ratio, advantage, chunk.clip_range);  // Eq. 7
    const LossTerm critic =
        ValueError(value, samples.old_values[k], samples.returns[k], chunk.value_clip_range);
    chunk.log_prob_gradient[r] = share * policy.gradient;
    chunk.value_gradient.data[r * chunk.value_gradient.stride] = value_share * critic.gradient;
    sum.policy_loss += policy.loss;
    sum.value_loss += critic.loss;
    sum.entropy += chunk.entropy[r];
    sum.kl += ratio - 1 - (chunk.log_prob[r] - samples.old_log_prob[k]);  // KL(pi_old || pi)
    sum.clipped += std::abs(ratio - 1) > clip_range ? 1 : 0;
  }
  return sum;
}

}  // namespace tern
