#include "envs/plugin_host/plugin_env.h"

#include <cstring>
#include <utility>
#include <vector>

#include "core/utf8.h"
#include "envs/action_memory.h"
#include "envs/guarded_row.h"
#include "envs/plugin_host/kept_folder.h"
#include "envs/plugin_host/plugin_callbacks.h"
#include "envs/plugin_host/plugin_facts.h"
#include "envs/plugin_host/row_guard.h"

namespace tern {
namespace {

constexpr std::size_t kErrorCapacity = 2048;  // bytes of a plugin's error text
constexpr std::size_t kSmallRow = 4096;       // bytes: copying it costs less than the call
constexpr int kStepsBetween = 61;             // guarded steps, of larger rows

tern_rng* stream(Rng& rng) { return reinterpret_cast<tern_rng*>(&rng); }

}  // namespace

PluginEnv::PluginEnv(std::shared_ptr<const PluginLibrary> library, std::size_t index,
                     const std::vector<ParamValue>& values)
    : library_(std::move(library)),
      table_(library_->tables()[index]),
      where_(library_->shown() + ": '" + table_.id + "'"),
      noted_name_(noted_env_name(where_)) {
  const KeptFolder kept;
  std::vector<tern_param_value> c_values;
  for (const ParamValue& value : values) {
    c_values.push_back({value.key.c_str(), value.text.c_str(), value.where.c_str()});
  }
  const tern_param_values given = {sizeof given, sizeof(tern_param_value), c_values.data(),
                                   static_cast<std::uint32_t>(c_values.size())};
  call("create", [&](const tern_error* error) {
    const tern_status status = table_.create(&given, &env_, error);
    if (status == TERN_OK && env_ == nullptr) {
      return tern_fail(error, TERN_FAILED, "it says that it worked but made no env");
    }
    return status;
  });
  try {
    const tern_env_spec* facts = nullptr;
    call("spec", [&](const tern_error*) {
      facts = table_.spec(env_);
      return TERN_OK;
    });
    spec_ = read_spec(facts, where_);
  } catch (...) {
    table_.destroy(env_);
    throw;
  }
}

PluginEnv::~PluginEnv() {
  const EnvCall note("destroy", noted_name_, place_);
  table_.destroy(env_);
}

template <class Call>
tern_status PluginEnv::call(const char* function, const Call& call, ActionRow action) const {
  const EnvCall note(function, noted_name_, place_, action);
  return call_noted(function, call);
}

template <class Call>
tern_status PluginEnv::call_noted(const char* function, const Call& call) const {
  char text[kErrorCapacity];
  text[0] = '\0';
  const tern_error error = {sizeof error, text, sizeof text};
  const tern_status status = call(&error);
  if (const char* const forked = call_that_forked()) throw_forked(forked);
  if (status == TERN_OK || status == TERN_NO) return status;
  text[sizeof text - 1] = '\0';
  raise(function, status, text);
}

template <class Call>
tern_status PluginEnv::write(const char* function, const char* row_name, void* row,
                             std::size_t bytes, const Call& call, ActionRow action) const {
  auto* const own = static_cast<std::uint8_t*>(row);
  RowGuard* const guard = is_guarded(bytes) ? RowGuard::of_thread() : nullptr;
  const EnvCall note(function, noted_name_, place_, action,
                     guard == nullptr ? nullptr : guard->pages());
  if (guard == nullptr) {
    return call_noted(function, [&](const tern_error* error) { return call(own, error); });
  }
  std::uint8_t* const lent = guard->lend(own, bytes);
  const tern_status status =
      call_noted(function, [&](const tern_error* error) { return call(lent, error); });
  if (!guard->take_back(own)) throw_overrun(function, row_name, bytes, guard->take_overrun());
  return status;
}

bool PluginEnv::is_guarded(std::size_t bytes) const {
  if (bytes == 0) return false;
  return bytes <= kSmallRow || (bytes <= RowGuard::kMostBytes && place_.step % kStepsBetween == 0);
}

void PluginEnv::throw_overrun(const char* function, const char* row_name, std::size_t bytes,
                              const std::string& overrun) const {
  const std::string name = row_name;
  const bool is_bytes = name == "mask" || (name == "observation" && spec_.obs.num_bytes() > 0);
  throw RowOverrun(where_ + ": " + function + " wrote outside its row" + own_call_text() + ": " +
                   overrun_text(name, bytes, is_bytes, overrun));
}

void PluginEnv::throw_forked(const char* call) const {
  throw Error::failure(where_ + ": made a copy of the process (fork) in " + call +
                       ", which came back from the env as well; start no processes, or end the "
                       "copy inside the env with _exit()");
}

void PluginEnv::raise(const char* function, tern_status status, const char* text) const {
  if (status == TERN_BAD_CALL && table_.create != nullptr && env_ == nullptr) {
    throw Error(text);  // of create: it names the place of the wrong parameter itself
  }
  const std::string message =
      where_ + ": " + function + " failed: " +
      (*text == '\0' ? "no reason given, status " + std::to_string(status) : shown(text)) +
      own_call_text();
  // A caller chooses what env is made, and states; what reset, step and the others get is checked.
  const bool is_chosen = place_.episode == 0 || std::strcmp(function, "set_state") == 0;
  throw Error(message,
              is_chosen && status == TERN_BAD_CALL ? ExitCode::kUsage : ExitCode::kFailure);
}

void PluginEnv::reset(ResetContext& ctx, ObsRow obs) {
  ++place_.episode;
  place_.step = 0;
  const tern_reset_context context = {sizeof context, stream(ctx.rng), ctx.level};
  write("reset", "observation", obs.data(), spec_.obs.used_bytes(),
        [&](std::uint8_t* row, const tern_error* error) {
          return table_.reset(env_, &context, row, error);
        });
}

StepResult PluginEnv::step(ActionRow action, Rng& rng, ObsRow obs) {
  ++place_.step;
  tern_step_result result = {sizeof result, 0, 0, 0};
  write(
      "step", "observation", obs.data(), spec_.obs.used_bytes(),
      [&](std::uint8_t* row, const tern_error* error) {
        return table_.step(env_, memory_of(action), stream(rng), row, &result, error);
      },
      action);
  return {result.reward, result.terminated != 0, result.truncated != 0};
}

void PluginEnv::action_mask(MaskRow mask) const {
  if (table_.action_mask == nullptr) return Env::action_mask(mask);
  write("action_mask", "mask", mask.data(), mask.size(),
        [&](std::uint8_t* row, const tern_error* error) {
          return table_.action_mask(env_, row, error);
        });
}

void PluginEnv::draw(Canvas& canvas) const {
  if (table_.draw == nullptr) return;
  CanvasTable on(canvas);
  call("draw", [&](const tern_error* error) {
    const tern_status status = table_.draw(env_, on.c(), error);
    on.escapes().rethrow();
    return status;
  });
}

void PluginEnv::reward_terms(FloatRow terms) const {
  if (table_.reward_terms == nullptr) return;
  write("reward_terms", "reward terms", terms.data(), terms.size() * sizeof(float),
        [&](std::uint8_t* row, const tern_error* error) {
          return table_.reward_terms(env_, reinterpret_cast<float*>(row), error);
        });
}

void PluginEnv::metrics(FloatRow metrics) const {
  if (table_.metrics == nullptr) return;
  write("metrics", "metrics", metrics.data(), metrics.size() * sizeof(float),
        [&](std::uint8_t* row, const tern_error* error) {
          return table_.metrics(env_, reinterpret_cast<float*>(row), error);
        });
}

bool PluginEnv::human_action(const Keys& keys, MutableActionRow action) const {
  if (table_.human_action == nullptr) return false;
  return call("human_action", [&](const tern_error* error) {
           return table_.human_action(env_, keys.bits(), memory_of(action), error);
         }) == TERN_OK;
}

bool PluginEnv::get_state(DoubleVec& state) const {
  if (table_.get_state == nullptr) return false;
  std::size_t count = spec_.state_fields.size();
  do {
    state.resize(count);
    const tern_status status = call("get_state", [&](const tern_error* error) {
      return table_.get_state(env_, state.data(), state.size(), &count, error);
    });
    if (status == TERN_NO) return false;
  } while (count > state.size());
  state.resize(count);
  return true;
}

bool PluginEnv::set_state(ConstDoubleRow state) {
  if (table_.set_state == nullptr) return false;
  const std::size_t expected = spec_.state_fields.size();
  if (expected > 0 && state.size() != expected) {
    throw Error(where_ + ": a state of " + std::to_string(state.size()) +
                " values; expected " + std::to_string(expected));
  }
  return call("set_state", [&](const tern_error* error) {
           return table_.set_state(env_, state.data(), state.size(), error);
         }) == TERN_OK;
}

void PluginEnv::save(StateWriter& out) const {
  if (table_.save == nullptr) return;
  StateSink sink(out);
  call("save", [&](const tern_error* error) {
    const tern_status status = table_.save(env_, sink.c(), error);
    sink.escapes().rethrow();
    return status;
  });
}

bool PluginEnv::load(StateReader& in) {
  if (table_.load == nullptr) return false;
  std::vector<std::uint8_t> bytes(in.remaining());
  StateReader ahead = in;
  ahead.take(bytes.data(), bytes.size());
  std::size_t used = 0;
  const tern_status status = call("load", [&](const tern_error* error) {
    return table_.load(env_, bytes.data(), bytes.size(), &used, error);
  });
  if (status == TERN_NO) return false;
  in.take(bytes.data(), used);
  return true;
}

bool PluginEnv::transitions(TransitionTable& table) const {
  if (table_.transitions == nullptr) return false;
  TransitionSink sink(table, where_);
  return call("transitions", [&](const tern_error* error) {
           const tern_status status = table_.transitions(env_, sink.c(), error);
           sink.escapes().rethrow();
           return status;
         }) == TERN_OK;
}

float PluginEnv::relabel(const GoalView& achieved, const GoalView& desired) const {
  if (table_.relabel == nullptr) return Env::relabel(achieved, desired);
  float reward = 0;
  call("relabel", [&](const tern_error* error) {
    return table_.relabel(env_, achieved.data(), achieved.size(), desired.data(), desired.size(),
                          &reward, error);
  });
  return reward;
}

int PluginEnv::current_player() const {
  if (table_.current_player == nullptr) return Env::current_player();
  std::int32_t player = 0;
  call("current_player", [&](const tern_error* error) {
    return table_.current_player(env_, &player, error);
  });
  return player;
}

bool PluginEnv::player_rewards(FloatRow rewards) const {
  if (table_.player_rewards == nullptr) return false;
  return write("player_rewards", "players' rewards", rewards.data(), rewards.size() * sizeof(float),
               [&](std::uint8_t* row, const tern_error* error) {
                 return table_.player_rewards(env_, reinterpret_cast<float*>(row), error);
               }) == TERN_OK;
}

void PluginEnv::info(FloatRow info) const {
  if (table_.info == nullptr) return;
  write("info", "info values", info.data(), info.size() * sizeof(float),
        [&](std::uint8_t* row, const tern_error* error) {
          return table_.info(env_, reinterpret_cast<float*>(row), error);
        });
}

}  // namespace tern
