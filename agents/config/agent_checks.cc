#include "agents/config/agent_checks.h"

#include "agents/config/conv_spec.h"
#include "core/error.h"

namespace tern {

std::string place_of(const std::vector<ParamValue>& values, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    for (auto value = values.rbegin(); value != values.rend(); ++value) {
      if (value->key == key && !value->where.empty()) return value->where + ": ";
    }
  }
  return "";
}

std::string place_of(const AgentDemand& demand, const std::vector<std::string>& agent_keys,
                     const std::vector<std::string>& run_keys) {
  const std::string place = place_of(demand.agent_values, agent_keys);
  return place.empty() ? place_of(demand.run_values, run_keys) : place;
}

std::string divisors_near(std::int64_t total, std::int64_t wanted) {
  std::int64_t below = 0, above = 0;
  for (std::int64_t d = 2; d <= total; ++d) {
    if (total % d != 0) continue;
    if (d < wanted) below = d;
    if (d > wanted) {
      above = d;
      break;
    }
  }
  if (below == 0) return std::to_string(above);
  if (above == 0) return std::to_string(below);
  return std::to_string(below) + " or " + std::to_string(above);
}

std::string kind_name(const ActionSpace& space) {
  switch (space.kind()) {
    case ActionSpace::Kind::kDiscrete:
      return "Discrete";
    case ActionSpace::Kind::kMultiDiscrete:
      return "MultiDiscrete";
    case ActionSpace::Kind::kBox:
      return "Box";
  }
  return "";
}

void check_weight_decay(const std::string& optimizer, double weight_decay,
                        const std::vector<ParamValue>& values) {
  if (weight_decay == 0 || optimizer == "adamw") return;
  throw Error(place_of(values, {"weight_decay", "optimizer"}) +
              "agent.weight_decay: agent.optimizer " + optimizer +
              " decays no weights; expected 0, or optimizer adamw");
}

void check_not_recurrent(const AgentDemand& demand, const std::string& agent,
                         const std::string& reason) {
  const std::string place = place_of(demand.agent_values, {"recurrent", "recurrent_size"});
  if (place.empty()) return;
  throw Error(place + "agent.recurrent: " + agent + " " + reason +
              "; use ppo, sac or td3, or an env that shows what must be remembered");
}

void check_encoder(const AgentDemand& demand, const EncoderConfig& config) {
  try {
    chosen_convolutions(config, demand.spec.obs);
  } catch (const Error& error) {
    throw Error(
        place_of(demand.agent_values, {"cnn_kernels", "cnn_channels", "cnn_strides", "encoder"}) +
        error.what() + std::string(" (") + demand.spec.id + ")");
  }
}

}  // namespace tern
