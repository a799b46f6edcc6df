/* States a field without a shape. */

#include "tests/plugin/broken/good_env.h"

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  (void)host;
  (void)error;
  table = good_table();
  good_field.num_dims = 0;
  return offer(&table);
}
