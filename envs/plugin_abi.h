/* The border between Tern and a plugin, in plain C99.
 *
 * A plugin is a shared library with one exported symbol, tern_plugin_entry, which hands out tables
 * of functions: one table for each kind of env. The table mirrors the class Env of envs/env.h
 * function by function. C++ authors derive from Env and include envs/plugin.h, which writes all of
 * this for them; C authors and bridges from other languages fill in the tables themselves
 * (docs/plugins.md shows both).
 *
 * VERSIONS. TERN_PLUGIN_ABI_VERSION changes only when something here changes its meaning; the host
 * refuses another version and names both. Fields are appended without a new version: every struct
 * begins with its own struct_size, as its maker was compiled, and its reader takes fields beyond
 * that as zero. Arrays of structs carry the size of one element for the same reason. So a plugin
 * keeps working with every later Tern of the same ABI version, without being compiled again.
 *
 * OWNERSHIP. The host owns every buffer that is written: rows, texts of errors, results. What a
 * plugin points to (tables, facts, names) it owns itself; the host copies it and never frees it.
 * A pointer that the host passes in is valid during that call only, but for a tern_env*, which the
 * plugin makes in create and ends in destroy.
 *
 * THREADS. One of three words stands beside each function:
 *   [load]  called once, before every other function of the plugin, which then all wait.
 *   [any]   may run on any thread, at the same time as anything else.
 *   [env]   on any thread, but never two calls for the same tern_env at a time; calls for different
 *           ones do run at the same time. So envs may share only what never changes.
 *
 * ERRORS. Functions that can fail return a tern_status and, where it is negative, have written one
 * sentence to `error`. No C++ exception and no longjmp may leave a plugin, and the host lets none
 * into it. Texts are UTF-8 that ends in '\0'. Booleans are 0 or 1; an env that gives another value
 * than 0 is understood as 1.
 */
#ifndef TERN_PLUGIN_ABI_H_
#define TERN_PLUGIN_ABI_H_

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/rng_state.h"

#define TERN_PLUGIN_ABI_VERSION 1u

#if defined(__GNUC__)
#define TERN_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define TERN_PLUGIN_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* One env. The plugin defines the struct as it likes; the host only passes the pointer on. */
typedef struct tern_env tern_env;

/* ---------------------------------------------------------------------------------------------
 * Results of calls
 * ------------------------------------------------------------------------------------------ */

typedef int32_t tern_status;
enum {
  TERN_OK = 0,
  TERN_NO = 1,       /* not a failure: there is none, or this is not supported */
  TERN_FAILED = -1,  /* the work failed */
  TERN_BAD_CALL = -2 /* the user asked for something wrong: a parameter out of range, say */
};

/* Where the text of an error goes. */
typedef struct tern_error {
  uint32_t struct_size;
  char* text;      /* host's; holds "" when the call begins */
  size_t capacity; /* bytes at text, with the one for '\0'; at least 256 */
} tern_error;

/* Writes `text`, cut to what fits, and returns `status`, so that a failing function can end with
 *   return tern_fail(error, TERN_FAILED, "the motor is on fire"); */
static inline tern_status tern_fail(const tern_error* error, tern_status status, const char* text) {
  size_t length = strlen(text);
  if (error == NULL || error->capacity == 0) return status;
  if (length >= error->capacity) length = error->capacity - 1;
  memcpy(error->text, text, length);
  error->text[length] = '\0';
  return status;
}

/* ---------------------------------------------------------------------------------------------
 * The facts of an env: EnvSpec of envs/env.h and the spaces of core/space.h
 * ------------------------------------------------------------------------------------------ */

/* tern_env_spec.obs_dtype and tern_field.dtype; TERN_PER_FIELD, of obs_dtype alone: each field says
 * its own. Hosts from before TERN_PER_FIELD refuse envs that have it. */
enum { TERN_FLOAT32 = 0, TERN_UINT8 = 1, TERN_PER_FIELD = 2 };
enum { TERN_DISCRETE = 0, TERN_MULTI_DISCRETE = 1, TERN_BOX = 2 };  /* tern_env_spec.action_kind */

/* A named part of an observation row. The fields lie in the row one after the other: first all of
 * TERN_FLOAT32, then all of TERN_UINT8, each in the order in which they are given. */
typedef struct tern_field {
  const char* name;     /* "pole angle" */
  const char* unit;     /* "rad"; NULL or "" where there is none */
  const int32_t* shape; /* {1} a scalar, {n} flat, {height, width, channels} an image */
  uint32_t num_dims;    /* entries of shape */
  int32_t categories;   /* n > 0: each element holds an index in [first, first + n), one-hot for
                         * networks. num_dims is 1; a shape above {1} is a list of indices, such as
                         * the tokens of a text, which older Terns refuse */
  double low;           /* lowest and highest value; -INFINITY and INFINITY: unbounded */
  double high;
  int32_t advisory;     /* 1: the bounds are usual values, not promises */
  /* Read only if obs_dtype is TERN_PER_FIELD: */
  int32_t dtype; /* TERN_FLOAT32 or TERN_UINT8 */
  int32_t first; /* the lowest index of categories */
} tern_field;

/* One component of an action: a choice among named options, or a real number in a range. */
typedef struct tern_action_component {
  const char* name;           /* "torque"; of a TERN_DISCRETE action it is not shown */
  const char* unit;           /* Box: "N m"; NULL or "" where there is none */
  const char* const* options; /* discrete: {"left", "right"}; NULL for Box */
  uint32_t num_options;       /* 0 for Box */
  double low;                 /* Box: range; the env may be given values outside */
  double high;
} tern_action_component;

/* All of it known before the first reset; the same for the life of an env. */
typedef struct tern_env_spec {
  uint32_t struct_size;  /* sizeof(tern_env_spec) */
  int32_t obs_dtype;     /* of all fields: TERN_FLOAT32 or TERN_UINT8; or TERN_PER_FIELD */
  const char* id;        /* versioned: "CartPole-v1"; changed behaviour gets a new version */
  const char* family;    /* groups envs in lists; your own word */
  const char* summary;   /* one line */
  const char* reference; /* what it is faithful to; NULL or "" for nothing */

  const tern_field* fields;  /* of the observation row */
  uint32_t num_fields;
  uint32_t field_size;       /* sizeof(tern_field) */

  const tern_action_component* components;  /* one for TERN_DISCRETE */
  uint32_t num_components;
  uint32_t component_size;  /* sizeof(tern_action_component) */
  int32_t action_kind;      /* TERN_DISCRETE, TERN_MULTI_DISCRETE or TERN_BOX */

  int32_t max_episode_steps;     /* time limit, applied by the host; 0: none */
  int32_t has_reward_threshold;  /* 1: reward_threshold means something */
  double reward_threshold;       /* mean return that counts as solved */

  const char* const* reward_terms;  /* names of what reward_terms() writes */
  const char* const* metrics;       /* names of what metrics() writes */
  const char* const* state_fields;  /* names of the documented state vector */
  uint32_t num_reward_terms;
  uint32_t num_metrics;
  uint32_t num_state_fields;

  int32_t has_masks;          /* 1: action_mask() may forbid actions */
  uint64_t num_levels;        /* procedurally generated variants; 0: none */
  int32_t frames_per_second;  /* for people who watch or play; 0: 30 */
  int32_t turn_based;         /* for people: 1: waits for a key */
  int32_t players;            /* who take turns; 0 or 1: the agent is always the one to move */
  const char* const* info;    /* names of what info() writes */
  uint32_t num_info;
} tern_env_spec;

/* A parameter that `env.<name>=<value>` may set. */
typedef struct tern_param {
  const char* name;
  const char* type;          /* "bool", "int", "float", "text", "list of int", "schedule" */
  const char* default_value; /* as a user would write it: "9.8" */
  const char* range;         /* for people: "[0, 100]", "easy|hard"; NULL or "": anything goes */
  const char* doc;           /* one line, with the unit */
} tern_param;

/* A parameter that the user set. The host has refused unknown names. Texts of bool, int and float
 * parameters are in plain form, whatever the user wrote: "true" or "false", digits with an optional
 * '-' (within int64), a number that strtod reads. Ranges are create's to check. */
typedef struct tern_param_value {
  const char* key;
  const char* text;
  const char* where; /* for messages: "configs/a.yaml:7" or "command line" */
} tern_param_value;

typedef struct tern_param_values {
  uint32_t struct_size;
  uint32_t value_size;            /* sizeof(tern_param_value) */
  const tern_param_value* values; /* in the order given; a later value of a key replaces it */
  uint32_t num_values;
} tern_param_values;

/* ---------------------------------------------------------------------------------------------
 * What crosses in single calls
 * ------------------------------------------------------------------------------------------ */

/* StepResult. At most one flag is 1. */
typedef struct tern_step_result {
  uint32_t struct_size;
  float reward;
  int32_t terminated; /* the env ended: nothing of value follows */
  int32_t truncated;  /* the episode was cut: the future would have gone on */
} tern_step_result;

/* ResetContext. */
typedef struct tern_reset_context {
  uint32_t struct_size;
  tern_rng* rng;   /* the env's own stream; draw with the functions of core/rng_state.h */
  uint64_t level;  /* which procedurally generated variant, below num_levels; 0 if there are none */
} tern_reset_context;

/* Takes bytes, in order. */
typedef struct tern_byte_sink {
  uint32_t struct_size;
  void* host;
  /* TERN_OK, or TERN_FAILED when memory ran out: return that from the function that is writing. */
  tern_status (*write)(const struct tern_byte_sink* sink, const void* bytes, size_t size);
} tern_byte_sink;

/* Takes the exact model of a tabular env, TransitionTable. The functions return TERN_FAILED for
 * an index that is out of range: return that from transitions(), the host has the message. */
typedef struct tern_transition_sink {
  uint32_t struct_size;
  void* host;
  /* First: how many states there are and how many actions in each. */
  tern_status (*resize)(const struct tern_transition_sink* sink, uint32_t num_states,
                        uint32_t num_actions);
  /* One outcome of `action` in `state`; those of a pair in the order in which they are given. */
  tern_status (*outcome)(const struct tern_transition_sink* sink, uint32_t state, uint32_t action,
                         double probability, uint32_t next_state, double reward,
                         int32_t terminated);
  /* The probability of starting in `state`; 0 where it is not given. */
  tern_status (*initial)(const struct tern_transition_sink* sink, uint32_t state,
                         double probability);
} tern_transition_sink;

typedef struct tern_color {
  uint8_t r, g, b, a; /* a: 255 is opaque */
} tern_color;

typedef struct tern_point {
  float x, y; /* scene units, y up */
} tern_point;

typedef struct tern_cell_style {
  tern_color color;
  char glyph; /* its letter in text pictures */
} tern_cell_style;

enum { TERN_ALIGN_LEFT = 0, TERN_ALIGN_CENTER = 1, TERN_ALIGN_RIGHT = 2 };

/* A surface for one frame, Canvas of core/canvas.h, which says what each function draws. Call
 * set_view first, then draw from back to front. All functions [env], none fails. */
typedef struct tern_canvas {
  uint32_t struct_size;
  void* host;
  void (*set_view)(const struct tern_canvas* canvas, tern_point low, tern_point high,
                   tern_color background);
  void (*polygon)(const struct tern_canvas* canvas, const tern_point* corners, size_t count,
                  tern_color color);
  void (*circle)(const struct tern_canvas* canvas, tern_point center, float radius,
                 tern_color color);
  void (*capsule)(const struct tern_canvas* canvas, tern_point a, tern_point b, float radius,
                  tern_color color);
  void (*line)(const struct tern_canvas* canvas, tern_point a, tern_point b, float width,
               tern_color color);
  /* kind[row * columns + column] picks one of the `count` styles; row 0 is on top. */
  void (*cells)(const struct tern_canvas* canvas, tern_point top_left, float cell_size,
                int32_t rows, int32_t columns, const uint8_t* kind, const tern_cell_style* styles,
                size_t count);
  /* rgb: 3 * width * height bytes, top row first. */
  void (*image)(const struct tern_canvas* canvas, tern_point low, tern_point high, int32_t width,
                int32_t height, const uint8_t* rgb);
  /* `length` bytes of printable ASCII at `line`. align: TERN_ALIGN_... */
  void (*text)(const struct tern_canvas* canvas, tern_point at, float height, const char* line,
               size_t length, tern_color color, int32_t align);
  void (*push)(const struct tern_canvas* canvas, tern_point move, float angle, float scale);
  void (*pop)(const struct tern_canvas* canvas);
  /* Puts into *shown_low and *shown_high how far backdrops of a view low-high are to be painted. NULL
   * in hosts that do not know it: the view alone. */
  void (*shown)(const struct tern_canvas* canvas, tern_point low, tern_point high,
                tern_point* shown_low, tern_point* shown_high);
} tern_canvas;

/* Bits of the keys that a player holds down: (keys >> TERN_KEY_UP) & 1. Letters follow TERN_KEY_A
 * in the order of the alphabet, digits TERN_KEY_0. */
enum {
  TERN_KEY_LEFT = 0,
  TERN_KEY_RIGHT = 1,
  TERN_KEY_UP = 2,
  TERN_KEY_DOWN = 3,
  TERN_KEY_SPACE = 4,
  TERN_KEY_ENTER = 5,
  TERN_KEY_SHIFT = 6,
  TERN_KEY_A = 7,
  TERN_KEY_0 = 33
};

/* ---------------------------------------------------------------------------------------------
 * One kind of env
 * ------------------------------------------------------------------------------------------ */

/* The functions of Env, in its order, after those that make and end an env. create, destroy, spec,
 * reset and step must be there; the others may be NULL, which means what Env does by default.
 *
 * Rows: an observation is `float*` or `uint8_t*`, as obs_dtype says, with as many elements as all
 * fields together; with TERN_PER_FIELD the floats of all float fields and, right behind them, the
 * bytes of the others. The env writes every one of them. An action is `const int32_t*` (discrete)
 * or `const float*` (Box), one value for each component, inside the space (Box: finite, possibly
 * out of range).
 *
 * Order: an env must stand every call but step before its first reset. */
typedef struct tern_env_table {
  uint32_t struct_size; /* sizeof(tern_env_table) */
  uint32_t num_params;
  uint32_t param_size;      /* sizeof(tern_param) */
  const char* id;           /* the id in spec(), whatever the parameters */
  const tern_param* params; /* what create() understands */

  /* [any] Makes an env and puts it in *env; on failure *env is not read. With no values it makes
   * the env with its default parameters. TERN_BAD_CALL for a value out of range: the text starts
   * with tern_param_value.where and says what was expected. */
  tern_status (*create)(const tern_param_values* values, tern_env** env, const tern_error* error);
  /* [env] Ends an env and frees what it holds; no other call for it follows. */
  void (*destroy)(tern_env* env);

  /* [env] The facts of this env; they and what they point to stay as they are until destroy. */
  const tern_env_spec* (*spec)(const tern_env* env);
  /* [env] Starts an episode and writes the first observation. */
  tern_status (*reset)(tern_env* env, const tern_reset_context* context, void* obs,
                       const tern_error* error);
  /* [env] One step; writes the observation and *result. `rng` is the stream that reset was given.
   * Never called before reset, nor after a step that ended the episode without a reset between. */
  tern_status (*step)(tern_env* env, const void* action, tern_rng* rng, void* obs,
                      tern_step_result* result, const tern_error* error);
  /* [env] Writes 1 for each option that is allowed now, 0 for each that is not: those of the first
   * component, then those of the second, and so on. NULL: all are allowed. */
  tern_status (*action_mask)(const tern_env* env, uint8_t* mask, const tern_error* error);
  /* [env] Draws the present state. NULL: bars of the named observation are shown. */
  tern_status (*draw)(const tern_env* env, const tern_canvas* canvas, const tern_error* error);
  /* [env] Writes the num_reward_terms parts of the last reward; they sum to it. */
  tern_status (*reward_terms)(const tern_env* env, float* terms, const tern_error* error);
  /* [env] Writes num_metrics numbers: success and the like; called when an episode ends. */
  tern_status (*metrics)(const tern_env* env, float* metrics, const tern_error* error);
  /* [env] Writes the action that a player means by these keys. TERN_NO: none. */
  tern_status (*human_action)(const tern_env* env, uint64_t keys, void* action,
                              const tern_error* error);
  /* [env] The documented state vector: puts its length in *count and writes it if *count is at most
   * `capacity`; otherwise the host calls again with more room. TERN_NO: there is none. */
  tern_status (*get_state)(const tern_env* env, double* state, size_t capacity, size_t* count,
                           const tern_error* error);
  /* [env] Takes a state vector. TERN_NO: not supported. */
  tern_status (*set_state)(tern_env* env, const double* state, size_t count,
                           const tern_error* error);
  /* [env] Writes everything that the future depends on besides the random stream. */
  tern_status (*save)(const tern_env* env, const tern_byte_sink* sink, const tern_error* error);
  /* [env] Reads what save wrote, perhaps in another process, from the front of `size` bytes, and
   * puts in *used how many those were. From then on the env goes on exactly as the saved one.
   * TERN_NO: not supported; the host then replays the episode's actions on a new env. */
  tern_status (*load)(tern_env* env, const uint8_t* bytes, size_t size, size_t* used,
                      const tern_error* error);
  /* [env] The exact model. TERN_NO: the env is not tabular. */
  tern_status (*transitions)(const tern_env* env, const tern_transition_sink* sink,
                             const tern_error* error);
  /* [env] The reward for having achieved one goal while another was desired; the lengths are those
   * of the goals. */
  tern_status (*relabel)(const tern_env* env, const float* achieved, size_t num_achieved,
                         const float* desired, size_t num_desired, float* reward,
                         const tern_error* error);
  /* [env] Puts in *player whose turn it is, below `players`: who sees the observation and acts next.
   * After the step that ended an episode any number below will do. NULL: player 0. */
  tern_status (*current_player)(const tern_env* env, int32_t* player, const tern_error* error);
  /* [env] Writes what the last step gave each of the `players`; that of the player who moved is the
   * step's reward. TERN_NO: the others got nothing. */
  tern_status (*player_rewards)(const tern_env* env, float* rewards, const tern_error* error);
  /* [env] Writes num_info numbers: what there is to know of the last step, or of the reset, beside
   * the observation; for people and analyses. Called only where somebody asks, perhaps never. */
  tern_status (*info)(const tern_env* env, float* info, const tern_error* error);
} tern_env_table;

/* ---------------------------------------------------------------------------------------------
 * The library
 * ------------------------------------------------------------------------------------------ */

/* Who is loading. */
typedef struct tern_host {
  uint32_t struct_size;
  uint32_t abi_version; /* TERN_PLUGIN_ABI_VERSION of the host */
  const char* version;  /* of Tern: "0.1.0" */
} tern_host;

typedef struct tern_plugin {
  uint32_t abi_version; /* TERN_PLUGIN_ABI_VERSION; this field and the next never move */
  uint32_t struct_size; /* sizeof(tern_plugin) */
  const char* made_with; /* for people: "Tern 0.1.0" */
  const tern_env_table* const* envs;
  uint32_t num_envs;
} tern_plugin;

/* [load] The one exported symbol. Returns what the library offers, valid until it is unloaded, or
 * NULL with the reason in `error`. The library is loaded in a child process first, so this and all
 * static constructors run once there and once here; it is never unloaded while one of its envs
 * lives. Standard output belongs to the host: print nothing there. */
TERN_PLUGIN_EXPORT const tern_plugin* tern_plugin_entry(const tern_host* host,
                                                        const tern_error* error);

#ifdef __cplusplus
}
#endif

#endif /* TERN_PLUGIN_ABI_H_ */
