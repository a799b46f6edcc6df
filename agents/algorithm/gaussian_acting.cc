#include "agents/algorithm/gaussian_acting.h"

namespace tern {

GaussianActing::GaussianActing(const ContinuousPolicy& policy, std::size_t num_envs,
                               std::uint64_t seed, const std::string& stream, int sde_sample_freq)
    : sde_noise(num_envs * policy.gaussian.noise().size()),
      sde_ages(policy.gaussian.has_sde() ? num_envs : 0),
      policy_(policy),
      num_envs_(num_envs),
      sde_sample_freq_(sde_sample_freq),
      noise_(num_envs * policy.num_actions()),
      log_prob_(num_envs) {
  for (std::size_t i = 0; i < num_envs; ++i) rngs.emplace_back(seed, stream, i);
}

void GaussianActing::use_threads(std::size_t acting) {
  scratch_.assign(acting, {policy_.gaussian, SquashedGaussian(policy_.num_actions())});
  for (Scratch& each : scratch_) {
    each.gaussian.reserve(num_envs_);
    each.distribution.reserve(num_envs_);
  }
}

void GaussianActing::act(const Actor& actor, Rows<const float> outputs, Row<float> actions) {
  Scratch& scratch = scratch_[actor.index];
  const Rows<const float> gaussian =
      scratch.gaussian.forward(*actor.net->network, actor.envs(), outputs);
  float* noise = noise_.data() + actor.begin * policy_.num_actions();
  draw_noise(actor, outputs, gaussian, noise);
  scratch.distribution.forward(actor.envs(), gaussian, noise, actions.data(),
                               log_prob_.data() + actor.begin);
}

void GaussianActing::draw_noise(const Actor& actor, Rows<const float> outputs,
                                Rows<const float> gaussian, float* drawn) {
  const std::size_t components = policy_.num_actions();
  if (!policy_.gaussian.has_sde()) {
    for (std::size_t k = 0; k < actor.envs() * components; ++k) {
      drawn[k] = static_cast<float>(rngs[actor.begin + k / components].normal());
    }
    return;
  }
  const StateDependentNoise& noise = policy_.gaussian.noise();
  for (std::size_t r = 0; r < actor.envs(); ++r) {
    const std::size_t i = actor.begin + r;
    const Row<float> eps(sde_noise.data() + i * noise.size(), noise.size());
    if (sde_ages[i] == 0) {
      for (float& each : eps) each = static_cast<float>(rngs[i].normal());
    }
    ++sde_ages[i];
    if (sde_ages[i] == sde_sample_freq_) sde_ages[i] = 0;
    noise.standardized({outputs.data + r * outputs.stride + components, noise.hidden()},
                       policy_.gaussian.log_sigma(*actor.net->network), eps,
                       {gaussian.data + r * gaussian.stride + components, components},
                       {drawn + r * components, components});
  }
}

void GaussianActing::see(const StepBatch& step) {
  for (std::size_t i = 0; i < sde_ages.size(); ++i) {
    if (step.terminated[i] || step.truncated[i]) sde_ages[i] = 0;
  }
}

}  // namespace tern
