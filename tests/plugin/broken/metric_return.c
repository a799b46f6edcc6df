/* Its metric has a name that Tern uses itself. */

#include "tests/plugin/broken/good_env.h"

static const char* const kMetrics[] = {"success", "return"};

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  (void)host;
  (void)error;
  table = good_table();
  good_spec.metrics = kMetrics;
  good_spec.num_metrics = 2;
  return offer(&table);
}
