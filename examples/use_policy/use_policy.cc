// Loads a trained policy and lets it act for one episode: use_policy RUN [PLUGIN]
//
// The run says which env it was trained on; PLUGIN is where its plugin lies now, if it was moved.
// In a program of your own the observations come from your simulator or robot instead, and no env
// is needed: policy->spec() has all that there is to know.

#include <iostream>
#include <vector>

#include "tern/agents/api.h"
#include "tern/agents/run/policy_spec.h"
#include "tern/envs/vector/vec_env.h"

int main(int argc, char** argv) try {
  if (argc < 2 || argc > 3) throw tern::Error("usage: use_policy RUN [PLUGIN]");
  const auto policy = tern::tern_agents_api()->load_policy(argv[1]);
  const tern::PolicySpec& spec = policy->spec();
  std::cout << policy->agent() << " on " << spec.env << ", " << policy->step() << " steps\n";
  for (const tern::Field& field : spec.obs.fields()) {
    std::cout << "  reads " << field.name << (field.unit.empty() ? "" : ", ") << field.unit << "\n";
  }

  tern::RunEnvWords words;
  if (argc > 2) words.env = argv[2];
  const tern::RunEnv trained = tern::open_run_env(argv[1], words);
  tern::VecEnv env(*trained.entry, trained.params, {});
  tern::StepBuffers row(env.spec().obs, env.spec().action, env.spec().metrics.size(), /*count=*/1);
  std::vector<float> state(policy->state_size());  // what the policy remembers of the episode
  env.reset(row.batch.obs, row.batch.mask);
  do {
    policy->act({row.batch.obs[0], row.batch.mask[0], /*rng=*/nullptr, row.actions[0], state},
                /*deterministic=*/true);
    env.step(row.actions, row.batch);
  } while (!row.batch.terminated[0] && !row.batch.truncated[0]);
  std::cout << "return " << row.batch.episode_return[0] << " in " << row.batch.episode_length[0]
            << " steps\n";
} catch (const tern::Error& error) {
  std::cerr << "use_policy: " << error.what() << "\n";
  return static_cast<int>(error.code());
}
