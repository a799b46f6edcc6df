#pragma once
// Rows of N envs in memory that the caller owns. Std only.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/space.h"
#include "core/views.h"

namespace tern {

/// N observation rows, one after the other, each as its ObsSpace lays it out.
class ObsRows {
 public:
  ObsRows() = default;
  ObsRows(void* data, const ObsSpace& space, std::size_t count)
      : data_(static_cast<std::uint8_t*>(data)),
        num_floats_(space.num_floats()),
        num_bytes_(space.num_bytes()),
        row_bytes_(space.bytes()),
        count_(count) {}

  ObsRow operator[](std::size_t i) const {
    return ObsRow(data_ + i * row_bytes_, num_floats_, num_bytes_);
  }
  std::uint8_t* data() const { return data_; }
  std::size_t count() const { return count_; }
  std::size_t row_bytes() const { return row_bytes_; }
  std::size_t row_size() const { return num_floats_ + num_bytes_; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t num_floats_ = 0, num_bytes_ = 0;
  std::size_t row_bytes_ = 0;
  std::size_t count_ = 0;
};

/// N action rows, [N, size] of int32 or float32 (both 4 bytes).
class ActionRows {
 public:
  ActionRows() = default;
  ActionRows(void* data, const ActionSpace& space, std::size_t count)
      : data_(static_cast<std::uint8_t*>(data)), is_box_(space.is_box()), row_size_(space.size()),
        count_(count) {}

  MutableActionRow operator[](std::size_t i) const {
    std::uint8_t* row = data_ + i * row_size_ * 4;
    return is_box_ ? MutableActionRow(Row<float>(reinterpret_cast<float*>(row), row_size_))
                   : MutableActionRow(
                         Row<std::int32_t>(reinterpret_cast<std::int32_t*>(row), row_size_));
  }
  std::uint8_t* data() const { return data_; }
  std::size_t count() const { return count_; }
  std::size_t row_size() const { return row_size_; }

 private:
  std::uint8_t* data_ = nullptr;
  bool is_box_ = false;
  std::size_t row_size_ = 0;
  std::size_t count_ = 0;
};

/// N mask rows, [N, M] of uint8; M = 0 for Box actions.
class MaskRows {
 public:
  MaskRows() = default;
  MaskRows(std::uint8_t* data, std::size_t row_size, std::size_t count)
      : data_(data), row_size_(row_size), count_(count) {}
  MaskRow operator[](std::size_t i) const { return MaskRow(data_ + i * row_size_, row_size_); }
  std::uint8_t* data() const { return data_; }
  std::size_t count() const { return count_; }
  std::size_t row_size() const { return row_size_; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t row_size_ = 0;
  std::size_t count_ = 0;
};

/// What VecEnv::step writes: views of memory that the caller owns, one entry or row for each env.
struct StepBatch {
  ObsRows obs;  // what to act on next: after an episode's end, the first of the next one
  MaskRows mask;
  FloatRow reward;
  Row<std::uint8_t> terminated;
  Row<std::uint8_t> truncated;
  // Written only where an episode ended in this step (terminated or truncated):
  ObsRows final_obs;  // the observation that the episode ended with
  MaskRows final_mask;
  Row<double> episode_return;         // undiscounted sum of rewards; of player 0 where there are more
  Row<std::int32_t> episode_length;   // steps
  FloatRow episode_metrics;           // [N, EnvSpec::metrics]
  Row<double> episode_player_returns;  // [N, EnvSpec::players]; empty: not wanted, or one player
  // Written in each step, unless it is empty, which is: not wanted.
  FloatRow info;  // [N, EnvSpec::info], of the step, also of one that ended an episode
};

/// Memory for the StepBatch and the actions of N envs, for callers that keep only the newest step.
/// players: EnvSpec::players, for those who want the returns of each. num_info: EnvSpec::info, for
/// those who want them.
class StepBuffers {
 public:
  StepBuffers(const ObsSpace& obs, const ActionSpace& action, std::size_t num_metrics,
              std::size_t count, int players = 1, std::size_t num_info = 0)
      : obs_(obs.bytes() * count), final_obs_(obs.bytes() * count),
        mask_(action.mask_size() * count), final_mask_(action.mask_size() * count),
        actions_(action.size() * count * 4), reward_(count), terminated_(count),
        truncated_(count), episode_return_(count), episode_length_(count),
        episode_metrics_(num_metrics * count),
        episode_player_returns_(players > 1 ? static_cast<std::size_t>(players) * count : 0),
        info_(num_info * count) {
    batch.obs = ObsRows(obs_.data(), obs, count);
    batch.final_obs = ObsRows(final_obs_.data(), obs, count);
    batch.mask = MaskRows(mask_.data(), action.mask_size(), count);
    batch.final_mask = MaskRows(final_mask_.data(), action.mask_size(), count);
    batch.reward = FloatRow(reward_);
    batch.terminated = Row<std::uint8_t>(terminated_);
    batch.truncated = Row<std::uint8_t>(truncated_);
    batch.episode_return = Row<double>(episode_return_);
    batch.episode_length = Row<std::int32_t>(episode_length_);
    batch.episode_metrics = FloatRow(episode_metrics_);
    batch.episode_player_returns = Row<double>(episode_player_returns_);
    batch.info = FloatRow(info_);
    actions = ActionRows(actions_.data(), action, count);
  }
  StepBuffers(const StepBuffers&) = delete;
  StepBuffers& operator=(const StepBuffers&) = delete;

  StepBatch batch;
  ActionRows actions;

 private:
  std::vector<std::uint8_t> obs_, final_obs_, mask_, final_mask_, actions_;
  std::vector<float> reward_;
  std::vector<std::uint8_t> terminated_, truncated_;
  std::vector<double> episode_return_;
  std::vector<std::int32_t> episode_length_;
  std::vector<float> episode_metrics_;
  std::vector<double> episode_player_returns_;
  std::vector<float> info_;
};

}  // namespace tern
