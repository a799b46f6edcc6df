#pragma once
// Steps of small invented envs, written by hand.

#include <cstdint>
#include <vector>

#include "envs/batch_views.h"
#include "envs/env.h"
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

/// Memory for `count` sampled transitions.
class HandRows {
 public:
  HandRows(const EnvSpec& spec, std::size_t count)
      : index_(count),
        obs_(count * spec.obs.bytes()),
        next_obs_(obs_.size()),
        mask_(count * spec.action.mask_size()),
        next_mask_(mask_.size()),
        actions_(count * spec.action.size() * 4),
        reward_(count),
        terminated_(count) {
    rows.index = Row<std::int64_t>(index_);
    rows.obs = ObsRows(obs_.data(), spec.obs, count);
    rows.next_obs = ObsRows(next_obs_.data(), spec.obs, count);
    rows.mask = MaskRows(mask_.data(), spec.action.mask_size(), count);
    rows.next_mask = MaskRows(next_mask_.data(), spec.action.mask_size(), count);
    rows.actions = ActionRows(actions_.data(), spec.action, count);
    rows.reward = FloatRow(reward_);
    rows.terminated = Row<std::uint8_t>(terminated_);
  }
  HandRows(const HandRows&) = delete;
  HandRows& operator=(const HandRows&) = delete;

  ReplayRows rows;

 private:
  std::vector<std::int64_t> index_;
  std::vector<std::uint8_t> obs_, next_obs_, mask_, next_mask_, actions_;
  std::vector<float> reward_;
  std::vector<std::uint8_t> terminated_;
};

}  // namespace tern
