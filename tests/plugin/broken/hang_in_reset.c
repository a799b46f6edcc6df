/* Never comes back from reset. */

#define _POSIX_C_SOURCE 200809L
#include <unistd.h>

#include "tests/plugin/broken/good_env.h"

static tern_status reset(tern_env* env, const tern_reset_context* context, void* obs,
                         const tern_error* error) {
  (void)env;
  (void)context;
  (void)obs;
  (void)error;
  for (;;) pause();
  return TERN_OK;
}

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  (void)host;
  (void)error;
  table = good_table();
  table.reset = reset;
  return offer(&table);
}
