#pragma once
// A run at one step, as a checkpoint keeps it.

#include <memory>

#include "agents/algorithm/agent.h"
#include "agents/run/checkpoint.h"

namespace tern {

struct RunSnapshot {
  AgentState agent;
  Bytes envs, run;
  std::unique_ptr<CheckpointWriter> writer;  // holds the replay buffer already
};

/// Writes what is not written yet and puts the checkpoint in its place. May be called in a thread
/// of its own: it uses nothing that training changes.
void write_checkpoint(RunSnapshot& snapshot);

}  // namespace tern
