/* Crashes in step 1001. Each value stays inside its bounds until then. */

#include "tests/plugin/broken/good_env.h"

static int* volatile nowhere = (int*)8;

static tern_status late_step(tern_env* env, const void* action, tern_rng* rng, void* obs,
                             tern_step_result* result, const tern_error* error) {
  (void)action;
  (void)rng;
  (void)result;
  (void)error;
  if (++env->steps == 1001) *nowhere = 1;
  *(float*)obs = (float)env->steps;
  return TERN_OK;
}

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  (void)host;
  (void)error;
  table = good_table();
  table.step = late_step;
  good_spec.family = "tests";
  good_spec.summary = "crashes late";
  good_spec.max_episode_steps = 5000;
  return offer(&table);
}
