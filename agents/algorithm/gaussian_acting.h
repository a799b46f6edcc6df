#pragma once
// How envs are acted in with a squashed Gaussian: what is drawn for each, and what it is drawn
// from.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agents/algorithm/off_policy_agent.h"
#include "agents/policy/continuous_policy.h"
#include "core/rng.h"
#include "envs/batch_views.h"

namespace tern {

/// Samples a ~ pi(. | s) for N envs, each from a stream of its own. Noise is drawn anew for each
/// step, or with state-dependent noise a function of the state is, for many.
class GaussianActing {
 public:
  /// stream: the name of the random numbers, "sac actions". sde_sample_freq: steps until a function
  /// of the state is drawn anew; 0: only with each episode.
  GaussianActing(const ContinuousPolicy& policy, std::size_t num_envs, std::uint64_t seed,
                 const std::string& stream, int sde_sample_freq = 0);

  /// Room for so many that act at once.
  void use_threads(std::size_t acting);
  /// outputs: of the actor's network for its envs. Fills their actions, [envs * A].
  void act(const Actor& actor, Rows<const float> outputs, Row<float> actions);
  void see(const StepBatch& step);

  std::vector<Rng> rngs;               // one for each env
  std::vector<float> sde_noise;        // eps of state-dependent noise, [N, H, A]
  std::vector<std::int32_t> sde_ages;  // [N] steps since it was drawn

 private:
  /// Scratch of one of those that act at once.
  struct Scratch {
    GaussianOutputs gaussian;
    SquashedGaussian distribution;
  };

  void draw_noise(const Actor& actor, Rows<const float> outputs, Rows<const float> gaussian,
                  float* noise);

  const ContinuousPolicy& policy_;
  std::size_t num_envs_;
  int sde_sample_freq_;
  std::vector<Scratch> scratch_;
  std::vector<float> noise_, log_prob_;  // [N, A], [N]
};

}  // namespace tern
