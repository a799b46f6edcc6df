#pragma once
// The `run` section of a configuration, and a whole configuration. Std only.

#include <cstdint>
#include <string>
#include <vector>

#include "core/params.h"

namespace tern {

struct RunParams {
  std::int64_t total_steps = 100'000;
  int num_envs = 8;
  std::int64_t seed = 0;
  int threads = 1;
  int actors = 1;
  std::int64_t eval_every = 0;
  int eval_episodes = 20;
  int final_eval_episodes = 100;
  std::int64_t checkpoint_every = 0;
  int keep_checkpoints = 3;
  std::int64_t log_every = 0;
  std::int64_t train_level_begin = 0, train_level_end = 0;
  std::int64_t eval_level_begin = 0, eval_level_end = 0;
  std::string init_from, init_sha256;

  template <class V>
  void visit(V& v) {
    v("total_steps", total_steps,
      "environment steps of the whole run, over all envs; fixes the schedules", at_least(1));
    v("num_envs", num_envs, "environments stepped together", in_range(1, 65536));
    v("seed", seed, "of everything random in the run", at_least(0));
    v("threads", threads, "threads that step environments and train; results do not depend on it",
      in_range(1, 1024));
    v("actors", actors,
      "threads that act in environments of their own while another learns, from the steps before; 1: "
      "acting and learning take turns. Results depend on whether there are several",
      in_range(1, 1024));
    v("eval_every", eval_every,
      "environment steps between evaluations on envs of their own; 0: a tenth of the run",
      at_least(0));
    v("eval_episodes", eval_episodes, "episodes of each evaluation during training", at_least(1));
    v("final_eval_episodes", final_eval_episodes, "episodes of the evaluation at the end",
      at_least(0));
    v("checkpoint_every", checkpoint_every,
      "environment steps between checkpoints; 0: a tenth of the run", at_least(0));
    v("keep_checkpoints", keep_checkpoints, "newest checkpoints kept beside the best", at_least(1));
    v("log_every", log_every,
      "environment steps between reports; 0: a hundredth of the run", at_least(0));
    v("train_level_begin", train_level_begin, "first level to train on, where levels are generated",
      at_least(0));
    v("train_level_end", train_level_end, "one past the last level to train on; 0: all", at_least(0));
    v("eval_level_begin", eval_level_begin, "first level to evaluate on", at_least(0));
    v("eval_level_end", eval_level_end, "one past the last level to evaluate on; 0: all",
      at_least(0));
    v("init_from", init_from,
      "a run whose policy this one begins with, RUN, RUN@best or RUN@N; empty: with a new one");
    v("init_sha256", init_sha256,
      "checksum of that policy; filled in when the run begins, after that no other will do");
  }
};

/// What a run is made from: the three sections, checked against what they configure, with every
/// value written out.
struct RunConfig {
  std::string env_id;             // an id or a plugin's absolute path
  std::vector<ParamValue> env;    // every env.<param>
  std::string agent;              // "ppo"
  std::vector<ParamValue> agent_params;  // every agent.<key>
  RunParams run;
};

/// The discount factor of the run's agent, its key "gamma"; 0.99 where it has none.
double discount(const RunConfig& config);

}  // namespace tern
