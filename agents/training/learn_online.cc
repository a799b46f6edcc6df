#include "agents/training/learn_online.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include "agents/algorithm/off_policy_agent.h"
#include "agents/catalog/catalog.h"
#include "agents/run/changed_env.h"
#include "agents/run/checkpoint_store.h"
#include "agents/run/policy_spec.h"
#include "agents/run/resolve_config.h"
#include "agents/run/run_folder.h"
#include "agents/training/factory.h"
#include "agents/training/platform.h"
#include "core/checked_policy.h"
#include "core/files/sha256.h"
#include "core/row_checks.h"
#include "core/utf8.h"
#include "envs/registry/configured_spec.h"
#include "envs/registry/registry.h"

namespace tern {
namespace {

constexpr int kKeptCheckpoints = 3;

/// Stands in the registry for what a program steps itself: its facts are known, it cannot be made.
class FactsOnly final : public Env {
 public:
  explicit FactsOnly(EnvSpec spec) : spec_(std::move(spec)) {}
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow) override { refuse(); }
  StepResult step(ActionRow, Rng&, ObsRow) override { refuse(); }

 private:
  [[noreturn]] void refuse() const {
    throw Error(spec_.id + " is stepped by the program that owns it; nothing else can");
  }
  EnvSpec spec_;
};

/// What a run needs of the env that the program steps.
EnvSpec facts_of(EnvSpec spec) {
  if (spec.id.empty()) throw Error("OnlineRequest::env has no id; expected one such as 'Robot-v0'");
  if (spec.obs.size() == 0) throw Error(spec.id + " has no observation; add a field to spec.obs");
  if (spec.action.size() == 0) throw Error(spec.id + " has no action; set spec.action");
  spec.metrics.clear();
  spec.reward_terms.clear();
  spec.state_fields.clear();
  spec.num_levels = 0;
  return spec;
}

void add_facts(const EnvSpec& spec) {
  if (registry().find_loaded(spec.id) != nullptr) return;
  EnvEntry entry;
  entry.spec = spec;
  entry.origin = "program";
  entry.make = [spec](const ParamValues&) { return std::make_unique<FactsOnly>(spec); };
  entry.make_group = [spec](const ParamValues&, std::size_t) -> std::unique_ptr<EnvGroup> {
    throw Error(spec.id + " is stepped by the program that owns it; nothing else can");
  };
  registry().add(std::move(entry));
}

RunConfig config_of(const OnlineRequest& request, const EnvSpec& spec) {
  if (!find_agent(request.agent).replay_schema) {
    std::string names;
    for (const AgentInfo& each : agents()) {
      if (each.replay_schema) names += (names.empty() ? "" : ", ") + each.name;
    }
    throw Error("agent '" + request.agent +
                "' learns from whole rollouts, not step by step; expected one of " + names);
  }
  add_facts(spec);
  Config words;
  words.agent_name = {"name", request.agent, "OnlineRequest::agent"};
  words.env_id = {"id", spec.id, "OnlineRequest::env"};
  std::vector<ParamValue> settings = request.settings;
  for (ParamValue& setting : settings) {
    if (setting.where.empty()) setting.where = "OnlineRequest::settings";
  }
  settings.insert(settings.begin(), {"num_envs", "1", "OnlineRequest::settings"});
  RunConfig config = resolve_run_config(words, settings);
  const auto refuse = [](const std::string& key, const std::string& why) {
    throw Error("OnlineRequest::settings: " + key + ": " + why);
  };
  if (config.run.num_envs != 1) refuse("num_envs", "the program steps one env; expected 1");
  for (const ParamValue& value : config.agent_params) {
    if (value.key == "hindsight" && value.text != "none") {
      refuse("hindsight", "only an env that can be made relabels goals; expected none");
    }
  }
  if (!config.run.init_from.empty())
    refuse("init_from", "expected none; load() goes on from a run");
  const EnvSpec known = configured_spec(registry().find(spec.id), config.env);
  const std::string differences = space_differences(known, spec);
  if (!differences.empty()) {
    throw Error("'" + spec.id + "' is known with other observations or actions:\n" + differences);
  }
  return config;
}

class Learner final : public OnlineLearner {
 public:
  explicit Learner(const OnlineRequest& request)
      : spec_(facts_of(request.env)),
        config_(config_of(request, spec_)),
        checks_(spec_.id, policy_spec(spec_, config_)) {
    set_up_platform();
    agent_ = new_agent();
    agent_->check_begin();  // demonstrations are read
    learner().prepare_stepwise(config_.run.total_steps);
  }

  void begin(ConstObsRow obs, ConstMaskRow mask) override {
    const ConstMaskRow allowed = checked(obs, mask);
    checks_.some_allowed(allowed);
    learner().show_first(obs, allowed);
    turn_ = Turn::kAct;
  }

  ActionRow act() override {
    if (turn_ == Turn::kBegin) checks_.refuse("act() needs an episode; call begin() first");
    turn_ = Turn::kObserve;
    return learner().act_once();
  }

  void observe(const Observed& what) override {
    if (turn_ != Turn::kObserve) {
      checks_.refuse("observe() tells what an action led to; call act() first");
    }
    const ConstMaskRow allowed = checked(what.obs, what.mask);
    const bool has_ended = what.terminated || what.truncated;
    if (!has_ended) checks_.some_allowed(allowed);
    if (!std::isfinite(what.reward)) {
      checks_.refuse("the reward is " + format_number(what.reward) + "; expected a finite number");
    }
    if (what.terminated && what.truncated) {
      checks_.refuse("a step is terminated and truncated; expected one of them at most");
    }
    learner().take({what.reward, what.terminated, what.truncated}, what.obs, allowed, episodes_);
    turn_ = has_ended ? Turn::kBegin : Turn::kAct;
  }

  std::int64_t learn(std::int64_t most) override { return learner().learn_due(most); }
  std::int64_t step() const override { return agent_->step(); }
  std::vector<Metric> metrics() const override { return learner().stepwise_metrics(episodes_); }
  std::unique_ptr<Policy> policy() const override {
    return checked_policy(agent_->snapshot(), checks_.spec());
  }

  void save(const std::string& run) override {
    if (folder_ != run) take_folder(run);
    const std::vector<std::int64_t> steps = CheckpointStore(run).steps();
    if (std::find(steps.begin(), steps.end(), step()) != steps.end()) return;
    const AgentState state = agent_->save();
    CheckpointWriter writer(run, manifest_of(state));
    if (agent_->replay_bytes() > 0) {
      writer.add_stream(
          "replay.bin", [&](ByteSink& out) { agent_->save_replay(out); }, PartKeep::kNewestOnly);
    }
    writer.add("policy.bin", ByteRow(state.policy));
    writer.add("optimizer.bin", ByteRow(state.optimizer));
    writer.add("training.bin", ByteRow(state.training));
    writer.commit();
    CheckpointStore(run).retain(kKeptCheckpoints);
  }

  void load(const std::string& run) override {
    const RunRef ref = find_checkpoint(run);
    const Checkpoint checkpoint(ref.run, *ref.step);
    check_same(checkpoint.manifest(), ref.run);
    std::unique_ptr<Agent> agent = new_agent();
    agent->load({checkpoint.read_part("policy.bin"), checkpoint.read_part("optimizer.bin"),
                 checkpoint.read_part("training.bin")});
    checkpoint.read_stream("replay.bin", [&](ByteSource& in) { agent->load_replay(in); });
    agent_ = std::move(agent);
    loaded_ = ref.run;
    learner().prepare_stepwise(config_.run.total_steps);
    episodes_ = {};
    turn_ = Turn::kBegin;
  }

 private:
  enum class Turn { kBegin, kAct, kObserve };

  std::unique_ptr<Agent> new_agent() const { return make_agent(config_, spec_); }
  OffPolicyAgent& learner() const {
    auto* const learner = dynamic_cast<OffPolicyAgent*>(agent_.get());
    if (learner != nullptr) return *learner;
    throw Error("agent '" + config_.agent + "' does not learn step by step");
  }
  ConstMaskRow checked(ConstObsRow obs, ConstMaskRow mask) const {
    checks_.obs(obs);
    return checks_.mask(mask);
  }

  /// Makes the folder, or goes on in the one that was loaded.
  void take_folder(const std::string& run) {
    folder_.clear();
    lock_.reset();
    if (!is_run_folder(run)) {
      make_folder(run);
    } else {
      std::error_code error;
      if (!std::filesystem::equivalent(run, loaded_, error)) {
        throw Error(run +
                    " holds a run that this learner has not loaded; load() it, or name another "
                    "folder");
      }
      lock_.emplace(RunLock(run));
      const std::vector<std::int64_t> steps = CheckpointStore(run).steps();
      if (!steps.empty() && steps.back() > step()) {
        throw Error(run + " has gone on to step " + std::to_string(steps.back()) +
                    " since it was loaded at an earlier one; name another folder");
      }
    }
    folder_ = run;
  }

  void make_folder(const std::string& run) {
    NewRun request;
    request.out = run;
    request.config_yaml = format_run_config(config_, {"Learned inside a program."});
    lock_.emplace(std::move(create_run(request).lock));
  }

  Manifest manifest_of(const AgentState& state) const {
    Manifest manifest;
    manifest.agent = config_.agent;
    manifest.env_id = spec_.id;
    manifest.spec = spec_;
    manifest.step = step();
    manifest.blas_core = blas_core();
    manifest.config = config_;
    Bytes learned = state.policy;
    learned.insert(learned.end(), state.optimizer.begin(), state.optimizer.end());
    manifest.parameters_sha256 = sha256(ByteRow(learned));
    return manifest;
  }

  void check_same(const Manifest& manifest, const std::string& run) const {
    if (manifest.agent != config_.agent) {
      throw Error(run + " is of the agent " + shown(manifest.agent) + ", not of " + config_.agent);
    }
    const std::string differences =
        manifest.spec ? space_differences(*manifest.spec, spec_) : "  not stored";
    if (manifest.env_id != spec_.id || !differences.empty()) {
      throw Error(run + " is of " + shown(manifest.env_id) + ", not of this " + spec_.id +
                  (differences.empty() ? "" : ":\n" + differences));
    }
    for (const ParamValue& value : config_.agent_params) {
      for (const ParamValue& there : manifest.config.agent_params) {
        if (there.key != value.key || there.text == value.text) continue;
        throw Error(run + " was learned with agent." + value.key + "=" + shown(there.text) +
                    "; expected " + value.text);
      }
    }
  }

  EnvSpec spec_;
  RunConfig config_;
  RowChecks checks_;
  std::unique_ptr<Agent> agent_;
  EpisodeWindow episodes_;
  Turn turn_ = Turn::kBegin;
  std::string folder_;           // that is saved to
  std::string loaded_;           // the one that this goes on from
  std::optional<RunLock> lock_;  // of it
};

}  // namespace

std::unique_ptr<OnlineLearner> make_online_learner(const OnlineRequest& request) {
  return std::make_unique<Learner>(request);
}

}  // namespace tern
