#pragma once
// The newest transitions of any number of envs, for every off-policy agent. Std only.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "core/files/byte_stream.h"
#include "core/rng.h"
#include "envs/batch_views.h"
#include "envs/env.h"
#include "envs/stacked_frames.h"
#include "replay/replay_memory.h"
#include "replay/replay_rows.h"
#include "replay/replay_schema.h"

namespace tern {

/// A ring of steps for each env: once `steps_of_each_env` are stored, a new step takes the place of
/// the env's oldest. Step t of env n of N lies in slot (t modulo steps) * N + n.
///
/// An observation is stored once: s' of a step is s of the env's next one, and where an episode
/// ended, what it ended with is kept beside. Of observations that are stacks (the frame_stack wrapper)
/// the newest frame is. Samples are put together from that: stacks never reach beyond the start of an
/// episode (its first frame is repeated), and several steps taken together never beyond its end.
///
/// Thread-safe. Each env has slots of its own, so that several threads which add steps of different
/// envs leave the same contents as one thread does. Samplers (uniform_sampler.h and beside it) read
/// through a Reader, which holds the one lock while it lives.
class ReplayBuffer {
 public:
  /// Throws Error as check_replay_schema does.
  ReplayBuffer(const EnvSpec& spec, const ReplaySchema& schema);
  ReplayBuffer(const ReplayBuffer&) = delete;
  ReplayBuffer& operator=(const ReplayBuffer&) = delete;

  const ReplaySchema& schema() const { return schema_; }
  std::size_t num_envs() const { return num_envs_; }
  /// Transitions that it can hold: a multiple of the envs.
  std::size_t capacity() const { return steps_ * num_envs_; }
  /// Slots [0, size) hold transitions of all envs.
  std::size_t size() const { return read().size(); }

  /// Stores one step of envs [first, first + obs.count()): they showed `obs` and `mask`, were given
  /// `actions`, and VecEnv wrote `result`. s' is result.final_obs where an episode ended and
  /// result.obs elsewhere. Unless its last episode ended, an env's obs and mask must be what its last
  /// step led to. states: [count * state_size], what the policy remembered at obs.
  void add(const ObsRows& obs, const MaskRows& mask, const ActionRows& actions,
           const StepBatch& result, std::size_t first = 0, Row<const float> states = {});
  /// The newest episode of env n goes no further: its last step is truncated, at the observation
  /// that it led to. Nothing where it has ended.
  void cut_episode(std::size_t n);

  /// What is stored, at one moment: nothing is added while a Reader lives.
  class Reader {
   public:
    std::size_t size() const;
    /// Steps that env n has ever stored.
    std::int64_t written(std::size_t n) const { return buffer_.written_[n]; }
    /// Steps of env n that are stored now; the newest is step written(n) - 1.
    std::int64_t stored(std::size_t n) const;
    std::int64_t slot_of(std::size_t n, std::int64_t step) const;
    std::size_t env_of(std::int64_t slot) const;
    std::int64_t step_of(std::int64_t slot) const;
    bool begins(std::int64_t slot) const;     // the episode, with this transition
    bool ended(std::int64_t slot) const;
    bool terminated(std::int64_t slot) const;
    float reward(std::int64_t slot) const { return buffer_.rewards_[slot]; }
    const void* action(std::int64_t slot) const;  // A values of 4 bytes
    /// Writes s' of the transition in the slot, a whole observation.
    void next_obs(std::int64_t slot, std::uint8_t* to) const;
    /// Fills the rest of `rows` with the transitions in the slots rows.index. Taken together are at
    /// most n_step.steps steps: fewer where the episode ends before or no more are stored yet.
    /// Allocates nothing.
    void gather(const ReplayRows& rows, const NStep& n_step = {}) const;

   private:
    friend class ReplayBuffer;
    explicit Reader(const ReplayBuffer& buffer) : buffer_(buffer), lock_(buffer.mutex_) {}

    const ReplayBuffer& buffer_;
    std::unique_lock<std::mutex> lock_;
  };
  Reader read() const { return Reader(*this); }

  /// Everything, exactly, piece by piece: nothing is copied. Holds the lock.
  void save(ByteSink& out) const;
  /// Throws Error::failure if the state is of another env, schema or layout, or damaged; the buffer is
  /// then to be thrown away.
  void load(ByteSource& in);

 private:
  enum Flag : std::uint8_t { kTerminated = 1, kTruncated = 2 };

  std::size_t observation_row(std::size_t n, std::int64_t step) const {
    return static_cast<std::size_t>(step) % observation_steps_ * num_envs_ + n;
  }
  std::size_t slot_row(std::size_t n, std::int64_t step) const {
    return static_cast<std::size_t>(step) % steps_ * num_envs_ + n;
  }
  void add_one(std::size_t n, std::size_t i, const ObsRows& obs, const MaskRows& mask,
               const ActionRows& actions, const StepBatch& result, Row<const float> states);
  /// Makes room for what the episode ended with; frame and mask are to be written there.
  std::uint8_t* keep_final(std::size_t slot);
  const std::uint8_t* final_obs(std::size_t slot) const;
  const std::uint8_t* final_mask(std::size_t slot) const;
  /// Finds the `count` newest frames of env n up to `step`, oldest first; the first of the episode stands
  /// for those before it.
  void find_frames(std::size_t n, std::int64_t step, std::size_t count,
                   const std::uint8_t** frames) const;
  void stack_obs(std::size_t n, std::int64_t step, std::uint8_t* to) const;
  void stack_next_obs(std::size_t n, std::int64_t step, std::uint8_t* to) const;
  /// Throws Error::failure unless what load() read of env n can be used: ends and beginnings of
  /// episodes fit each other, and every choice is one of the env's.
  void check_loaded(std::size_t n) const;
  /// Calls with (data, bytes) of all rows in use of each array.
  template <class Each>
  void for_used_arrays(const Each& each) const;

  EnvSpec spec_;
  ReplaySchema schema_;
  StackedFrames frames_;
  std::size_t num_envs_, steps_;
  std::size_t observation_steps_;  // steps_, one for the newest s', and what stacks look back to
  std::size_t obs_bytes_, action_bytes_, mask_bytes_;  // of a row as kept; masks: 0 where none are
  ReplayMemory memory_, final_memory_;
  mutable std::mutex mutex_;
  // All below is guarded by mutex_.
  std::uint8_t *obs_, *masks_;      // by observation_row
  std::uint8_t* begins_;            // the same: whether an episode begins with the observation
  std::uint8_t *actions_, *flags_;  // from here on by slot
  float *rewards_, *states_;
  std::int32_t* finals_;            // 1 + where the end of the episode is kept, or 0
  std::int64_t* episodes_;
  std::int32_t* episode_steps_;
  std::vector<std::int64_t> written_;          // [N] steps ever stored
  // Observations and masks that episodes ended with: room for one of each slot, of which only the
  // rows that were ever used take memory.
  std::uint8_t* final_rows_;
  std::size_t used_finals_ = 0;
  std::int32_t* free_finals_;  // rows among the used ones that hold nothing now
  std::size_t free_final_count_ = 0;
};

}  // namespace tern
