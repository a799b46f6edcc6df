/* Rows of both types in C99: a camera of bytes, declared before the floats that lie before it, and an
 * index that begins at 5. */

#include <stdlib.h>

#include "envs/plugin_abi.h"

struct tern_env {
  int32_t place, gear;
};

static const int32_t kScalar[] = {1}, kImage[] = {1, 3, 1}, kList[] = {4};
static const tern_field kFields[] = {
    {.name = "camera", .shape = kImage, .num_dims = 3, .high = 255, .dtype = TERN_UINT8},
    {.name = "place", .shape = kScalar, .num_dims = 1, .low = -4, .high = 4},
    {.name = "gear", .shape = kScalar, .num_dims = 1, .categories = 3, .first = 5, .low = 5, .high = 7},
    {.name = "word", .shape = kList, .num_dims = 1, .categories = 6, .low = 0, .high = 5}};
static const char* const kOptions[] = {"left", "right"};
static const tern_action_component kAction = {"action", NULL, kOptions, 2, 0, 0};
static tern_env_spec facts;

static tern_status create(const tern_param_values* values, tern_env** env,
                          const tern_error* error) {
  (void)values;
  *env = calloc(1, sizeof **env);
  return *env == NULL ? tern_fail(error, TERN_FAILED, "out of memory") : TERN_OK;
}
static void destroy(tern_env* env) { free(env); }
static const tern_env_spec* spec(const tern_env* env) {
  (void)env;
  return &facts;
}
static void observe(const tern_env* env, void* obs) {
  float* const floats = (float*)obs;
  uint8_t* const camera = (uint8_t*)(floats + 6);
  int i;
  floats[0] = (float)env->place;
  floats[1] = (float)env->gear;
  for (i = 0; i < 4; ++i) floats[2 + i] = (float)((env->place + 4 + i) % 6);
  for (i = 0; i < 3; ++i) camera[i] = (uint8_t)(i == (env->place + 6) % 3 ? 255 : 7);
}
static tern_status reset(tern_env* env, const tern_reset_context* context, void* obs,
                         const tern_error* error) {
  (void)error;
  env->place = (int32_t)tern_rng_below(context->rng, 3) - 1;
  env->gear = 5 + (int32_t)tern_rng_below(context->rng, 3);
  observe(env, obs);
  return TERN_OK;
}
static tern_status step(tern_env* env, const void* action, tern_rng* rng, void* obs,
                        tern_step_result* result, const tern_error* error) {
  (void)error;
  env->place += *(const int32_t*)action == 1 ? 1 : -1;
  env->gear = 5 + (int32_t)tern_rng_below(rng, 3);
  observe(env, obs);
  result->reward = env->place == 4 ? 1.0f : 0.0f;
  result->terminated = env->place == 4 || env->place == -4;
  return TERN_OK;
}
static tern_status save(const tern_env* env, const tern_byte_sink* sink, const tern_error* error) {
  (void)error;
  return sink->write(sink, env, sizeof *env);
}
static tern_status load(tern_env* env, const uint8_t* bytes, size_t size, size_t* used,
                        const tern_error* error) {
  if (size < sizeof *env) return tern_fail(error, TERN_FAILED, "the saved state is too short");
  memcpy(env, bytes, sizeof *env);
  *used = sizeof *env;
  return TERN_OK;
}

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  static const tern_env_table* tables[] = {&table};
  static const tern_plugin plugin = {TERN_PLUGIN_ABI_VERSION, sizeof(tern_plugin), "hand", tables,
                                     1};
  (void)host;
  (void)error;
  facts.struct_size = sizeof facts;
  facts.obs_dtype = TERN_PER_FIELD;
  facts.id = "MixedRows-v0";
  facts.family = "tests";
  facts.summary = "walk to the right end of a line, seen by a camera";
  facts.fields = kFields;
  facts.num_fields = 4;
  facts.field_size = sizeof(tern_field);
  facts.components = &kAction;
  facts.num_components = 1;
  facts.component_size = sizeof(tern_action_component);
  facts.action_kind = TERN_DISCRETE;
  facts.max_episode_steps = 30;
  table.struct_size = sizeof table;
  table.id = "MixedRows-v0";
  table.create = create;
  table.destroy = destroy;
  table.spec = spec;
  table.reset = reset;
  table.step = step;
  table.save = save;
  table.load = load;
  return &plugin;
}
