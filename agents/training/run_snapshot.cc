#include "agents/training/run_snapshot.h"

#include "core/files/sha256.h"

namespace tern {

void write_checkpoint(RunSnapshot& snapshot) {
  const AgentState& agent = snapshot.agent;
  Bytes learned = agent.policy;
  learned.insert(learned.end(), agent.optimizer.begin(), agent.optimizer.end());
  CheckpointWriter& writer = *snapshot.writer;
  writer.manifest().parameters_sha256 = sha256(ByteRow(learned));
  writer.add("policy.bin", ByteRow(agent.policy));
  writer.add("optimizer.bin", ByteRow(agent.optimizer));
  writer.add("training.bin", ByteRow(agent.training));
  writer.add("envs.bin", ByteRow(snapshot.envs));
  writer.add("run.bin", ByteRow(snapshot.run));
  writer.commit();
}

}  // namespace tern
