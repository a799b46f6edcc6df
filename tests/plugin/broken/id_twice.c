/* Offers two envs of the same id. */

#include "tests/plugin/broken/good_env.h"

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  (void)host;
  (void)error;
  table = good_table();
  {
    static const tern_env_table* tables[2];
    static tern_plugin plugin;
    plugin = *offer(&table);
    tables[0] = tables[1] = &table;
    plugin.envs = tables;
    plugin.num_envs = 2;
    return &plugin;
  }
}
