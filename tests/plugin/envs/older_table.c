/* As if compiled when the table ended before `draw` and the facts before `has_masks`: what lies
 * beyond those sizes must not be read. */

#include <stddef.h>

#include "tests/plugin/broken/good_env.h"

static tern_status draw(const tern_env* env, const tern_canvas* canvas, const tern_error* error) {
  (void)env;
  (void)canvas;
  (void)error;
  abort();
}

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  (void)host;
  (void)error;
  table = good_table();
  table.struct_size = offsetof(tern_env_table, draw);
  table.draw = draw;
  good_spec.struct_size = offsetof(tern_env_spec, has_masks);
  good_spec.has_masks = 1;
  good_spec.num_levels = 99;
  return offer(&table);
}
