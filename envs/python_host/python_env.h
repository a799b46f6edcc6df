#pragma once
// An env of a Python file as an Env. What its reset and step return is kept for the other
// functions.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "envs/call_record/env_calls.h"
#include "envs/env.h"
#include "envs/python_host/python_facts.h"
#include "envs/python_host/python_process.h"

namespace tern {

class EnvGroup;  // envs/vector/env_group.h

/// Which env is made of a file and how.
struct PythonEnvCall {
  std::string id;
  std::string request;              // what host.py is asked to make, as JSON
  std::chrono::milliseconds limit;  // of each call
};

class PythonEnv final : public Env {
 public:
  PythonEnv(std::shared_ptr<PythonProcess> process, const std::string& shown,
            const PythonEnvCall& call);
  ~PythonEnv() override;
  PythonEnv(const PythonEnv&) = delete;
  PythonEnv& operator=(const PythonEnv&) = delete;

  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext& ctx, ObsRow obs) override;
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override;
  void action_mask(MaskRow mask) const override;
  void metrics(FloatRow metrics) const override;
  void draw(Canvas& canvas) const override;
  void reward_terms(FloatRow terms) const override;
  void info(FloatRow info) const override;
  bool human_action(const Keys& keys, MutableActionRow action) const override;
  bool get_state(DoubleVec& state) const override;
  bool set_state(ConstDoubleRow state) override;
  void save(StateWriter& out) const override;
  bool load(StateReader& in) override;
  float relabel(const GoalView& achieved, const GoalView& desired) const override;
  int current_player() const override { return player_; }
  bool player_rewards(FloatRow rewards) const override;

 private:
  std::string ask(PythonAsk what, const char* function, std::string_view payload,
                  ActionRow action = {}) const;
  /// Takes whose turn it is, a row and a mask from the end of an answer.
  void take_row(std::string_view rest, const char* function, ObsRow obs);
  void ask_floats(PythonAsk what, const char* function, FloatRow values) const;

  std::shared_ptr<PythonProcess> process_;
  std::uint64_t number_;
  std::chrono::milliseconds limit_;
  std::string where_;  // for messages: "./pig.py: 'Pig-v0'"
  const char* noted_name_;
  EnvCallPlace place_;
  EnvSpec spec_;
  std::vector<std::uint8_t> mask_;
  std::vector<float> metrics_;
  PythonMethods methods_;
  std::int32_t player_ = 0;  // to move
  bool has_player_rewards_ = false;
  std::vector<float> player_rewards_;  // none of one player
};

/// Envs of one kind, shared out to as many interpreters as threads step them.
std::unique_ptr<EnvGroup> make_python_group(const std::shared_ptr<PythonProcesses>& processes,
                                            const PythonEnvCall& call, std::size_t count);

}  // namespace tern
