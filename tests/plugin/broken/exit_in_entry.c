/* Ends the process while it is loaded. */

#include "tests/plugin/broken/good_env.h"

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  (void)host;
  (void)error;
  (void)offer;
  (void)good_table;
  exit(3);
}
