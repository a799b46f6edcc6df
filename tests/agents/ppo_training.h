#pragma once
// PPO and its envs in memory: trains, stops, saves and loads, for tests.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agents/algorithm/train_context.h"
#include "agents/ppo/ppo.h"
#include "core/state_io.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"

namespace tern {

struct PpoSetup {
  std::string env;
  PpoConfig config;
  std::size_t num_envs = 8;
  std::int64_t total_steps = 0;  // fixes the schedules
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  PpoEquations equations = {};
  EnvRegistry* envs = &registry();

  std::int64_t steps_per_iteration() const {
    return static_cast<std::int64_t>(num_envs) * config.rollout_steps;
  }
};

/// The numbers of one report by name.
using Report = std::map<std::string, double>;

class PpoTraining {
 public:
  explicit PpoTraining(const PpoSetup& setup)
      : envs_(setup.envs->find(setup.env), {}, env_options(setup)),
        agent_(make_ppo(setup.config, envs_.spec(), setup.num_envs, setup.seed, setup.equations)),
        context_(setup.total_steps) {}

  /// Trains up to the first iteration boundary at or after `step`, by default to the end.
  void train(std::int64_t step = 0) {
    context_.stop_at = step;
    agent_->train(envs_, context_);
  }

  Agent& agent() { return *agent_; }
  VecEnv& envs() { return envs_; }
  /// One for each iteration of this object.
  const std::vector<Report>& reports() const { return context_.reports; }

  struct State {
    AgentState agent;
    std::vector<std::uint8_t> envs, episodes;

    bool operator==(const State& other) const {
      return agent.policy == other.agent.policy && agent.optimizer == other.agent.optimizer &&
             agent.training == other.agent.training && envs == other.envs &&
             episodes == other.episodes;
    }
  };

  State save() const {
    StateWriter envs, episodes;
    envs_.save(envs);
    context_.episodes.save(episodes);
    return {agent_->save(), envs.take(), episodes.take()};
  }
  void load(const State& state) {
    agent_->load(state.agent);
    StateReader envs{Row<const std::uint8_t>(state.envs)};
    envs_.load(envs);
    StateReader episodes{Row<const std::uint8_t>(state.episodes)};
    context_.episodes.load(episodes, envs_.spec().metrics.size());
  }

 private:
  class Context final : public TrainContext {
   public:
    using TrainContext::TrainContext;
    std::int64_t stop_at = 0;
    std::vector<Report> reports;

    bool end_iteration(const Agent& agent,
                       const std::function<std::vector<Metric>()>& metrics) override {
      reports.emplace_back();
      for (const Metric& metric : metrics()) reports.back()[metric.name] = metric.value;
      return stop_at == 0 || agent.step() < stop_at;
    }
  };

  static VecEnvOptions env_options(const PpoSetup& setup) {
    VecEnvOptions options;
    options.num_envs = setup.num_envs;
    options.threads = setup.threads;
    options.seed = setup.seed;
    return options;
  }

  VecEnv envs_;
  std::unique_ptr<Agent> agent_;
  Context context_;
};

}  // namespace tern
