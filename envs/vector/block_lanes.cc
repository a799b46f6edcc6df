#include "envs/vector/block_lanes.h"

#include <string>

namespace tern {

void refuse_players(const EnvSpec& spec) {
  if (spec.players <= 1) return;
  throw Error(spec.id + " has " + std::to_string(spec.players) +
              " players; a lane kernel is for one, so derive from Env instead of LaneEnv");
}

}  // namespace tern
