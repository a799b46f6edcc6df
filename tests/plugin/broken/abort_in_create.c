/* Finds no motor and gives up. */

#include <stdio.h>

#include "tests/plugin/broken/good_env.h"

static tern_status create(const tern_param_values* values, tern_env** env,
                          const tern_error* error) {
  (void)values;
  (void)env;
  (void)error;
  fprintf(stderr, "motor.c:12: no motor found\n");
  abort();
}

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  (void)host;
  (void)error;
  table = good_table();
  table.create = create;
  return offer(&table);
}
