#include "envs/conformance/watched_env.h"

#include <memory>
#include <utility>

#include "envs/call_record/env_calls.h"
#include "envs/vector/env_group.h"
#include "envs/wrappers/env_wrapper.h"

namespace tern {
namespace {

class WatchedEnv final : public EnvWrapper {
 public:
  explicit WatchedEnv(std::unique_ptr<Env> inner)
      : EnvWrapper(std::move(inner)), name_("'" + spec_.id + "'") {}
  ~WatchedEnv() override {
    const EnvCall note = noted("the destructor");
    inner_.reset();
  }

  const EnvSpec& spec() const override {
    const EnvCall note = noted("spec");
    return inner_->spec();
  }
  void reset(ResetContext& ctx, ObsRow obs) override {
    ++place_.episode;
    place_.step = 0;
    const EnvCall note = noted("reset");
    inner_->reset(ctx, obs);
  }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    ++place_.step;
    const EnvCall note("step", name_.c_str(), place_, action);
    return inner_->step(action, rng, obs);
  }
  void action_mask(MaskRow mask) const override {
    const EnvCall note = noted("action_mask");
    inner_->action_mask(mask);
  }
  void draw(Canvas& canvas) const override {
    const EnvCall note = noted("draw");
    inner_->draw(canvas);
  }
  void reward_terms(FloatRow terms) const override {
    const EnvCall note = noted("reward_terms");
    inner_->reward_terms(terms);
  }
  void metrics(FloatRow values) const override {
    const EnvCall note = noted("metrics");
    inner_->metrics(values);
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    const EnvCall note = noted("human_action");
    return inner_->human_action(keys, action);
  }
  bool get_state(DoubleVec& state) const override {
    const EnvCall note = noted("get_state");
    return inner_->get_state(state);
  }
  bool set_state(ConstDoubleRow state) override {
    const EnvCall note = noted("set_state");
    return inner_->set_state(state);
  }
  void save(StateWriter& out) const override {
    const EnvCall note = noted("save");
    inner_->save(out);
  }
  bool load(StateReader& in) override {
    const EnvCall note = noted("load");
    return inner_->load(in);
  }
  bool transitions(TransitionTable& table) const override {
    const EnvCall note = noted("transitions");
    return inner_->transitions(table);
  }
  float relabel(const GoalView& achieved, const GoalView& desired) const override {
    const EnvCall note = noted("relabel");
    return inner_->relabel(achieved, desired);
  }
  int current_player() const override {
    const EnvCall note = noted("current_player");
    return inner_->current_player();
  }
  void info(FloatRow values) const override {
    const EnvCall note = noted("info");
    inner_->info(values);
  }
  bool player_rewards(FloatRow rewards) const override {
    const EnvCall note = noted("player_rewards");
    return inner_->player_rewards(rewards);
  }

 private:
  EnvCall noted(const char* function) const { return EnvCall(function, name_.c_str(), place_); }

  std::string name_;
  EnvCallPlace place_;
};

}  // namespace

EnvEntry watched(const EnvEntry& entry) {
  EnvEntry copy = entry;
  copy.make = [make = entry.make, id = entry.spec.id](const ParamValues& params) {
    std::unique_ptr<Env> env;
    {
      const EnvCall note("the constructor", id.c_str(), {});
      env = make(params);
    }
    return std::unique_ptr<Env>(std::make_unique<WatchedEnv>(std::move(env)));
  };
  if (entry.origin == "built-in") return copy;
  copy.make_group = [make = copy.make](const ParamValues& params,
                                       std::size_t count) -> std::unique_ptr<EnvGroup> {
    return std::make_unique<TypedEnvGroup<Env>>(count, [make, params] { return make(params); });
  };
  return copy;
}

}  // namespace tern
