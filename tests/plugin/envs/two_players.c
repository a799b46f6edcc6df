/* Two players in C99: each step takes one or two stones from a heap; who takes the last one wins. */

#include <stdlib.h>

#include "envs/plugin_abi.h"

struct tern_env {
  int32_t stones, player; /* who is to move */
  float reward;           /* of the player who moved last, 1 - player */
};

static const int32_t kScalar[] = {1};
static const char* const kOptions[] = {"one", "two"};
static const tern_field kField = {.name = "stones", .shape = kScalar, .num_dims = 1, .high = 7};
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
static tern_status reset(tern_env* env, const tern_reset_context* context, void* obs,
                         const tern_error* error) {
  (void)context;
  (void)error;
  env->stones = 7;
  env->player = 0;
  env->reward = 0;
  *(float*)obs = 7;
  return TERN_OK;
}
static tern_status step(tern_env* env, const void* action, tern_rng* rng, void* obs,
                        tern_step_result* result, const tern_error* error) {
  (void)rng;
  (void)error;
  env->stones -= *(const int32_t*)action + 1;
  if (env->stones < 0) env->stones = 0;
  env->reward = env->stones == 0 ? 1.0f : 0.0f;
  env->player = 1 - env->player;
  *(float*)obs = (float)env->stones;
  result->reward = env->reward;
  result->terminated = env->stones == 0;
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
static tern_status current_player(const tern_env* env, int32_t* player, const tern_error* error) {
  (void)error;
  *player = env->player;
  return TERN_OK;
}
static tern_status player_rewards(const tern_env* env, float* rewards, const tern_error* error) {
  (void)error;
  rewards[1 - env->player] = env->reward;
  rewards[env->player] = -env->reward;
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
  facts.obs_dtype = TERN_FLOAT32;
  facts.id = "Nim-v0";
  facts.family = "tests";
  facts.summary = "take the last stone";
  facts.fields = &kField;
  facts.num_fields = 1;
  facts.field_size = sizeof(tern_field);
  facts.components = &kAction;
  facts.num_components = 1;
  facts.component_size = sizeof(tern_action_component);
  facts.action_kind = TERN_DISCRETE;
  facts.players = 2;
  table.struct_size = sizeof table;
  table.id = "Nim-v0";
  table.create = create;
  table.destroy = destroy;
  table.spec = spec;
  table.reset = reset;
  table.step = step;
  table.save = save;
  table.load = load;
  table.current_player = current_player;
  table.player_rewards = player_rewards;
  return &plugin;
}
