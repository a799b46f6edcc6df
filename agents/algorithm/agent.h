#pragma once
// Agent, the interface of every learning algorithm. Thin: the loop lives in the algorithm's file.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agents/algorithm/train_context.h"
#include "core/files/byte_stream.h"
#include "core/policy.h"
#include "envs/vector/vec_env.h"

namespace tern {

/// Everything an agent's future depends on but its replay buffer, as the parts of a checkpoint.
struct AgentState {
  using Bytes = std::vector<std::uint8_t>;
  Bytes policy;     // parameters and normalisers: what acting needs
  Bytes optimizer;  // moments, step counts, target networks
  Bytes training;   // random streams, counters, the observations to act on next
};

class Agent {
 public:
  virtual ~Agent() = default;
  /// Throws Error where a new run could not begin, before a folder is made for it. Not called where a
  /// run is resumed.
  virtual void check_begin() {}
  /// Trains on `envs` from where agent and envs stand until the context ends it. envs must be the
  /// ones of all earlier calls (or loaded to their state). At each end of an iteration, agent and
  /// envs can be saved.
  virtual void train(VecEnv& envs, TrainContext& context) = 0;
  /// Environment steps done.
  virtual std::int64_t step() const = 0;
  /// Environment steps from one end of an iteration to the next.
  virtual std::int64_t iteration_steps() const = 0;
  /// The present policy, frozen.
  virtual std::unique_ptr<Policy> snapshot() const = 0;
  virtual AgentState save() const = 0;
  /// Throws Error if the state is of another configuration.
  virtual void load(const AgentState& state) = 0;
  /// Starts an episode in each of these envs and forgets the one that was under way there, as if it
  /// had been cut where it stood: after load(), where changed envs do not go on from what was
  /// saved. Throws Error if the agent cannot.
  virtual void restart_episodes(VecEnv&, const std::vector<std::size_t>& /*which*/) {
    throw Error::failure("the agent cannot begin single episodes anew");
  }
  /// Makes target networks, where there are some, equal to those that they follow.
  virtual void reset_targets() {}
  /// Bytes that save_replay can write; 0: the agent has no replay buffer, as on-policy agents.
  virtual std::int64_t replay_bytes() const { return 0; }
  /// The replay buffer, piece by piece: it may be larger than what is left of memory.
  virtual void save_replay(ByteSink&) const {}
  /// Throws Error if the buffer is of another configuration or damaged.
  virtual void load_replay(ByteSource&) {}
};

}  // namespace tern
