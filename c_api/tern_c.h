#ifndef TERN_C_API_TERN_C_H
#define TERN_C_API_TERN_C_H
/* Tern for programs in C and in every language that calls C: make envs, step them in batches, load trained
 * policies and let them act, learn beside a program that owns the loop. C99; link libtern_c.
 *
 * Calls    All that can fail return a ternc_status; then ternc_last_error() of the same thread is a
 *          sentence that says what was wrong, and nothing else has changed unless said so. No C++
 *          exception leaves a call.
 * Memory   All rows are the caller's; nothing is copied but rewards and actions by the envs themselves.
 *          Texts belong to the handle that they came from.
 * Threads  A handle is used by one thread at a time; different handles by any threads at once, but for
 *          ternc_envs_make of a plugin that was not loaded yet and ternc_learner_make.
 * Versions ternc_version() is that of the library, TERNC_VERSION that of this header: a library runs
 *          programs of its own version and of older ones. Structs begin with their size, set by their
 *          _INIT, and may grow at their ends.
 *
 * Rows     An observation row is num_floats float32 and then num_bytes uint8, obs_stride bytes from one row
 *          to the next. An action row is action_size int32 (choices from 0) or float32 (Box). A mask row is
 *          mask_size uint8, 1 for each choice that is allowed; none for Box actions. */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TERNC_API __attribute__((visibility("default")))
#else
#define TERNC_API
#endif

#define TERNC_VERSION 1

typedef enum ternc_status {
  TERNC_OK = 0,
  TERNC_FAILURE = 1, /* the work failed: a damaged file, no memory, a row that is none of the env's */
  TERNC_USAGE = 2,   /* the call was wrong: an unknown name, a value out of range, a null pointer */
  TERNC_INTERNAL = 3 /* a bug of Tern's */
} ternc_status;

typedef struct ternc_envs ternc_envs;
typedef struct ternc_policy ternc_policy;
typedef struct ternc_learner ternc_learner;
/* Facts of an env; of a policy those of the env that it was trained on. */
typedef struct ternc_spec ternc_spec;

TERNC_API uint32_t ternc_version(void);
/* "0.1.0" */
TERNC_API const char* ternc_tern_version(void);
/* What the newest call of this thread that failed had to say; "" before there was one. Valid until the
 * next call of the thread that fails. */
TERNC_API const char* ternc_last_error(void);

/* ---- Facts ------------------------------------------------------------------------------------ */

typedef enum ternc_action_kind {
  TERNC_DISCRETE = 0,       /* one choice */
  TERNC_MULTI_DISCRETE = 1, /* several choices at once */
  TERNC_BOX = 2             /* real numbers */
} ternc_action_kind;

typedef struct ternc_facts {
  size_t struct_size;
  const char* id; /* "CartPole-v1" */
  size_t num_floats, num_bytes, obs_stride, num_fields;
  int32_t action_kind; /* ternc_action_kind */
  size_t action_size, mask_size;
  int32_t has_masks;         /* some choices may be forbidden */
  int32_t max_episode_steps; /* 0: no limit */
  int32_t has_reward_threshold;
  double reward_threshold; /* mean return that counts as solved */
  size_t num_metrics;      /* that an episode ends with */
  int32_t players;         /* who take turns; 1: one */
  int32_t frames_per_second;
} ternc_facts;
#define TERNC_FACTS_INIT {sizeof(ternc_facts), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* Part of an observation row. */
typedef struct ternc_field {
  size_t struct_size;
  const char* name;
  const char* unit; /* "" where there is none */
  size_t offset;    /* of its first element: those of bytes are counted behind the floats */
  size_t size;      /* elements */
  int32_t num_dims; /* 1 to 8 */
  int32_t shape[8];
  double low, high; /* may be infinite */
  int32_t is_bytes, is_advisory; /* advisory: the bounds are usual values, not promises */
  int32_t categories, first;     /* > 0: an index in [first, first + categories) */
} ternc_field;
#define TERNC_FIELD_INIT {sizeof(ternc_field), 0, 0, 0, 0, 0, {0}, 0, 0, 0, 0, 0, 0}

/* Component of an action: a choice, or a real number within bounds. */
typedef struct ternc_component {
  size_t struct_size;
  const char* name;
  const char* unit;
  size_t num_options; /* 0: a real number */
  double low, high;   /* of real numbers */
} ternc_component;
#define TERNC_COMPONENT_INIT {sizeof(ternc_component), 0, 0, 0, 0, 0}

/* Each spec lives as long as its handle. */
TERNC_API const ternc_spec* ternc_envs_spec(const ternc_envs* envs);
TERNC_API const ternc_spec* ternc_policy_spec(const ternc_policy* policy);
TERNC_API ternc_status ternc_spec_facts(const ternc_spec* spec, ternc_facts* facts);
TERNC_API ternc_status ternc_spec_field(const ternc_spec* spec, size_t i, ternc_field* field);
TERNC_API ternc_status ternc_spec_component(const ternc_spec* spec, size_t i,
                                            ternc_component* component);
/* Name of a choice of component i; null for none that there is. */
TERNC_API const char* ternc_spec_option(const ternc_spec* spec, size_t i, size_t option);
/* Name of a metric; null for none that there is. */
TERNC_API const char* ternc_spec_metric(const ternc_spec* spec, size_t i);

/* ---- Envs ------------------------------------------------------------------------------------- */

typedef struct ternc_envs_options {
  size_t struct_size;
  size_t num_envs; /* stepped together */
  size_t threads;  /* that step them; results do not depend on it */
  uint64_t seed;
} ternc_envs_options;
#define TERNC_ENVS_OPTIONS_INIT {sizeof(ternc_envs_options), 1, 1, 0}

/* Id of a built-in env, from 0 on; null behind the last. */
TERNC_API const char* ternc_env_id(size_t i);
/* env: an id ("CartPole-v1"), or a plugin's path ("./libmine.so", "./mine.py:Other-v0"). params: "key=value",
 * num_params of them, as `tern` takes them, wrappers included; null for none. options: null for one env. */
TERNC_API ternc_status ternc_envs_make(const char* env, const char* const* params, size_t num_params,
                                       const ternc_envs_options* options, ternc_envs** envs);
TERNC_API void ternc_envs_free(ternc_envs* envs); /* null: nothing */
/* Everything as if it had just been made with this seed. */
TERNC_API ternc_status ternc_envs_seed(ternc_envs* envs, uint64_t seed);
/* Starts an episode everywhere. obs: [num_envs] rows; mask: [num_envs] rows, or null. */
TERNC_API ternc_status ternc_envs_reset(ternc_envs* envs, void* obs, uint8_t* mask);

/* What a step writes, [num_envs] each; what is null is not wanted. When an episode ends, obs and mask are
 * already the first of the next one, and the rows from final_obs on, which are written only then, tell how
 * it ended. */
typedef struct ternc_step {
  size_t struct_size;
  void* obs;
  uint8_t* mask;
  float* reward;
  uint8_t* terminated;     /* the episode ended: nothing of value follows */
  uint8_t* truncated;      /* it was cut, by a time limit */
  void* final_obs;         /* what the episode ended with */
  uint8_t* final_mask;
  double* episode_return;  /* undiscounted */
  int32_t* episode_length; /* steps */
  float* episode_metrics;  /* rows of num_metrics */
} ternc_step;
#define TERNC_STEP_INIT {sizeof(ternc_step), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* actions: [num_envs] rows. After an action that is none, or before the first reset: an error, and only a
 * reset goes on from there. Envs that refuse nothing write everything that is wanted. */
TERNC_API ternc_status ternc_envs_step(ternc_envs* envs, const void* actions, const ternc_step* result);

/* ---- Trained policies ------------------------------------------------------------------------- */

/* run: as `tern` takes it, "pole", "runs/pole@best". Needs neither the env nor the plugin that it was trained
 * with. Loads LibTorch the first time, which takes about half a second. */
TERNC_API ternc_status ternc_policy_load(const char* run, ternc_policy** policy);
TERNC_API void ternc_policy_free(ternc_policy* policy);
/* float32 that a policy with memory keeps of an episode, all 0 at its start; mostly 0. */
TERNC_API size_t ternc_policy_state_size(const ternc_policy* policy);
/* Of the stream that ternc_policy_act draws from; 0 before. */
TERNC_API ternc_status ternc_policy_seed(ternc_policy* policy, uint64_t seed);
/* Writes an action for each of `count` rows. mask: null where all choices are allowed. state: [count] rows of
 * state_size, overwritten with what is remembered now; null if that is 0. deterministic: 1 for the policy's
 * mode, 0 for a draw. Checks all rows before it reads or writes one: NaN, masks that allow nothing. Allocates
 * nothing and makes no system call, once it has seen as many rows. */
TERNC_API ternc_status ternc_policy_act(ternc_policy* policy, size_t count, const void* obs,
                                        const uint8_t* mask, float* state, int deterministic,
                                        void* actions);

/* ---- Learning beside a program that owns the loop ---------------------------------------------- */

/* What the program steps, for which no env is made: its observation, a float32 for each element of the
 * fields, and its action. Of fields and components the members `offset` are not read. */
typedef struct ternc_robot {
  size_t struct_size;
  const char* id; /* "Robot-v0" */
  const ternc_field* fields;
  size_t num_fields;
  const ternc_component* components; /* real numbers, or one choice among num_options */
  size_t num_components;
  int32_t has_masks;
} ternc_robot;
#define TERNC_ROBOT_INIT {sizeof(ternc_robot), 0, 0, 0, 0, 0, 0}

/* agent: one that learns from replay, "sac", "dqn". settings: "key=value" as of `tern train`. */
TERNC_API ternc_status ternc_learner_make(const ternc_robot* robot, const char* agent,
                                          const char* const* settings, size_t num_settings,
                                          ternc_learner** learner);
TERNC_API void ternc_learner_free(ternc_learner* learner);
/* The first observation of an episode; then act and observe in turn. */
TERNC_API ternc_status ternc_learner_begin(ternc_learner* learner, const void* obs,
                                           const uint8_t* mask);
/* Writes what to do now, an action row. */
TERNC_API ternc_status ternc_learner_act(ternc_learner* learner, void* action);
/* What that led to, also where it ended the episode. */
TERNC_API ternc_status ternc_learner_observe(ternc_learner* learner, float reward, int terminated,
                                             int truncated, const void* obs, const uint8_t* mask);
/* Takes gradient steps that are due, `most` at most; < 0: all. taken: how many, or null. */
TERNC_API ternc_status ternc_learner_learn(ternc_learner* learner, int64_t most, int64_t* taken);
/* Adds a checkpoint to the run in this folder, which ternc_policy_load reads. */
TERNC_API ternc_status ternc_learner_save(ternc_learner* learner, const char* run);
/* Goes on from one. */
TERNC_API ternc_status ternc_learner_load(ternc_learner* learner, const char* run);
/* The present policy, without exploration. */
TERNC_API ternc_status ternc_learner_policy(const ternc_learner* learner, ternc_policy** policy);

#ifdef __cplusplus
}
#endif

#endif
