/* Ends like an invalid memory access in its first step. */

#include <signal.h>

#include "tests/plugin/broken/good_env.h"

static tern_status step(tern_env* env, const void* action, tern_rng* rng, void* obs,
                        tern_step_result* result, const tern_error* error) {
  (void)env;
  (void)action;
  (void)rng;
  (void)obs;
  (void)result;
  (void)error;
  raise(SIGSEGV);
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
