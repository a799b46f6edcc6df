#include "replay/batch.h"

#include <ATen/ops/zeros.h>

namespace tern {

Batch::Batch(const EnvSpec& spec, std::size_t size) {
  const auto b = static_cast<std::int64_t>(size);
  const auto obs_size = static_cast<std::int64_t>(spec.obs.size());
  const auto action_size = static_cast<std::int64_t>(spec.action.size());
  const auto mask_size = static_cast<std::int64_t>(spec.action.mask_size());
  const auto obs_type = spec.obs.dtype() == DType::kFloat32 ? at::kFloat : at::kByte;
  index = at::zeros({b}, at::kLong);
  obs = at::zeros({b, obs_size}, obs_type);
  mask = at::zeros({b, mask_size}, at::kByte);
  actions = at::zeros({b, action_size}, spec.action.is_box() ? at::kFloat : at::kInt);
  reward = at::zeros({b});
  terminated = at::zeros({b}, at::kByte);
  next_obs = at::zeros({b, obs_size}, obs_type);
  next_mask = at::zeros({b, mask_size}, at::kByte);

  rows_.index = {index.data_ptr<std::int64_t>(), size};
  rows_.obs = ObsRows(obs.data_ptr(), spec.obs, size);
  rows_.mask = MaskRows(mask.data_ptr<std::uint8_t>(), spec.action.mask_size(), size);
  rows_.actions = ActionRows(actions.data_ptr(), spec.action, size);
  rows_.reward = {reward.data_ptr<float>(), size};
  rows_.terminated = {terminated.data_ptr<std::uint8_t>(), size};
  rows_.next_obs = ObsRows(next_obs.data_ptr(), spec.obs, size);
  rows_.next_mask = MaskRows(next_mask.data_ptr<std::uint8_t>(), spec.action.mask_size(), size);
}

}  // namespace tern
