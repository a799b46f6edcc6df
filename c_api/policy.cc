// Trained policies that act on rows of a C program.

#include "c_api/policy.h"

#include "c_api/agents_loader.h"
#include "c_api/guard.h"
#include "envs/batch_views.h"

using namespace tern;
using namespace tern::c_api;

ternc_status ternc_policy_load(const char* run, ternc_policy** policy) {
  return guarded([&] {
    require(policy, "ternc_policy_load: policy");
    *policy = nullptr;
    require(run, "ternc_policy_load: run");
    *policy = new ternc_policy(agents_library().load_policy(run));
  });
}

void ternc_policy_free(ternc_policy* policy) {
  delete policy;
}

const ternc_spec* ternc_policy_spec(const ternc_policy* policy) {
  return policy == nullptr ? nullptr : &policy->spec;
}

size_t ternc_policy_state_size(const ternc_policy* policy) {
  return policy == nullptr ? 0 : policy->policy->state_size();
}

ternc_status ternc_policy_seed(ternc_policy* policy, uint64_t seed) {
  return guarded([&] {
    require(policy, "ternc_policy_seed: policy");
    policy->rng = Rng(seed, "ternc_policy");
  });
}

ternc_status ternc_policy_act(ternc_policy* policy, size_t count, const void* obs,
                              const uint8_t* mask, float* state, int deterministic, void* actions) {
  return guarded([&] {
    require(policy, "ternc_policy_act: policy");
    if (count == 0) return;
    require_rows(obs, "ternc_policy_act: obs");
    require_rows(actions, "ternc_policy_act: actions");
    const std::size_t state_size = policy->policy->state_size();
    if (state_size > 0) require_rows(state, "ternc_policy_act: state");
    if (policy->rows.size() < count) policy->rows.resize(count);
    const ternc_spec& spec = policy->spec;
    const ObsRows obs_rows(const_cast<void*>(obs), spec.obs, count);
    const ActionRows action_rows(actions, spec.action, count);
    const std::size_t choices = spec.action.mask_size();
    for (std::size_t i = 0; i < count; ++i) {
      policy->rows[i] = {
          obs_rows[i], mask == nullptr ? ConstMaskRow() : ConstMaskRow(mask + i * choices, choices),
          &policy->rng, action_rows[i],
          state_size == 0 ? Row<float>() : Row<float>(state + i * state_size, state_size)};
    }
    policy->policy->act(Row<const ActRow>(policy->rows.data(), count), deterministic != 0);
  });
}
