/* As if compiled against a later Tern of the same ABI version, where every struct has grown. */

#include "tests/plugin/broken/good_env.h"

typedef struct {
  tern_field known;
  double later[3];
} later_field;
typedef struct {
  tern_action_component known;
  double later;
} later_component;
typedef struct {
  tern_param known;
  double later;
} later_param;
typedef struct {
  tern_env_spec known;
  double later[7];
} later_spec;
typedef struct {
  tern_env_table known;
  void (*later)(void);
} later_table;

static later_field fields[2];
static later_component components[2];
static later_param params[2];
static later_spec spec;

static const tern_env_spec* facts(const tern_env* env) {
  (void)env;
  return &spec.known;
}
static tern_status reset(tern_env* env, const tern_reset_context* context, void* obs,
                         const tern_error* error) {
  ((float*)obs)[1] = 2;
  return good_reset(env, context, obs, error);
}

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static later_table table;
  int i;
  (void)host;
  (void)error;
  table.known = good_table();
  table.known.struct_size = sizeof table;
  for (i = 0; i < 2; ++i) {
    fields[i].known = good_field;
    fields[i].known.name = i == 0 ? "first" : "second";
    components[i].known = good_action;
    components[i].known.name = i == 0 ? "one" : "two";
    params[i].known.name = i == 0 ? "alpha" : "beta";
    params[i].known.type = "float";
  }
  spec.known = good_spec;
  spec.known.struct_size = sizeof spec;
  spec.known.fields = &fields[0].known;
  spec.known.num_fields = 2;
  spec.known.field_size = sizeof(later_field);
  spec.known.components = &components[0].known;
  spec.known.num_components = 2;
  spec.known.component_size = sizeof(later_component);
  spec.known.action_kind = TERN_MULTI_DISCRETE;
  table.known.params = &params[0].known;
  table.known.num_params = 2;
  table.known.param_size = sizeof(later_param);
  table.known.spec = facts;
  table.known.reset = reset;
  return offer(&table.known);
}
