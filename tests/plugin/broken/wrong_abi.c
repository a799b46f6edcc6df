/* Says that it was built for another version of the border. */

#include "tests/plugin/broken/good_env.h"

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  static tern_plugin plugin;
  (void)host;
  (void)error;
  table = good_table();
  plugin = *offer(&table);
  plugin.abi_version = TERN_PLUGIN_ABI_VERSION + 1;
  return &plugin;
}
