/* Writes to address 0 in its first step. */

#include "tests/plugin/broken/good_world.h"

static tern_status step(tern_env* env, const void* action, tern_rng* rng, void* obs,
                        tern_step_result* result, const tern_error* error) {
  volatile int* nowhere = NULL;
  (void)env;
  (void)action;
  (void)rng;
  (void)obs;
  (void)result;
  (void)error;
  *nowhere = 1;
  return TERN_OK;
}

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  (void)host;
  (void)error;
  table = good_table();
  table.step = step;
  return offer(&table);
}
