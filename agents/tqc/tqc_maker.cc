// TQC's entry in the table of agents: SAC with other critics.

#include "agents/algorithm/agent_maker.h"
#include "agents/losses/quantile_q_closed_form.h"
#include "agents/tqc/tqc.h"

namespace tern {

SacVariant tqc_variant(const TqcConfig& config) {
  SacVariant variant;
  variant.agent = "tqc";
  variant.critics = {static_cast<std::size_t>(config.critics),
                     static_cast<std::size_t>(config.quantiles),
                     static_cast<std::size_t>(config.dropped_quantiles)};
  variant.equations.target = truncated_quantile_target_closed_form;
  variant.equations.critic_error = quantile_huber_closed_form;
  variant.equations.ascent = mean_quantile_ascent_closed_form;
  return variant;
}

AgentMaker tqc_maker() {
  AgentMaker maker;
  maker.make = [](const RunConfig& run, const EnvSpec& spec) {
    const auto config = agent_config<TqcConfig>(run);
    return make_sac(config, spec, static_cast<std::size_t>(run.run.num_envs),
                    static_cast<std::uint64_t>(run.run.seed), tqc_variant(config));
  };
  maker.load_policy = [](const RunConfig& run, const EnvSpec& spec,
                         Row<const std::uint8_t> state) {
    const auto config = agent_config<TqcConfig>(run);
    return load_continuous_policy(sac_policy_options(config, spec, tqc_variant(config)), spec, state);
  };
  return maker;
}

}  // namespace tern
