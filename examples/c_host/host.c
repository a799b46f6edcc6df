/* Steps eight environments in C, or lets a trained policy play in them: host ENV [RUN] */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tern/c_api/tern_c.h"

enum { kEnvs = 8, kSteps = 2000 };

static void check(ternc_status status) {
  if (status == TERNC_OK) return;
  fprintf(stderr, "host: %s\n", ternc_last_error());
  exit((int)status);
}

static void* rows(size_t bytes) {
  void* const memory = calloc(kEnvs, bytes > 0 ? bytes : 1);
  if (memory == NULL) abort();
  return memory;
}

int main(int argc, char** argv) {
  ternc_envs_options options = TERNC_ENVS_OPTIONS_INIT;
  ternc_facts facts = TERNC_FACTS_INIT;
  ternc_step step = TERNC_STEP_INIT;
  ternc_envs* envs = NULL;
  ternc_policy* policy = NULL;
  double sum = 0;
  int episodes = 0, t, i;
  if (argc < 2) {
    fprintf(stderr, "usage: host ENV [RUN]\n");
    return 2;
  }
  options.num_envs = kEnvs;
  check(ternc_envs_make(argv[1], NULL, 0, &options, &envs));
  check(ternc_spec_facts(ternc_envs_spec(envs), &facts));
  if (argc > 2) check(ternc_policy_load(argv[2], &policy));

  void* const obs = rows(facts.obs_stride);
  void* const actions = rows(facts.action_size * 4); /* zeros, where there is no policy */
  uint8_t* const mask = rows(facts.mask_size);
  uint8_t* const terminated = rows(1);
  uint8_t* const truncated = rows(1);
  double* const returns = rows(sizeof(double));
  float* const state = rows(ternc_policy_state_size(policy) * sizeof(float));
  const size_t remembered = ternc_policy_state_size(policy);
  step.obs = obs;
  step.mask = mask;
  step.terminated = terminated;
  step.truncated = truncated;
  step.episode_return = returns;
  check(ternc_envs_reset(envs, obs, mask));
  for (t = 0; t < kSteps; ++t) {
    if (policy != NULL) {
      check(ternc_policy_act(policy, kEnvs, obs, facts.mask_size > 0 ? mask : NULL, state,
                             /*deterministic=*/1, actions));
    }
    check(ternc_envs_step(envs, actions, &step));
    for (i = 0; i < kEnvs; ++i) {
      size_t k;
      if (!terminated[i] && !truncated[i]) continue;
      sum += returns[i];
      ++episodes;
      for (k = 0; k < remembered; ++k) state[(size_t)i * remembered + k] = 0;
    }
  }
  printf("%s: %d episodes, mean return %.1f\n", facts.id, episodes, episodes > 0 ? sum / episodes : 0);
  free(obs);
  free(actions);
  free(mask);
  free(terminated);
  free(truncated);
  free(returns);
  free(state);
  ternc_policy_free(policy);
  ternc_envs_free(envs);
  return 0;
}
