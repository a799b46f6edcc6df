/* An env in C that is in order; each file here changes one thing about it. */

#include <stdlib.h>

#include "envs/plugin_abi.h"

struct tern_env {
  int steps;
};

static const int32_t kScalar[] = {1};
static const char* const kOptions[] = {"wait", "go"};
static tern_field good_field = {.name = "steps", .shape = kScalar, .num_dims = 1, .high = 1000};
static tern_action_component good_action = {"action", NULL, kOptions, 2, 0, 0};
static tern_env_spec good_spec;

static tern_status good_create(const tern_param_values* values, tern_env** env,
                               const tern_error* error) {
  (void)values;
  (void)error;
  *env = calloc(1, sizeof **env);
  return TERN_OK;
}
static void good_destroy(tern_env* env) { free(env); }
static const tern_env_spec* good_facts(const tern_env* env) {
  (void)env;
  return &good_spec;
}
static tern_status good_reset(tern_env* env, const tern_reset_context* context, void* obs,
                              const tern_error* error) {
  (void)context;
  (void)error;
  env->steps = 0;
  *(float*)obs = 0;
  return TERN_OK;
}
static tern_status good_step(tern_env* env, const void* action, tern_rng* rng, void* obs,
                             tern_step_result* result, const tern_error* error) {
  (void)rng;
  (void)error;
  env->steps += *(const int32_t*)action;
  *(float*)obs = (float)env->steps;
  result->terminated = env->steps == 1000;
  return TERN_OK;
}

static tern_env_table good_table(void) {
  tern_env_table table;
  memset(&table, 0, sizeof table);
  memset(&good_spec, 0, sizeof good_spec);
  good_spec.struct_size = sizeof good_spec;
  good_spec.id = "Good-v1";
  good_spec.fields = &good_field;
  good_spec.num_fields = 1;
  good_spec.field_size = sizeof good_field;
  good_spec.components = &good_action;
  good_spec.num_components = 1;
  good_spec.component_size = sizeof good_action;
  good_spec.action_kind = TERN_DISCRETE;
  table.struct_size = sizeof table;
  table.id = "Good-v1";
  table.create = good_create;
  table.destroy = good_destroy;
  table.spec = good_facts;
  table.reset = good_reset;
  table.step = good_step;
  return table;
}

/* A plugin that offers `table` alone. */
static const tern_plugin* offer(const tern_env_table* table) {
  static const tern_env_table* tables[1];
  static tern_plugin plugin;
  tables[0] = table;
  plugin.abi_version = TERN_PLUGIN_ABI_VERSION;
  plugin.struct_size = sizeof plugin;
  plugin.made_with = "hand";
  plugin.envs = tables;
  plugin.num_envs = 1;
  return &plugin;
}
