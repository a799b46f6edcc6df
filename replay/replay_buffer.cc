#include "replay/replay_buffer.h"

#include <unistd.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

#include "core/error.h"

namespace tern {
namespace {

double machine_memory() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
}

std::string megabytes(double bytes) {
  return std::to_string(static_cast<std::int64_t>(std::ceil(bytes / 1e6))) + " MB";
}

void copy_row(std::uint8_t* to, std::size_t to_row, const std::uint8_t* from, std::size_t from_row,
              std::size_t bytes) {
  if (bytes > 0) std::memcpy(to + to_row * bytes, from + from_row * bytes, bytes);
}

}  // namespace

ReplayBuffer::ReplayBuffer(const EnvSpec& spec, std::size_t capacity)
    : capacity_(capacity),
      obs_bytes_(spec.obs.bytes()),
      action_bytes_(spec.action.size() * 4),
      mask_bytes_(spec.action.mask_size()),
      has_masks_(spec.has_masks) {
  if (capacity == 0 || capacity > std::numeric_limits<std::uint32_t>::max()) {
    throw Error("a replay buffer of " + std::to_string(capacity) +
                " transitions was asked for; expected 1 to 4294967295 (agent.buffer_size)");
  }
  const double bytes = static_cast<double>(capacity) * static_cast<double>(transition_bytes(spec));
  if (bytes > machine_memory()) {
    throw Error("a replay buffer of " + std::to_string(capacity) + " transitions of " + spec.id +
                " needs " + megabytes(bytes) + " of memory, this machine has " +
                megabytes(machine_memory()) + "; make agent.buffer_size smaller");
  }
  obs_.resize(capacity * obs_bytes_);
  next_obs_.resize(capacity * obs_bytes_);
  actions_.resize(capacity * action_bytes_);
  if (has_masks_) {
    masks_.resize(capacity * mask_bytes_);
    next_masks_.resize(capacity * mask_bytes_);
  }
  rewards_.resize(capacity);
  terminated_.resize(capacity);
}

std::size_t ReplayBuffer::transition_bytes(const EnvSpec& spec) {
  const std::size_t masks = spec.has_masks ? 2 * spec.action.mask_size() : 0;
  return 2 * spec.obs.bytes() + 4 * spec.action.size() + sizeof(float) + 1 + masks;
}

std::size_t ReplayBuffer::size() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return size_;
}

void ReplayBuffer::add(const ObsRows& obs, const MaskRows& mask, const ActionRows& actions,
                       const StepBatch& result) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (std::size_t i = 0; i < obs.count(); ++i) add_one(i, obs, mask, actions, result);
}

void ReplayBuffer::add_one(std::size_t i, const ObsRows& obs, const MaskRows& mask,
                           const ActionRows& actions, const StepBatch& result) {
  // result.obs and result.mask of an ended episode are already those of the next one.
  const bool ended = result.terminated[i] || result.truncated[i];
  const ObsRows& next_obs = ended ? result.final_obs : result.obs;
  const MaskRows& next_mask = ended ? result.final_mask : result.mask;
  copy_row(obs_.data(), next_, obs.data(), i, obs_bytes_);
  copy_row(next_obs_.data(), next_, next_obs.data(), i, obs_bytes_);
  copy_row(actions_.data(), next_, actions.data(), i, action_bytes_);
  if (has_masks_) {
    copy_row(masks_.data(), next_, mask.data(), i, mask_bytes_);
    copy_row(next_masks_.data(), next_, next_mask.data(), i, mask_bytes_);
  }
  rewards_[next_] = result.reward[i];
  // A truncation leaves no trace but s': the env would have gone on from there.
  terminated_[next_] = result.terminated[i];
  if (++next_ == capacity_) next_ = 0;
  if (size_ < capacity_) ++size_;
}

void ReplayBuffer::sample(Rng& rng, const ReplayRows& rows) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (size_ == 0) throw Error::failure("the replay buffer is empty: nothing to sample");
  for (std::int64_t& slot : rows.index) slot = rng.below(static_cast<std::uint32_t>(size_));
  gather_locked(rows);
}

void ReplayBuffer::gather(const ReplayRows& rows) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  gather_locked(rows);
}

void ReplayBuffer::gather_locked(const ReplayRows& rows) const {
  for (std::size_t k = 0; k < rows.index.size(); ++k) {
    const auto slot = static_cast<std::size_t>(rows.index[k]);
    copy_row(rows.obs.data(), k, obs_.data(), slot, obs_bytes_);
    copy_row(rows.next_obs.data(), k, next_obs_.data(), slot, obs_bytes_);
    copy_row(rows.actions.data(), k, actions_.data(), slot, action_bytes_);
    if (has_masks_) {
      copy_row(rows.mask.data(), k, masks_.data(), slot, mask_bytes_);
      copy_row(rows.next_mask.data(), k, next_masks_.data(), slot, mask_bytes_);
    }
    rows.reward[k] = rewards_[slot];
    rows.terminated[k] = terminated_[slot];
  }
  if (!has_masks_ && mask_bytes_ > 0) {
    std::memset(rows.mask.data(), 1, rows.index.size() * mask_bytes_);
    std::memset(rows.next_mask.data(), 1, rows.index.size() * mask_bytes_);
  }
}

void ReplayBuffer::save(StateWriter& out) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  // While the ring is not full its slots are filled from 0 on.
  const auto used = [this](const auto& values) {
    return Row<const typename std::decay_t<decltype(values)>::value_type>(
        values.data(), values.size() / capacity_ * size_);
  };
  out.write(static_cast<std::uint64_t>(capacity_), static_cast<std::uint64_t>(size_),
            static_cast<std::uint64_t>(next_));
  out.write(used(obs_), used(next_obs_), used(actions_), used(masks_), used(next_masks_),
            used(rewards_), used(terminated_));
}

void ReplayBuffer::load(StateReader& in) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::uint64_t capacity = 0, size = 0, next = 0;
  in.read(capacity, size, next);
  if (capacity != capacity_) {
    throw Error::failure("the saved replay buffer has room for " + std::to_string(capacity) +
                         " transitions, this one for " + std::to_string(capacity_) +
                         "; set agent.buffer_size back");
  }
  if (size > capacity || next != (size < capacity ? size : next % capacity)) {
    throw Error::failure("the saved replay buffer is damaged: " + std::to_string(size) +
                         " transitions and next slot " + std::to_string(next) + " of " +
                         std::to_string(capacity) + " do not fit");
  }
  const auto used = [&](auto& values) {
    return Row<typename std::decay_t<decltype(values)>::value_type>(
        values.data(), values.size() / capacity_ * static_cast<std::size_t>(size));
  };
  in.read(used(obs_), used(next_obs_), used(actions_), used(masks_), used(next_masks_),
          used(rewards_), used(terminated_));
  size_ = static_cast<std::size_t>(size);
  next_ = static_cast<std::size_t>(next);
}

}  // namespace tern
