/* Writes one number behind its observation. */

#include "tests/plugin/broken/good_env.h"

static tern_status far_reset(tern_env* env, const tern_reset_context* context, void* obs,
                             const tern_error* error) {
  (void)context;
  (void)error;
  env->steps = 0;
  ((float*)obs)[0] = 0;
  ((float*)obs)[1] = 0;
  return TERN_OK;
}

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  (void)host;
  (void)error;
  table = good_table();
  table.reset = far_reset;
  return offer(&table);
}
