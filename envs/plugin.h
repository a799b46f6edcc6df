#pragma once
// What a plugin in C++ includes: derive an env from tern::Env, then write one line at file scope,
//
//   TERN_EXPORT_ENVS(MyEnv)            // or several: TERN_EXPORT_ENVS(MyEnv, OtherEnv)
//
// and compile the file as a shared library with hidden visibility (docs/plugins.md; the CMake
// function tern_add_plugin does it). This is the shim between the class and the tables of
// envs/plugin_abi.h. Header-only and C++17; a plugin links nothing of Tern's.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/tokens.h"
#include "envs/env.h"
#include "envs/make_env.h"
#include "envs/plugin_abi.h"
#include "envs/plugin_canvas.h"
#include "envs/plugin_spec.h"

#ifndef TERN_PLUGIN_MADE_WITH
#define TERN_PLUGIN_MADE_WITH "an unnamed version of Tern"
#endif

namespace tern {
// Hidden: two plugins with a class of the same name must not share these templates' statics.
namespace plugin __attribute__((visibility("hidden"))) {

constexpr bool is_bit(Key key, int bit) { return static_cast<int>(key) == bit; }
static_assert(is_bit(Key::kShift, TERN_KEY_SHIFT) && is_bit(Key::kA, TERN_KEY_A) &&
                  is_bit(Key::k0, TERN_KEY_0),
              "keys cross the border as bits");

/// Runs `body` and turns what it throws into a status and a text.
template <class Body>
tern_status guarded(const tern_error* error, const Body& body) noexcept {
  try {
    return body();
  } catch (const Error& caught) {
    const bool is_usage = caught.code() == ExitCode::kUsage;
    return tern_fail(error, is_usage ? TERN_BAD_CALL : TERN_FAILED, caught.what());
  } catch (const std::exception& caught) {
    return tern_fail(error, TERN_FAILED, caught.what());
  } catch (...) {
    return tern_fail(error, TERN_FAILED, "an exception that is no std::exception");
  }
}

/// What a tern_env* of this kind points to: an env of class E and what its calls need to know.
template <class E>
struct HeldEnv {
  explicit HeldEnv(std::unique_ptr<E> made) : env(std::move(made)), spec(env->spec()), view(spec) {}

  static HeldEnv& of(tern_env* c) { return *reinterpret_cast<HeldEnv*>(c); }
  static const HeldEnv& of(const tern_env* c) { return *reinterpret_cast<const HeldEnv*>(c); }

  ObsRow obs_row(void* obs) const {
    return ObsRow(obs, spec.obs.num_floats(), spec.obs.num_bytes());
  }
  ActionRow action_row(const void* action) const {
    const std::size_t size = spec.action.size();
    return spec.action.is_box()
               ? ActionRow(Row<const float>(static_cast<const float*>(action), size))
               : ActionRow(Row<const std::int32_t>(static_cast<const std::int32_t*>(action), size));
  }
  MutableActionRow action_row(void* action) const {
    const std::size_t size = spec.action.size();
    return spec.action.is_box()
               ? MutableActionRow(Row<float>(static_cast<float*>(action), size))
               : MutableActionRow(Row<std::int32_t>(static_cast<std::int32_t*>(action), size));
  }

  std::unique_ptr<E> env;
  const EnvSpec& spec;
  SpecView view;
};

inline std::vector<ParamValue> param_values(const tern_param_values* c) {
  std::vector<ParamValue> values;
  const char* element = reinterpret_cast<const char*>(c->values);
  for (std::uint32_t i = 0; i < c->num_values; ++i, element += c->value_size) {
    const auto* value = reinterpret_cast<const tern_param_value*>(element);
    values.push_back({value->key, value->text, value->where});
  }
  return values;
}

/// The functions of tern_env_table for envs of class E.
template <class E>
struct Functions {
  using W = HeldEnv<E>;

  static tern_status create(const tern_param_values* values, tern_env** env,
                            const tern_error* error) {
    return guarded(error, [&] {
      EnvParams<E> params;
      load_params(params, param_values(values), "env");
      *env = reinterpret_cast<tern_env*>(new W(make_env<E>(params)));
      return TERN_OK;
    });
  }
  static void destroy(tern_env* env) { delete &W::of(env); }

  static const tern_env_spec* spec(const tern_env* env) { return &W::of(env).view.c(); }

  static tern_status reset(tern_env* env, const tern_reset_context* context, void* obs,
                           const tern_error* error) {
    return guarded(error, [&] {
      W& held = W::of(env);
      ResetContext ctx{reinterpret_cast<Rng&>(*context->rng), context->level};
      held.env->reset(ctx, held.obs_row(obs));
      return TERN_OK;
    });
  }

  static tern_status step(tern_env* env, const void* action, tern_rng* rng, void* obs,
                          tern_step_result* result, const tern_error* error) {
    return guarded(error, [&] {
      W& held = W::of(env);
      const StepResult got = held.env->step(held.action_row(action),
                                             reinterpret_cast<Rng&>(*rng), held.obs_row(obs));
      result->reward = got.reward;
      result->terminated = got.terminated;
      result->truncated = got.truncated;
      return TERN_OK;
    });
  }

  static tern_status action_mask(const tern_env* env, std::uint8_t* mask,
                                 const tern_error* error) {
    return guarded(error, [&] {
      const W& held = W::of(env);
      held.env->action_mask(MaskRow(mask, held.spec.action.mask_size()));
      return TERN_OK;
    });
  }

  static tern_status draw(const tern_env* env, const tern_canvas* canvas,
                          const tern_error* error) {
    return guarded(error, [&] {
      HostCanvas host(canvas);
      W::of(env).env->draw(host);
      return TERN_OK;
    });
  }

  static tern_status reward_terms(const tern_env* env, float* terms, const tern_error* error) {
    return guarded(error, [&] {
      const W& held = W::of(env);
      held.env->reward_terms(FloatRow(terms, held.spec.reward_terms.size()));
      return TERN_OK;
    });
  }

  static tern_status metrics(const tern_env* env, float* metrics, const tern_error* error) {
    return guarded(error, [&] {
      const W& held = W::of(env);
      held.env->metrics(FloatRow(metrics, held.spec.metrics.size()));
      return TERN_OK;
    });
  }

  static tern_status human_action(const tern_env* env, std::uint64_t keys, void* action,
                                  const tern_error* error) {
    return guarded(error, [&] {
      const W& held = W::of(env);
      return held.env->human_action(Keys(keys), held.action_row(action)) ? TERN_OK : TERN_NO;
    });
  }

  static tern_status get_state(const tern_env* env, double* state, std::size_t capacity,
                               std::size_t* count, const tern_error* error) {
    return guarded(error, [&] {
      DoubleVec values;
      if (!W::of(env).env->get_state(values)) return TERN_NO;
      *count = values.size();
      if (values.size() <= capacity) std::copy(values.begin(), values.end(), state);
      return TERN_OK;
    });
  }

  static tern_status set_state(tern_env* env, const double* state, std::size_t count,
                               const tern_error* error) {
    return guarded(error, [&] {
      return W::of(env).env->set_state(ConstDoubleRow(state, count)) ? TERN_OK : TERN_NO;
    });
  }

  static tern_status save(const tern_env* env, const tern_byte_sink* sink,
                          const tern_error* error) {
    return guarded(error, [&] {
      StateWriter out;
      W::of(env).env->save(out);
      return sink->write(sink, out.bytes().data(), out.bytes().size());
    });
  }

  static tern_status load(tern_env* env, const std::uint8_t* bytes, std::size_t size,
                          std::size_t* used, const tern_error* error) {
    return guarded(error, [&] {
      StateReader in(Row<const std::uint8_t>(bytes, size));
      if (!W::of(env).env->load(in)) return TERN_NO;
      *used = size - in.remaining();
      return TERN_OK;
    });
  }

  static tern_status transitions(const tern_env* env, const tern_transition_sink* sink,
                                 const tern_error* error) {
    return guarded(error, [&] {
      TransitionTable table;
      if (!W::of(env).env->transitions(table)) return tern_status{TERN_NO};
      return give(table, sink);
    });
  }

  static tern_status relabel(const tern_env* env, const float* achieved, std::size_t num_achieved,
                             const float* desired, std::size_t num_desired, float* reward,
                             const tern_error* error) {
    return guarded(error, [&] {
      *reward = W::of(env).env->relabel(GoalView(achieved, num_achieved),
                                        GoalView(desired, num_desired));
      return TERN_OK;
    });
  }

  static tern_status current_player(const tern_env* env, std::int32_t* player,
                                    const tern_error* error) {
    return guarded(error, [&] {
      *player = W::of(env).env->current_player();
      return TERN_OK;
    });
  }

  static tern_status player_rewards(const tern_env* env, float* rewards, const tern_error* error) {
    return guarded(error, [&] {
      const auto players = static_cast<std::size_t>(W::of(env).spec.players);
      return W::of(env).env->player_rewards(FloatRow(rewards, players)) ? TERN_OK : TERN_NO;
    });
  }

  static tern_status info(const tern_env* env, float* info, const tern_error* error) {
    return guarded(error, [&] {
      const W& held = W::of(env);
      // As Env: a class from before may have a function of its own by this name.
      const Env& base = *held.env;
      base.info(FloatRow(info, held.spec.info.size()));
      return TERN_OK;
    });
  }

 private:
  static tern_status give(const TransitionTable& table, const tern_transition_sink* sink) {
    std::size_t num_actions = 0;
    for (const auto& actions : table.outcomes) num_actions = std::max(num_actions, actions.size());
    tern_status status = sink->resize(sink, static_cast<std::uint32_t>(table.outcomes.size()),
                                      static_cast<std::uint32_t>(num_actions));
    for (std::uint32_t state = 0; state < table.outcomes.size(); ++state) {
      for (std::uint32_t action = 0; action < table.outcomes[state].size(); ++action) {
        for (const Transition& outcome : table.outcomes[state][action]) {
          if (status != TERN_OK) return status;
          status = sink->outcome(sink, state, action, outcome.probability,
                                 static_cast<std::uint32_t>(outcome.next_state), outcome.reward,
                                 outcome.terminated);
        }
      }
    }
    for (std::uint32_t state = 0; state < table.initial.size() && status == TERN_OK; ++state) {
      status = sink->initial(sink, state, table.initial[state]);
    }
    return status;
  }
};

/// The table of class E. Constructs one env to learn its id.
template <class E>
class Table {
 public:
  Table() : id_(make_env<E>(EnvParams<E>())->spec().id), params_(list_params<EnvParams<E>>()) {
    using F = Functions<E>;
    c_.struct_size = sizeof c_;
    c_.num_params = static_cast<std::uint32_t>(params_.c().size());
    c_.param_size = sizeof(tern_param);
    c_.id = id_.c_str();
    c_.params = params_.c().data();
    c_.create = F::create;
    c_.destroy = F::destroy;
    c_.spec = F::spec;
    c_.reset = F::reset;
    c_.step = F::step;
    c_.action_mask = F::action_mask;
    c_.draw = F::draw;
    c_.reward_terms = F::reward_terms;
    c_.metrics = F::metrics;
    c_.human_action = F::human_action;
    c_.get_state = F::get_state;
    c_.set_state = F::set_state;
    c_.save = F::save;
    c_.load = F::load;
    c_.transitions = F::transitions;
    c_.relabel = F::relabel;
    c_.current_player = F::current_player;
    c_.player_rewards = F::player_rewards;
    c_.info = F::info;
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  const tern_env_table* c() const { return &c_; }

 private:
  std::string id_;
  ParamList params_;
  tern_env_table c_ = {};
};

template <class E>
const tern_env_table* table_of() {
  static const Table<E> table;
  return table.c();
}

/// All that the library offers. Made by the first call: static constructors run in any order.
template <class... Envs>
const tern_plugin* entry(const tern_error* error) noexcept {
  const tern_plugin* result = nullptr;
  guarded(error, [&] {
    static const std::vector<const tern_env_table*> tables = {table_of<Envs>()...};
    static const tern_plugin plugin = {TERN_PLUGIN_ABI_VERSION, sizeof(tern_plugin),
                                       TERN_PLUGIN_MADE_WITH, tables.data(),
                                       static_cast<std::uint32_t>(tables.size())};
    result = &plugin;
    return TERN_OK;
  });
  return result;
}

}  // namespace plugin
}  // namespace tern

/// The one line that makes a plugin of a file with envs in it.
#define TERN_EXPORT_ENVS(...)                                                                    \
  extern "C" TERN_PLUGIN_EXPORT const tern_plugin* tern_plugin_entry(const tern_host*,           \
                                                                     const tern_error* error) {  \
    return ::tern::plugin::entry<__VA_ARGS__>(error);                                            \
  }
