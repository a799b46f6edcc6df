// Loads a trained policy and lets it act for one episode: use_policy RUN [ENV]
//
// ENV is the env that RUN was trained on, CartPole-v1 if it is not given; a plugin's path works
// as well. In a program of your own the observations come from your simulator or robot instead.

#include <iostream>
#include <vector>

#include "agents/api.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"

int main(int argc, char** argv) try {
  if (argc < 2) throw tern::Error("usage: use_policy RUN [ENV]");
  const auto policy = tern::tern_agents_api()->load_policy(argv[1]);

  tern::VecEnv env(tern::registry().find(argc > 2 ? argv[2] : "CartPole-v1"), {}, {});
  const tern::EnvSpec& spec = env.spec();
  tern::StepBuffers row(spec.obs, spec.action, spec.metrics.size(), /*count=*/1);
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
