#pragma once
// The policies of all agents with random weights, and what they see: for tests of attributions.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agents/crossq/crossq.h"
#include "agents/dqn/dqn_policy_options.h"
#include "agents/policy/discrete_policy.h"
#include "agents/ppo/ppo_policy_options.h"
#include "agents/sac/sac.h"
#include "agents/td3/td3.h"
#include "agents/tqc/tqc.h"
#include "tests/envs/mixed_env.h"

namespace tern {

inline ActionSpace choices() {
  return ActionSpace::discrete({"left", "stay", "right"});
}

inline ActionSpace reals() {
  return ActionSpace::box(
      {ActionSpace::real("torque", -2, 2, "N m"), ActionSpace::real("thrust", 0, 5)});
}

inline EnvSpec env(const ObsSpace& obs, const ActionSpace& action) {
  EnvSpec spec;
  spec.id = "Test-v0";
  spec.obs = obs;
  spec.action = action;
  return spec;
}

inline ObsSpace numbers() {
  return ObsSpace().scalar("angle", -3, 3).vector("rays", 60, 0, 1).categorical("gear", 4, 2);
}

inline ObsSpace picture() {
  return ObsSpace(DType::kUint8).image("screen", 10, 10, 3, 0, 255);
}

inline ObsSpace mixed() {
  return MixedEnv(MixedEnv::Params()).spec().obs;
}

/// An observation of which no number is 0, and what a policy did there.
struct Scene {
  std::vector<float> floats;
  std::vector<std::uint8_t> bytes, mask;
  std::vector<float> state;
  std::vector<float> reals;
  std::vector<std::int32_t> choices;

  ConstObsRow obs() const {
    return ConstObsRow(ObsRow(const_cast<float*>(row.data()), floats.size(), bytes.size()));
  }
  std::vector<float> row;  // the floats, then the bytes

  AttributionQuestion question(std::size_t output, AttributionMethod method) const {
    AttributionQuestion question;
    question.obs = obs();
    question.mask = mask;
    question.state = state;
    question.action = reals.empty() ? ActionRow(Row<const std::int32_t>(choices))
                                    : ActionRow(Row<const float>(reals));
    question.output = output;
    question.method = method;
    return question;
  }
  void pack() {
    row.assign(floats.size() + (bytes.size() + 3) / 4 + 1, 0.0f);
    std::copy(floats.begin(), floats.end(), row.begin());
    std::copy(bytes.begin(), bytes.end(),
              reinterpret_cast<std::uint8_t*>(row.data() + floats.size()));
  }
};

inline Scene random_scene(const EnvSpec& spec, Policy& policy, Rng& rng) {
  Scene scene;
  for (const Field& field : spec.obs.fields()) {
    for (std::size_t i = 0; i < field.size(); ++i) {
      const bool is_index = field.categories > 0;
      const double index =
          field.first + rng.below(static_cast<std::uint32_t>(std::max(field.categories, 1)));
      if (field.dtype == DType::kUint8) {
        scene.bytes.push_back(static_cast<std::uint8_t>(is_index ? index : 100 + rng.below(150)));
      } else {
        scene.floats.push_back(static_cast<float>(is_index ? index : rng.uniform(0.4, 1.0)));
      }
    }
  }
  scene.pack();
  for (std::size_t i = 0; i < policy.state_size(); ++i) {
    scene.state.push_back(static_cast<float>(rng.uniform(-0.5, 0.5)));
  }
  std::vector<float> next = scene.state;
  if (spec.action.is_box()) {
    scene.reals.resize(spec.action.size());
    policy.act({scene.obs(), {}, &rng, MutableActionRow(Row<float>(scene.reals)), next},
               /*deterministic=*/false);
  } else {
    scene.mask.assign(spec.action.mask_size(), 1);
    scene.mask[rng.below(static_cast<std::uint32_t>(scene.mask.size()))] = 0;
    scene.choices.resize(spec.action.size());
    policy.act(
        {scene.obs(), scene.mask, &rng, MutableActionRow(Row<std::int32_t>(scene.choices)), next},
        /*deterministic=*/true);
  }
  return scene;
}

/// Biases start at 0 and heads small; after some learning they are not.
inline void shake(Network& network, Rng& rng) {
  for (float& each : network.parameter_row()) {
    each = 1.3f * each + 0.05f * static_cast<float>(rng.normal());
  }
}

/// A policy and its networks.
struct Subject {
  std::string name;
  EnvSpec spec;
  std::unique_ptr<Policy> policy;
  std::vector<Network*> networks;
};

template <class P, class Options>
inline Subject actor_alone(const std::string& name, const Options& options, const EnvSpec& spec,
                           std::uint64_t seed) {
  Rng rng(seed, "parameters");
  auto policy = std::make_unique<P>(options, spec, Rng(rng.next(), "test"));
  std::vector<Network*> networks = {policy->net.network.get()};
  shake(*networks[0], rng);
  return {name, spec, std::move(policy), networks};
}

template <class P, class Options>
inline Subject actor_critic(const std::string& name, const Options& options, const EnvSpec& spec,
                            std::uint64_t seed) {
  Subject subject = actor_alone<P>(name, options, spec, seed);
  auto& policy = static_cast<P&>(*subject.policy);
  Rng rng(seed, "critics");
  shake(*policy.critic, rng);
  subject.networks.push_back(policy.critic.get());
  return subject;
}

template <class Config>
Config small(const std::string& activation = "tanh", const std::string& encoder = "auto") {
  Config config;
  config.hidden_sizes = {32, 24};
  config.activation = activation;
  config.encoder.encoder = encoder;
  config.encoder.cnn_channels = {8, 8};
  config.encoder.cnn_kernels = {3, 3};
  config.encoder.cnn_strides = {1, 1};
  return config;
}

/// Two layers of kernels do not fit into the pictures of MixedEnv.
template <class Config>
Config one_layer() {
  auto config = small<Config>("relu");
  config.encoder.encoder = "cnn";
  config.encoder.cnn_channels = {8};
  config.encoder.cnn_kernels = {3};
  config.encoder.cnn_strides = {1};
  return config;
}

inline Subject ppo(const std::string& name, const PpoConfig& config, const EnvSpec& spec,
                   std::uint64_t seed = 1) {
  ActorCriticOptions options = ppo_policy_options(config, spec);
  options.policy_gain = 1;
  return actor_alone<ActorCriticPolicy>(name, options, spec, seed);
}

inline Subject dqn(const std::string& name, const DqnConfig& config, const EnvSpec& spec,
                   std::uint64_t seed = 1) {
  return actor_alone<QPolicy>(name, dqn_policy_options(config, spec), spec, seed);
}

inline Subject sac(const std::string& name, const SacConfig& config, const EnvSpec& spec,
                   std::uint64_t seed = 1) {
  return actor_critic<ContinuousPolicy>(name, sac_policy_options(config, spec), spec, seed);
}

inline Subject discrete_sac(const std::string& name, const SacConfig& config, const EnvSpec& spec,
                            std::uint64_t seed = 1) {
  return actor_critic<DiscretePolicy>(name, discrete_policy_options("sac", config, spec), spec,
                                      seed);
}

/// Networks that are smooth and read floats alone.
inline std::vector<Subject> smooth_subjects() {
  const EnvSpec discrete = env(numbers(), choices()), box = env(numbers(), reals());
  std::vector<Subject> subjects;
  subjects.push_back(ppo("ppo", small<PpoConfig>(), discrete));
  subjects.push_back(ppo("ppo box", small<PpoConfig>(), box));
  auto dueling = small<DqnConfig>("silu");
  dueling.dueling = true;
  subjects.push_back(dqn("dqn", small<DqnConfig>(), discrete));
  subjects.push_back(dqn("dqn dueling", dueling, discrete));
  dueling.quantiles = 5;
  subjects.push_back(dqn("dqn dueling quantiles", dueling, discrete));
  auto quantiles = small<DqnConfig>();
  quantiles.quantiles = 5;
  subjects.push_back(dqn("dqn quantiles", quantiles, discrete));
  subjects.push_back(discrete_sac("sac discrete", small<SacConfig>(), discrete));
  subjects.push_back(sac("sac", small<SacConfig>(), box));
  auto sde = small<SacConfig>();
  sde.use_sde = true;
  subjects.push_back(sac("sac sde", sde, box));
  subjects.push_back(actor_critic<ContinuousPolicy>(
      "td3", td3_policy_options("td3", small<Td3Config>(), box), box, 1));
  const auto tqc = small<TqcConfig>();
  subjects.push_back(actor_critic<ContinuousPolicy>(
      "tqc", sac_policy_options(tqc, box, tqc_variant(tqc)), box, 1));
  auto crossq = small<CrossqConfig>();
  crossq.critic_hidden_sizes = {32};
  subjects.push_back(
      actor_critic<ContinuousPolicy>("crossq", crossq_policy_options(crossq, box), box, 1));
  auto gru = small<PpoConfig>();
  gru.recurrent = "gru";
  gru.recurrent_size = 16;
  subjects.push_back(ppo("ppo gru", gru, discrete));
  auto remembering = small<SacConfig>();
  remembering.replay.memory.recurrent = "gru";
  remembering.replay.memory.recurrent_size = 16;
  subjects.push_back(sac("sac gru", remembering, box));
  subjects.push_back(discrete_sac("sac discrete gru", remembering, discrete));
  return subjects;
}

inline std::vector<Subject> all_subjects() {
  std::vector<Subject> subjects = smooth_subjects();
  const EnvSpec discrete = env(numbers(), choices()), box = env(numbers(), reals());
  auto layer_norm = small<SacConfig>("relu");
  layer_norm.layer_norm = true;
  subjects.push_back(sac("sac layer norm", layer_norm, box));
  subjects.push_back(ppo("ppo relu", small<PpoConfig>("relu"), discrete));
  auto fourier = small<PpoConfig>();
  fourier.encoder.encoder = "fourier";
  subjects.push_back(ppo("ppo fourier", fourier, discrete));
  subjects.push_back(ppo("ppo cnn", small<PpoConfig>("relu", "cnn"), env(picture(), choices())));
  subjects.push_back(dqn("dqn cnn", small<DqnConfig>("relu", "cnn"), env(picture(), choices())));
  subjects.push_back(sac("sac cnn", small<SacConfig>("relu", "cnn"), env(picture(), reals())));
  subjects.push_back(ppo("ppo mixed", one_layer<PpoConfig>(), env(mixed(), choices())));
  subjects.push_back(discrete_sac("sac mixed", one_layer<SacConfig>(), env(mixed(), choices())));
  return subjects;
}

}  // namespace tern
