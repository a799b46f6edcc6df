#pragma once
// A plugin's env as an Env: each virtual function calls the plugin's C function of that name.
// Host side.

#include <cstddef>
#include <memory>
#include <string>

#include "envs/call_record/env_calls.h"
#include "envs/env.h"
#include "envs/plugin_abi.h"
#include "envs/plugin_host/plugin_library.h"

namespace tern {

/// Final, so that TypedEnvGroup<PluginEnv> steps it with one indirect call, the plugin's.
/// What the plugin reports as an error is thrown as Error that names the plugin, the env and the
/// function; as a usage error where the plugin says that the user's call was wrong, of functions
/// that take what a user chose: create, set_state.
class PluginEnv final : public Env {
 public:
  /// Env `index` of the library. The values' keys and types must have been checked.
  PluginEnv(std::shared_ptr<const PluginLibrary> library, std::size_t index,
            const std::vector<ParamValue>& values);
  ~PluginEnv() override;
  PluginEnv(const PluginEnv&) = delete;
  PluginEnv& operator=(const PluginEnv&) = delete;

  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext& ctx, ObsRow obs) override;
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override;
  void action_mask(MaskRow mask) const override;
  void draw(Canvas& canvas) const override;
  void reward_terms(FloatRow terms) const override;
  void metrics(FloatRow metrics) const override;
  bool human_action(const Keys& keys, MutableActionRow action) const override;
  bool get_state(DoubleVec& state) const override;
  bool set_state(ConstDoubleRow state) override;
  void save(StateWriter& out) const override;
  bool load(StateReader& in) override;
  bool transitions(TransitionTable& table) const override;
  float relabel(const GoalView& achieved, const GoalView& desired) const override;
  int current_player() const override;
  bool player_rewards(FloatRow rewards) const override;
  void info(FloatRow info) const override;

 private:
  /// Calls the plugin, noted for a crash report (EnvCall).
  template <class Call>
  tern_status call(const char* function, const Call& call, ActionRow action = {}) const;
  /// Calls the plugin with a place for a row of `bytes` bytes, which `row` gets then. Throws
  /// RowOverrun if it wrote outside.
  template <class Call>
  tern_status call_noted(const char* function, const Call& call) const;
  template <class Call>
  tern_status write(const char* function, const char* row_name, void* row, std::size_t bytes,
                    const Call& call, ActionRow action = {}) const;
  /// Whether a row of so many bytes is worth a guard in this step.
  bool is_guarded(std::size_t bytes) const;
  [[noreturn]] void throw_overrun(const char* function, const char* row_name, std::size_t bytes,
                                  const std::string& overrun) const;
  [[noreturn]] void throw_forked(const char* call) const;
  [[noreturn]] void raise(const char* function, tern_status status, const char* text) const;

  std::shared_ptr<const PluginLibrary> library_;
  tern_env_table table_;
  tern_env* env_ = nullptr;
  std::string where_;  // for messages: "./libpig.so: 'Pig-v0'"
  const char* noted_name_;
  EnvCallPlace place_;
  EnvSpec spec_;
};

}  // namespace tern
