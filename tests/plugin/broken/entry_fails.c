/* Refuses to load and says why. */

#include "tests/plugin/broken/good_env.h"

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  (void)host;
  (void)offer;
  (void)good_table;
  tern_fail(error, TERN_FAILED, "the file with the track is missing");
  return NULL;
}
