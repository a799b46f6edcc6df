#include "envs/python_host/python_env.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/threads/worker_pool.h"
#include "envs/plugin_host/plugin_host.h"
#include "envs/python_host/python_picture.h"
#include "envs/vector/env_group.h"

namespace tern {
namespace {

const char* bytes_of(ActionRow action) {
  return action.floats().empty() ? reinterpret_cast<const char*>(action.ints().data())
                                 : reinterpret_cast<const char*>(action.floats().data());
}

/// Steps envs one after the other, each in its interpreter.
class PythonEnvGroup final : public HeldEnvGroup {
 public:
  using MakeIn = std::function<std::unique_ptr<Env>(std::size_t process)>;

  PythonEnvGroup(std::size_t count, const MakeIn& make)
      : HeldEnvGroup(count, [make] { return make(0); }), make_in_(make) {}

  void expect_threads(std::size_t threads) override {
    const std::size_t parts = std::min({threads, size(), kMostPythons});
    if (parts == parts_) return;
    parts_ = parts;
    for (std::size_t i = 0; i < size(); ++i) renew(i);
  }
  void renew(std::size_t i) override {
    std::size_t part = 0;
    while (part + 1 < parts_ && i >= part_begin(size(), parts_, part + 1)) ++part;
    envs_[i] = make_in_(part);
  }
  void step(std::size_t begin, std::size_t end, RunningEpisode* episodes, const EpisodeRules& rules,
            const ActionRows& actions, const StepBatch& batch) override {
    if (rules.watches_steps) return step_watched(begin, end, episodes, rules, actions, batch);
    for (std::size_t i = begin; i < end; ++i) {
      step_one<false>(static_cast<PythonEnv&>(*envs_[i]), i, episodes[i], rules, actions[i], batch);
    }
  }

 private:
  MakeIn make_in_;
  std::size_t parts_ = 1;
};

}  // namespace

PythonEnv::PythonEnv(std::shared_ptr<PythonProcess> process, const std::string& shown,
                     const PythonEnvCall& call)
    : process_(std::move(process)),
      number_(process_->new_env()),
      limit_(call.limit),
      where_(is_gym_name(shown) ? shown : shown + ": '" + call.id + "'"),
      noted_name_(noted_env_name(where_)) {
  const std::string facts = ask(PythonAsk::kMake, "create", call.request);
  spec_ = read_python_spec(facts, where_);
  methods_ = read_python_methods(facts, where_);
  mask_.assign(spec_.action.mask_size(), 1);
  metrics_.resize(spec_.metrics.size());
  player_rewards_.resize(spec_.players > 1 ? static_cast<std::size_t>(spec_.players) : 0);
}

PythonEnv::~PythonEnv() {
  if (!process_->is_ours() || process_->is_over()) return;
  try {
    ask(PythonAsk::kDrop, "close", "");
  } catch (const Error&) {
    // close() of the env threw, and there is nobody to hear of it.
  }
}

std::string PythonEnv::ask(PythonAsk what, const char* function, std::string_view payload,
                           ActionRow action) const {
  const EnvCall note(function, noted_name_, place_, action);
  return process_->ask(what, number_, payload, {where_, function}, limit_);
}

void PythonEnv::take_row(std::string_view rest, const char* function, ObsRow obs) {
  const std::size_t bytes = spec_.obs.used_bytes(), flags = spec_.has_masks ? mask_.size() : 0;
  const std::size_t reward_bytes = player_rewards_.size() * sizeof(float);
  const std::size_t turn = player_rewards_.empty() ? 0 : sizeof player_ + 1 + reward_bytes;
  if (rest.size() != turn + bytes + flags) {
    throw Error::failure(where_ + ": " + function + " gave " + std::to_string(rest.size()) +
                         " bytes; expected " + std::to_string(turn + bytes + flags));
  }
  if (turn > 0) {
    std::memcpy(&player_, rest.data(), sizeof player_);
    has_player_rewards_ = rest[sizeof player_] != 0;
    std::memcpy(player_rewards_.data(), rest.data() + sizeof player_ + 1, reward_bytes);
    rest.remove_prefix(turn);
  }
  std::memcpy(obs.data(), rest.data(), bytes);
  if (flags > 0) std::memcpy(mask_.data(), rest.data() + bytes, flags);
}

void PythonEnv::reset(ResetContext& ctx, ObsRow obs) {
  ++place_.episode;
  place_.step = 0;
  // 63 bits: some libraries take their seeds for signed.
  const std::uint64_t words[] = {ctx.rng.next() >> 1, ctx.level};
  const std::string_view payload(reinterpret_cast<const char*>(words), sizeof words);
  take_row(ask(PythonAsk::kReset, "reset", payload), "reset", obs);
}

StepResult PythonEnv::step(ActionRow action, Rng&, ObsRow obs) {
  ++place_.step;
  const std::string answer =
      ask(PythonAsk::kStep, "step", {bytes_of(action), 4 * action.size()}, action);
  StepResult result;
  const std::size_t head = sizeof result.reward + 2, metric_bytes = metrics_.size() * sizeof(float);
  if (answer.size() < head + metric_bytes) throw Error::failure(where_ + ": step gave no row");
  std::memcpy(&result.reward, answer.data(), sizeof result.reward);
  result.terminated = answer[sizeof result.reward] != 0;
  result.truncated = answer[sizeof result.reward + 1] != 0;
  if (metric_bytes > 0) std::memcpy(metrics_.data(), answer.data() + head, metric_bytes);
  take_row(std::string_view(answer).substr(head + metric_bytes), "step", obs);
  return result;
}

void PythonEnv::action_mask(MaskRow mask) const {
  std::copy(mask_.begin(), mask_.end(), mask.begin());
}

void PythonEnv::metrics(FloatRow metrics) const {
  std::copy(metrics_.begin(), metrics_.end(), metrics.begin());
}

void PythonEnv::draw(Canvas& canvas) const {
  if (place_.episode == 0) return;  // it has no state yet
  read_python_picture(ask(PythonAsk::kDraw, "draw", ""), where_).replay(canvas);
}

void PythonEnv::ask_floats(PythonAsk what, const char* function, FloatRow values) const {
  if (values.empty()) return;
  const std::string answer = ask(what, function, "");
  if (answer.size() != values.size() * sizeof(float)) {
    throw Error::failure(where_ + ": " + function + " gave " + std::to_string(answer.size()) +
                         " bytes; expected " + std::to_string(values.size() * sizeof(float)));
  }
  std::memcpy(values.data(), answer.data(), answer.size());
}

void PythonEnv::reward_terms(FloatRow terms) const {
  ask_floats(PythonAsk::kTerms, "reward_terms", terms);
}

void PythonEnv::info(FloatRow info) const {
  ask_floats(PythonAsk::kInfo, "info", info);
}

bool PythonEnv::human_action(const Keys& keys, MutableActionRow action) const {
  if (!methods_.has_keys) return false;
  const std::uint64_t bits = keys.bits();
  const std::string answer =
      ask(PythonAsk::kKeys, "human_action", {reinterpret_cast<const char*>(&bits), sizeof bits});
  if (answer.size() != 4 * spec_.action.size()) return false;
  void* const row = action.floats().empty() ? static_cast<void*>(action.ints().data())
                                            : static_cast<void*>(action.floats().data());
  std::memcpy(row, answer.data(), answer.size());
  return true;
}

bool PythonEnv::get_state(DoubleVec& state) const {
  if (spec_.state_fields.empty()) return false;
  const std::string answer = ask(PythonAsk::kGetState, "get_state", "");
  state.resize(answer.size() / sizeof(double));
  std::memcpy(state.data(), answer.data(), state.size() * sizeof(double));
  return !state.empty();
}

bool PythonEnv::set_state(ConstDoubleRow state) {
  const std::string_view bytes(reinterpret_cast<const char*>(state.data()),
                               state.size() * sizeof(double));
  return !spec_.state_fields.empty() && !ask(PythonAsk::kSetState, "set_state", bytes).empty();
}

void PythonEnv::save(StateWriter& out) const {
  if (!methods_.can_save) return;
  const bool is_started = place_.episode > 0;  // else the author's save() has nothing to look at
  out.write(is_started);
  if (!is_started) return;
  out.write(mask_, metrics_, player_, has_player_rewards_, player_rewards_);
  out.write(ask(PythonAsk::kSave, "save", ""));
}

bool PythonEnv::load(StateReader& in) {
  if (!methods_.can_save) return false;
  bool is_started = false;
  in.read(is_started);
  if (!is_started) return true;
  const std::size_t sizes[] = {mask_.size(), metrics_.size(), player_rewards_.size()};
  in.read(mask_, metrics_, player_, has_player_rewards_, player_rewards_);
  check_saved(
      mask_.size() == sizes[0] && metrics_.size() == sizes[1] && player_rewards_.size() == sizes[2],
      "masks, metrics or players of " + spec_.id);
  std::string state;
  in.read(state);
  ask(PythonAsk::kRestore, "load", state);
  place_.episode = std::max<std::int64_t>(place_.episode, 1);  // it has a state, and may be drawn
  return true;
}

float PythonEnv::relabel(const GoalView& achieved, const GoalView& desired) const {
  if (!methods_.has_goals) return Env::relabel(achieved, desired);
  std::string goals(reinterpret_cast<const char*>(achieved.data()),
                    achieved.size() * sizeof(float));
  goals.append(reinterpret_cast<const char*>(desired.data()), desired.size() * sizeof(float));
  float reward = 0;
  const std::string answer = ask(PythonAsk::kRelabel, "relabel", goals);
  if (answer.size() == sizeof reward) std::memcpy(&reward, answer.data(), sizeof reward);
  return reward;
}

bool PythonEnv::player_rewards(FloatRow rewards) const {
  if (!has_player_rewards_) return false;
  std::copy(player_rewards_.begin(), player_rewards_.end(), rewards.begin());
  return true;
}

std::unique_ptr<EnvGroup> make_python_group(const std::shared_ptr<PythonProcesses>& processes,
                                            const PythonEnvCall& call, std::size_t count) {
  return std::make_unique<PythonEnvGroup>(count, [processes, call](std::size_t i) {
    return std::make_unique<PythonEnv>(processes->get(i), processes->file().shown, call);
  });
}

}  // namespace tern
