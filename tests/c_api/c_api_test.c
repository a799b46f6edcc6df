/* libtern_c from C99: what a program in C sees, errors included. c_api_test FOLDER: runs are written there;
 * "-": without agents. Ends with 0 if all holds; each line that does not is printed. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "c_api/tern_c.h"

static int failures = 0;

static void expect(int holds, const char* what, int line) {
  if (holds) return;
  ++failures;
  printf("line %d: %s; last error: %s\n", line, what, ternc_last_error());
}
#define EXPECT(holds) expect((holds), #holds, __LINE__)

static void expect_refused(ternc_status status, ternc_status expected, const char* says, int line) {
  if (status == expected && strstr(ternc_last_error(), says) != NULL) return;
  ++failures;
  printf("line %d: status %d (expected %d), error: %s (expected: %s)\n", line, (int)status,
         (int)expected, ternc_last_error(), says);
}
#define EXPECT_REFUSED(call, status, says) expect_refused((call), (status), (says), __LINE__)

static void test_facts(void) {
  ternc_envs* envs = NULL;
  ternc_facts facts = TERNC_FACTS_INIT;
  ternc_field field = TERNC_FIELD_INIT;
  ternc_component component = TERNC_COMPONENT_INIT;
  const ternc_spec* spec;
  EXPECT(ternc_envs_make("CartPole-v1", NULL, 0, NULL, &envs) == TERNC_OK);
  spec = ternc_envs_spec(envs);
  EXPECT(ternc_spec_facts(spec, &facts) == TERNC_OK);
  EXPECT(strcmp(facts.id, "CartPole-v1") == 0);
  EXPECT(facts.num_floats == 4 && facts.num_bytes == 0 && facts.obs_stride == 16);
  EXPECT(facts.action_kind == TERNC_DISCRETE && facts.action_size == 1 && facts.mask_size == 2);
  EXPECT(facts.max_episode_steps == 500 && facts.reward_threshold == 475 && facts.players == 1);
  EXPECT(ternc_spec_field(spec, 2, &field) == TERNC_OK);
  EXPECT(strcmp(field.name, "pole angle") == 0 && strcmp(field.unit, "rad") == 0);
  EXPECT(field.offset == 2 && field.size == 1 && field.num_dims == 1 && field.shape[0] == 1);
  EXPECT(ternc_spec_component(spec, 0, &component) == TERNC_OK && component.num_options == 2);
  EXPECT(strcmp(ternc_spec_option(spec, 0, 1), "right") == 0);
  EXPECT(ternc_spec_option(spec, 0, 2) == NULL && ternc_spec_metric(spec, 0) == NULL);
  EXPECT_REFUSED(ternc_spec_field(spec, 4, &field), TERNC_USAGE, "there is no observation field 4");
  EXPECT_REFUSED(ternc_spec_facts(NULL, &facts), TERNC_USAGE, "spec is null");
  field.struct_size = 0;
  EXPECT_REFUSED(ternc_spec_field(spec, 0, &field), TERNC_USAGE, "struct_size is 0");
  ternc_envs_free(envs);
  ternc_envs_free(NULL);
}

/* A program of before knows fewer members: what lies behind its struct stays as it is. */
static void test_older_struct(void) {
  ternc_envs* envs = NULL;
  struct {
    size_t struct_size;
    const char* id;
    size_t num_floats;
    char behind[64];
  } older;
  size_t i;
  memset(&older, 7, sizeof older);
  older.struct_size = 3 * sizeof(size_t);
  EXPECT(ternc_envs_make("Pendulum-v1", NULL, 0, NULL, &envs) == TERNC_OK);
  EXPECT(ternc_spec_facts(ternc_envs_spec(envs), (ternc_facts*)&older) == TERNC_OK);
  EXPECT(older.num_floats == 3);
  for (i = 0; i < sizeof older.behind; ++i) EXPECT(older.behind[i] == 7);
  ternc_envs_free(envs);
}

enum { kEnvs = 3, kSteps = 400 };

/* Sum of all that an episode shows; the same for the same seed. */
static double played(ternc_envs* envs) {
  float obs[kEnvs][4], final_obs[kEnvs][4], reward[kEnvs];
  uint8_t terminated[kEnvs], truncated[kEnvs], mask[kEnvs][2];
  double episode_return[kEnvs], sum = 0;
  int32_t actions[kEnvs], length[kEnvs], ended = 0;
  ternc_step step = TERNC_STEP_INIT;
  int t, i;
  step.obs = obs;
  step.mask = &mask[0][0];
  step.reward = reward;
  step.terminated = terminated;
  step.truncated = truncated;
  step.final_obs = final_obs;
  step.episode_return = episode_return;
  step.episode_length = length;
  EXPECT(ternc_envs_reset(envs, obs, &mask[0][0]) == TERNC_OK);
  EXPECT(mask[2][1] == 1);
  for (t = 0; t < kSteps; ++t) {
    for (i = 0; i < kEnvs; ++i) actions[i] = obs[i][2] > 0;
    EXPECT(ternc_envs_step(envs, actions, &step) == TERNC_OK);
    for (i = 0; i < kEnvs; ++i) {
      sum += obs[i][0] + obs[i][3] + reward[i];
      if (!terminated[i] && !truncated[i]) continue;
      ++ended;
      EXPECT(episode_return[i] == length[i] && fabs(final_obs[i][2]) > 0.2);
      sum += final_obs[i][1];
    }
  }
  EXPECT(ended > 10);
  return sum;
}

static void test_steps(void) {
  const char* const params[] = {"env.gravity=9.8"};
  ternc_envs_options options = TERNC_ENVS_OPTIONS_INIT;
  ternc_envs *envs = NULL, *others = NULL;
  int32_t actions[kEnvs] = {0, 1, 5};
  ternc_step nothing = TERNC_STEP_INIT;
  float obs[kEnvs * 4];
  double first;
  options.num_envs = kEnvs;
  options.seed = 11;
  EXPECT(ternc_envs_make("CartPole-v1", params, 1, &options, &envs) == TERNC_OK);
  options.threads = 2;
  EXPECT(ternc_envs_make("CartPole-v1", NULL, 0, &options, &others) == TERNC_OK);
  first = played(envs);
  EXPECT(played(others) == first);
  EXPECT(ternc_envs_seed(envs, 12) == TERNC_OK && played(envs) != first);
  EXPECT(ternc_envs_seed(envs, 11) == TERNC_OK && played(envs) == first);
  EXPECT_REFUSED(ternc_envs_step(envs, actions, &nothing), TERNC_USAGE, "action 5");
  EXPECT(ternc_envs_reset(envs, obs, NULL) == TERNC_OK);
  actions[2] = 1;
  EXPECT(ternc_envs_step(envs, actions, &nothing) == TERNC_OK); /* nothing is wanted */
  EXPECT(ternc_envs_seed(envs, 11) == TERNC_OK);
  EXPECT_REFUSED(ternc_envs_step(envs, actions, &nothing), TERNC_USAGE, "reset");
  EXPECT_REFUSED(ternc_envs_step(envs, NULL, &nothing), TERNC_USAGE, "actions is null");
  EXPECT_REFUSED(ternc_envs_reset(envs, (char*)obs + 1, NULL), TERNC_USAGE, "4-byte numbers");
  ternc_envs_free(envs);
  ternc_envs_free(others);
}

static void test_refusals(void) {
  const char* const unknown[] = {"gravitas=3"};
  const char* const no_value[] = {"gravity"};
  const char* const nothing[] = {NULL};
  ternc_envs_options options = TERNC_ENVS_OPTIONS_INIT;
  ternc_envs* envs = (ternc_envs*)&options;
  EXPECT_REFUSED(ternc_envs_make("CartPol-v1", NULL, 0, NULL, &envs), TERNC_USAGE,
                 "Did you mean 'CartPole-v1'");
  EXPECT(envs == NULL);
  EXPECT_REFUSED(ternc_envs_make("CartPole-v1", unknown, 1, NULL, &envs), TERNC_USAGE, "gravity");
  EXPECT_REFUSED(ternc_envs_make("CartPole-v1", no_value, 1, NULL, &envs), TERNC_USAGE,
                 "expected key=value");
  EXPECT_REFUSED(ternc_envs_make("CartPole-v1", nothing, 1, NULL, &envs), TERNC_USAGE,
                 "params[0] is null");
  EXPECT_REFUSED(ternc_envs_make("./no.so", NULL, 0, NULL, &envs), TERNC_USAGE, "no.so");
  EXPECT_REFUSED(ternc_envs_make(NULL, NULL, 0, NULL, &envs), TERNC_USAGE, "env is null");
  EXPECT_REFUSED(ternc_envs_make("CartPole-v1", NULL, 0, NULL, NULL), TERNC_USAGE, "envs is null");
  options.num_envs = 0;
  EXPECT_REFUSED(ternc_envs_make("CartPole-v1", NULL, 0, &options, &envs), TERNC_USAGE,
                 "num_envs is 0; expected 1 to");
  options.num_envs = (size_t)-1;
  EXPECT_REFUSED(ternc_envs_make("CartPole-v1", NULL, 0, &options, &envs), TERNC_USAGE,
                 "expected 1 to");
}

static const char* const kSettings[] = {"total_steps=400", "learning_starts=50", "batch_size=16",
                                        "hidden_sizes=[16]", "buffer_size=500"};

static ternc_robot cart(ternc_field* fields, ternc_component* force) {
  const ternc_field no_field = TERNC_FIELD_INIT;
  const ternc_component no_component = TERNC_COMPONENT_INIT;
  ternc_robot robot = TERNC_ROBOT_INIT;
  fields[0] = fields[1] = no_field;
  fields[0].name = "place";
  fields[0].unit = "m";
  fields[0].low = -2;
  fields[0].high = 2;
  fields[1].name = "speeds";
  fields[1].size = 2;
  fields[1].low = -1;
  fields[1].high = 1;
  *force = no_component;
  force->name = "force";
  force->unit = "N";
  force->low = -1;
  force->high = 1;
  robot.id = "Cart-v0";
  robot.fields = fields;
  robot.num_fields = 2;
  robot.components = force;
  robot.num_components = 1;
  return robot;
}

/* False: this build has no agents. */
static int test_learner(const char* run) {
  ternc_field fields[2];
  ternc_component force;
  const ternc_robot robot = cart(fields, &force);
  ternc_learner* learner = NULL;
  ternc_policy *policy = NULL, *loaded = NULL;
  ternc_facts facts = TERNC_FACTS_INIT;
  float obs[2][3] = {{0.5f, 0, 0}, {-0.5f, 0, 0}}, action[2] = {9, 9}, again[2] = {9, 9};
  const uint8_t mask[1] = {1};
  int64_t taken = 0, all = 0;
  int t;
  const ternc_status made = ternc_learner_make(&robot, "sac", kSettings, 5, &learner);
  if (made == TERNC_FAILURE && strstr(ternc_last_error(), "was not built") != NULL) return 0;
  EXPECT(made == TERNC_OK);
  EXPECT_REFUSED(ternc_learner_act(learner, action), TERNC_FAILURE, "call begin() first");
  EXPECT(ternc_learner_begin(learner, obs[0], NULL) == TERNC_OK);
  for (t = 0; t < 200; ++t) {
    EXPECT(ternc_learner_act(learner, action) == TERNC_OK);
    EXPECT(fabs(action[0]) <= 1);
    obs[0][0] += 0.1f * action[0];
    EXPECT(ternc_learner_observe(learner, -obs[0][0] * obs[0][0], 0, t % 50 == 49, obs[0], NULL) ==
           TERNC_OK);
    EXPECT(ternc_learner_learn(learner, -1, &taken) == TERNC_OK);
    all += taken;
    if (t % 50 == 49) EXPECT(ternc_learner_begin(learner, obs[0], NULL) == TERNC_OK);
  }
  EXPECT(all > 0);
  EXPECT(ternc_learner_act(learner, action) == TERNC_OK);
  obs[1][1] = (float)NAN;
  EXPECT_REFUSED(ternc_learner_observe(learner, 0, 0, 0, obs[1], NULL), TERNC_FAILURE,
                 "'speeds', element 0 is nan");
  obs[1][1] = 0;
  EXPECT(ternc_learner_save(learner, run) == TERNC_OK);
  EXPECT(ternc_learner_policy(learner, &policy) == TERNC_OK);
  EXPECT(ternc_policy_load(run, &loaded) == TERNC_OK);
  EXPECT(ternc_policy_state_size(loaded) == 0);
  EXPECT(ternc_spec_facts(ternc_policy_spec(loaded), &facts) == TERNC_OK);
  EXPECT(strcmp(facts.id, "Cart-v0") == 0 && facts.num_floats == 3 && facts.action_kind == TERNC_BOX);
  EXPECT(ternc_policy_act(policy, 2, obs, NULL, NULL, 1, action) == TERNC_OK);
  EXPECT(ternc_policy_act(loaded, 2, obs, NULL, NULL, 1, again) == TERNC_OK);
  EXPECT(action[0] == again[0] && action[1] == again[1]);
  EXPECT(ternc_policy_seed(loaded, 5) == TERNC_OK);
  EXPECT(ternc_policy_act(loaded, 2, obs, NULL, NULL, 0, action) == TERNC_OK);
  EXPECT(ternc_policy_seed(loaded, 5) == TERNC_OK);
  EXPECT(ternc_policy_act(loaded, 2, obs, NULL, NULL, 0, again) == TERNC_OK);
  EXPECT(action[0] == again[0] && action[0] != action[1]);
  again[0] = 7;
  obs[1][2] = (float)NAN;
  EXPECT_REFUSED(ternc_policy_act(loaded, 2, obs, NULL, NULL, 1, again), TERNC_FAILURE,
                 "policy for Cart-v0: observation 'speeds', element 1 is nan");
  EXPECT(again[0] == 7);
  EXPECT_REFUSED(ternc_policy_act(loaded, 1, obs, NULL, NULL, 1, NULL), TERNC_USAGE, "actions is null");
  EXPECT_REFUSED(ternc_policy_act(NULL, 1, obs, NULL, NULL, 1, again), TERNC_USAGE, "policy is null");
  EXPECT(ternc_policy_act(loaded, 1, obs, mask, NULL, 1, again) == TERNC_OK); /* Box: no mask */
  EXPECT(ternc_learner_load(learner, run) == TERNC_OK);
  ternc_policy_free(policy);
  ternc_policy_free(loaded);
  ternc_learner_free(learner);
  return 1;
}

static void test_learner_refusals(void) {
  ternc_field fields[2];
  ternc_component force;
  ternc_robot robot = cart(fields, &force);
  ternc_learner* learner = NULL;
  ternc_policy* policy = NULL;
  EXPECT_REFUSED(ternc_policy_load("no/such/run", &policy), TERNC_USAGE, "no/such/run");
  EXPECT(policy == NULL);
  EXPECT_REFUSED(ternc_learner_make(&robot, "ppo", kSettings, 0, &learner), TERNC_USAGE,
                 "expected one of");
  fields[0].low = 3;
  EXPECT_REFUSED(ternc_learner_make(&robot, "sac", kSettings, 5, &learner), TERNC_USAGE, "'place'");
  fields[0].low = (double)NAN;
  EXPECT_REFUSED(ternc_learner_make(&robot, "sac", kSettings, 5, &learner), TERNC_USAGE, "'place'");
  robot.num_fields = 0;
  EXPECT_REFUSED(ternc_learner_make(&robot, "sac", kSettings, 5, &learner), TERNC_USAGE, "num_fields");
  robot.fields = NULL;
  EXPECT_REFUSED(ternc_learner_make(&robot, "sac", kSettings, 5, &learner), TERNC_USAGE,
                 "fields is null");
}

int main(int argc, char** argv) {
  char run[4096];
  if (argc != 2) return 2;
  snprintf(run, sizeof run, "%s/cart", argv[1]);
  EXPECT(ternc_version() == TERNC_VERSION && strlen(ternc_last_error()) == 0);
  test_facts();
  test_older_struct();
  test_steps();
  test_refusals();
  if (strcmp(argv[1], "-") != 0 && test_learner(run)) {
    test_learner_refusals();
  } else {
    printf("without agents\n");
  }
  printf("%d failures\n", failures);
  return failures == 0 ? 0 : 1;
}
