/* A whole plugin in C99: a walk on a line to either end. */

#include <stdio.h>
#include <stdlib.h>

#include "envs/plugin_abi.h"

struct tern_env {
  int32_t place; /* -length..length */
  int32_t length;
  tern_field field;
  tern_env_spec spec;
};

static const int32_t kScalar[] = {1};
static const char* const kSteps[] = {"left", "right"};
static const char* const kState[] = {"place"};
static const tern_action_component kAction = {"action", NULL, kSteps, 2, 0, 0};
static const tern_param kParams[] = {
    {"length", "int", "4", "[1, 1000]", "places on each side of the start"},
};

static tern_status create(const tern_param_values* values, tern_env** out,
                          const tern_error* error) {
  long length = 4;
  uint32_t i;
  tern_env* env;
  for (i = 0; i < values->num_values; ++i) { /* the host lets no other key through */
    const tern_param_value* value = &values->values[i];
    length = strtol(value->text, NULL, 10);
    if (length < 1 || length > 1000) {
      char text[200];
      snprintf(text, sizeof text, "%s: env.length: %ld is out of range; expected [1, 1000]",
               value->where, length);
      return tern_fail(error, TERN_BAD_CALL, text);
    }
  }
  env = calloc(1, sizeof *env);
  if (env == NULL) return tern_fail(error, TERN_FAILED, "out of memory");
  env->length = (int32_t)length;
  env->field.name = "place";
  env->field.shape = kScalar;
  env->field.num_dims = 1;
  env->field.low = -(double)length;
  env->field.high = (double)length;
  env->spec.struct_size = sizeof(tern_env_spec);
  env->spec.obs_dtype = TERN_FLOAT32;
  env->spec.id = "Line-v0";
  env->spec.family = "tests";
  env->spec.summary = "walk to the right end of a line";
  env->spec.fields = &env->field;
  env->spec.num_fields = 1;
  env->spec.field_size = sizeof(tern_field);
  env->spec.components = &kAction;
  env->spec.num_components = 1;
  env->spec.component_size = sizeof(tern_action_component);
  env->spec.action_kind = TERN_DISCRETE;
  env->spec.max_episode_steps = 50;
  env->spec.state_fields = kState;
  env->spec.num_state_fields = 1;
  *out = env;
  return TERN_OK;
}

static void destroy(tern_env* env) { free(env); }

static const tern_env_spec* spec(const tern_env* env) { return &env->spec; }

static tern_status reset(tern_env* env, const tern_reset_context* context, void* obs,
                         const tern_error* error) {
  (void)error;
  env->place = (int32_t)tern_rng_below(context->rng, 3) - 1;
  if (env->place <= -env->length || env->place >= env->length) env->place = 0;
  *(float*)obs = (float)env->place;
  return TERN_OK;
}

static tern_status step(tern_env* env, const void* action, tern_rng* rng, void* obs,
                        tern_step_result* result, const tern_error* error) {
  (void)rng;
  (void)error;
  env->place += *(const int32_t*)action == 1 ? 1 : -1;
  *(float*)obs = (float)env->place;
  result->reward = env->place == env->length ? 1.0f : 0.0f;
  result->terminated = env->place == env->length || env->place == -env->length;
  return TERN_OK;
}

static tern_status draw(const tern_env* env, const tern_canvas* canvas, const tern_error* error) {
  const tern_color paper = {255, 255, 255, 255}, ink = {0, 114, 178, 255};
  const tern_point low = {-(float)env->length, -1}, high = {(float)env->length, 1};
  const tern_point here = {(float)env->place, 0};
  (void)error;
  canvas->set_view(canvas, low, high, paper);
  canvas->circle(canvas, here, 0.5f, ink);
  return TERN_OK;
}

static tern_status get_state(const tern_env* env, double* state, size_t capacity, size_t* count,
                             const tern_error* error) {
  (void)error;
  *count = 1;
  if (capacity >= 1) state[0] = env->place;
  return TERN_OK;
}

static tern_status set_state(tern_env* env, const double* state, size_t count,
                             const tern_error* error) {
  if (count != 1) return tern_fail(error, TERN_BAD_CALL, "a state is one value, the place");
  env->place = (int32_t)state[0];
  return TERN_OK;
}

static tern_status save(const tern_env* env, const tern_byte_sink* sink, const tern_error* error) {
  (void)error;
  return sink->write(sink, &env->place, sizeof env->place);
}

static tern_status load(tern_env* env, const uint8_t* bytes, size_t size, size_t* used,
                        const tern_error* error) {
  if (size < sizeof env->place) {
    return tern_fail(error, TERN_FAILED, "the saved state is too short");
  }
  memcpy(&env->place, bytes, sizeof env->place);
  *used = sizeof env->place;
  return TERN_OK;
}

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  static const tern_env_table* tables[] = {&table};
  static const tern_plugin plugin = {TERN_PLUGIN_ABI_VERSION, sizeof(tern_plugin), "hand", tables,
                                     1};
  (void)host;
  (void)error;
  table.struct_size = sizeof table;
  table.id = "Line-v0";
  table.params = kParams;
  table.num_params = 1;
  table.param_size = sizeof(tern_param);
  table.create = create;
  table.destroy = destroy;
  table.spec = spec;
  table.reset = reset;
  table.step = step;
  table.draw = draw;
  table.get_state = get_state;
  table.set_state = set_state;
  table.save = save;
  table.load = load;
  return &plugin;
}
