/* Needs a function that is nowhere. */

#include "tests/plugin/broken/good_env.h"

const tern_plugin* made_elsewhere(tern_env_table table);

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  (void)host;
  (void)error;
  (void)offer;
  return made_elsewhere(good_table());
}
