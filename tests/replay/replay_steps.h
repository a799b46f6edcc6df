#pragma once
// Steps of small invented envs, written by hand.

#include <cstdint>
#include <vector>

#include "envs/batch_views.h"
#include "envs/env.h"
#include "replay/replay_batch.h"
#include "replay/replay_buffer.h"

namespace tern {

/// Two float32 numbers, three actions, masks.
inline EnvSpec masked_env() {
  EnvSpec spec;
  spec.id = "Masked-v0";
  spec.obs.vector("x", 2, -1e6, 1e6);
  spec.action = ActionSpace::discrete({"a", "b", "c"});
  spec.has_masks = true;
  return spec;
}

/// One step of N envs with memory of its own. Every part that is not set is poisoned: 99.
class HandStep {
 public:
  HandStep(const EnvSpec& spec, std::size_t count)
      : from(spec.obs, spec.action, 0, count), to(spec.obs, spec.action, 0, count) {
    for (StepBuffers* side : {&from, &to}) {
      poison(side->batch.obs);
      poison(side->batch.final_obs);
      poison(side->batch.mask);
      poison(side->batch.final_mask);
    }
  }

  StepBuffers from, to;

 private:
  static void poison(const ObsRows& rows) {
    for (std::size_t i = 0; i < rows.count(); ++i) {
      for (float& x : rows[i].floats()) x = 99;
      for (std::uint8_t& x : rows[i].bytes()) x = 99;
    }
  }
  static void poison(const MaskRows& rows) {
    for (std::size_t i = 0; i < rows.count(); ++i) {
      for (std::uint8_t& flag : rows[i]) flag = 99;
    }
  }
};

/// Room for `capacity` transitions of `num_envs` envs.
inline ReplaySchema room(std::size_t capacity, std::size_t num_envs) {
  ReplaySchema schema;
  schema.capacity = capacity;
  schema.num_envs = num_envs;
  return schema;
}

}  // namespace tern
