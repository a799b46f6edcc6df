#include "replay/replay_batch.h"

namespace tern {

ReplayBatch::ReplayBatch(const EnvSpec& spec, std::size_t size, const ReplaySchema& schema)
    : obs_space_(spec.obs),
      index_(size),
      episode_(schema.keeps_episodes ? size : 0),
      obs_(size * obs_space_.bytes()),
      next_obs_(obs_.size()),
      mask_(size * spec.action.mask_size()),
      next_mask_(mask_.size()),
      actions_(4 * size * spec.action.size()),
      terminated_(size),
      truncated_(size),
      reward_(size),
      discount_(size),
      weight_(size),
      state_(size * schema.state_size),
      step_(schema.keeps_episodes ? size : 0) {
  rows_.index = Row<std::int64_t>(index_);
  rows_.obs = ObsRows(obs_.data(), obs_space_, size);
  rows_.mask = MaskRows(mask_.data(), spec.action.mask_size(), size);
  rows_.actions = ActionRows(actions_.data(), spec.action, size);
  rows_.reward = FloatRow(reward_);
  rows_.terminated = Row<std::uint8_t>(terminated_);
  rows_.next_obs = ObsRows(next_obs_.data(), obs_space_, size);
  rows_.next_mask = MaskRows(next_mask_.data(), spec.action.mask_size(), size);
  rows_.discount = FloatRow(discount_);
  rows_.truncated = Row<std::uint8_t>(truncated_);
  rows_.weight = FloatRow(weight_);
  rows_.episode = Row<std::int64_t>(episode_);
  rows_.step = Row<std::int32_t>(step_);
  rows_.state = FloatRow(state_);
}

}  // namespace tern
