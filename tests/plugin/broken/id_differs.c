/* Has one id in the table and another in its facts. */

#include "tests/plugin/broken/good_env.h"

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  (void)host;
  (void)error;
  table = good_table();
  good_spec.id = "Other-v1";
  return offer(&table);
}
