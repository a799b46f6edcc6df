// Oracle: PPO's whole objective for a chunk of a minibatch against its references on LibTorch's
// tape, value, derivatives and what is reported of it.

#include "agents/ppo/ppo_loss.h"

#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <vector>

#include "agents/reference_losses/advantage.h"
#include "agents/reference_losses/ppo_loss.h"
#include "core/rng.h"
#include "tests/agents/tensors.h"

namespace tern {
namespace {

using Floats = std::vector<float>;

Floats normals(std::size_t size, double scale, Rng& rng) {
  Floats values(size);
  for (float& value : values) value = static_cast<float>(scale * rng.normal());
  return values;
}

at::Tensor in_double(const Floats& values) {
  return doubles({values.begin(), values.end()});
}

Floats at_index(const Floats& all, const std::vector<std::int32_t>& index) {
  Floats chosen;
  for (const std::int32_t k : index) chosen.push_back(all[static_cast<std::size_t>(k)]);
  return chosen;
}

TEST(PpoLoss, IsTheReferences) {
  Rng rng(1, "ppo loss");
  constexpr std::size_t kRollout = 90, kRows = 40, kStride = 3;  // values stand between others
  OnPolicySamples samples;
  samples.old_log_prob = normals(kRollout, 1, rng);
  samples.old_values = normals(kRollout, 1, rng);
  samples.returns = normals(kRollout, 1, rng);
  samples.advantages = normals(kRollout, 3, rng);
  std::vector<std::int32_t> index;
  for (std::size_t r = 0; r < kRows; ++r)
    index.push_back(static_cast<std::int32_t>((r * 37) % kRollout));
  Floats log_prob = at_index(samples.old_log_prob, index), moved = normals(kRows, 0.3, rng);
  for (std::size_t r = 0; r < kRows; ++r) log_prob[r] += moved[r];
  const Floats entropy(kRows, 0.5f), values = normals(kRows * kStride, 1, rng);
  Floats of_rows;
  for (std::size_t r = 0; r < kRows; ++r) of_rows.push_back(values[r * kStride]);

  for (const double value_clip_range : {0.0, 0.4}) {
    Floats ratio(kRows), log_prob_gradient(kRows), value_gradient(kRows * kStride, 7.0f);
    const Moments moments = moments_of(Row<const float>(samples.advantages), index);
    const double clip_range = 0.2, value_coef = 0.7;
    const OnPolicyChunk chunk = {0,
                                 0,
                                 1.0 / kRows,
                                 index,
                                 log_prob,
                                 entropy,
                                 {values.data(), kStride},
                                 log_prob_gradient,
                                 {value_gradient.data(), kStride}};
    const PpoTerms sums =
        ppo_loss<>({chunk, samples, moments, clip_range, value_clip_range, value_coef, ratio});

    const at::Tensor new_log_prob = in_double(log_prob).set_requires_grad(true);
    const at::Tensor new_values = in_double(of_rows).set_requires_grad(true);
    const at::Tensor old_log_prob = in_double(at_index(samples.old_log_prob, index));
    const at::Tensor policy = ppo_policy_loss(
        new_log_prob, old_log_prob,
        normalized_advantages(in_double(at_index(samples.advantages, index))), clip_range);
    const at::Tensor value =
        value_loss(new_values, in_double(at_index(samples.old_values, index)),
                   in_double(at_index(samples.returns, index)), value_clip_range);
    (policy + value_coef * value).backward();

    EXPECT_NEAR(sums.policy_loss / kRows, policy.item<double>(), 1e-6);
    EXPECT_NEAR(sums.value_loss / kRows, value.item<double>(), 1e-6);
    EXPECT_NEAR(sums.kl / kRows, approximate_kl(new_log_prob, old_log_prob), 1e-6);
    EXPECT_NEAR(sums.clipped / kRows, clip_fraction(new_log_prob, old_log_prob, clip_range), 1e-6);
    EXPECT_GT(sums.clipped, 0);
    EXPECT_NEAR(sums.entropy, 0.5 * kRows, 1e-6);
    const std::vector<double> of_log_prob = values_of(new_log_prob.grad());
    const std::vector<double> of_value = values_of(new_values.grad());
    for (std::size_t r = 0; r < kRows; ++r) {
      EXPECT_NEAR(log_prob_gradient[r], of_log_prob[r], 1e-6) << r;
      EXPECT_NEAR(value_gradient[r * kStride], of_value[r], 1e-6) << r;
      EXPECT_EQ(value_gradient[r * kStride + 1], 7) << "what stands between is left";
    }
  }
}

}  // namespace
}  // namespace tern
