#pragma once
// The newest transitions of any number of envs, for off-policy agents. Std only.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/rng.h"
#include "core/state_io.h"
#include "envs/batch_views.h"
#include "envs/env.h"

namespace tern {

/// B transitions in memory of the caller; row k of each part belongs to the same transition
/// (s, a, r, s'). Masks have M = 0 columns for Box actions.
struct ReplayRows {
  Row<std::int64_t> index;       // [B] the slot it lies in
  ObsRows obs;                   // [B, obs] s, raw
  MaskRows mask;                 // [B, M] what was allowed in s
  ActionRows actions;            // [B, A] as the agent chose it
  FloatRow reward;               // [B]
  Row<std::uint8_t> terminated;  // [B] nothing of value follows; never set by a truncation
  ObsRows next_obs;              // [B, obs] s', the episode's last observation where it ended
  MaskRows next_mask;            // [B, M] what is allowed in s'
};

/// A ring of whole transitions: once `capacity` are stored, each new one takes the place of the
/// oldest. Every transition keeps its own s', so that neither the end of an episode nor the seam of
/// the ring is a special case; in exchange observations are stored twice, and a transition takes
///   2 obs + 4 A + 5 bytes, and 2 M more in envs with action masks
/// (obs: bytes of a row, A: values of an action, M: flags of a mask).
///
/// Thread-safe: any number of writers may add while others sample, each call takes one lock. With
/// one writer the contents are a function of what was added; with several, the order of their
/// steps is that of arrival.
class ReplayBuffer {
 public:
  /// Throws Error if the capacity is 0, above 2^32 - 1, or more than the machine's memory holds.
  ReplayBuffer(const EnvSpec& spec, std::size_t capacity);
  ReplayBuffer(const ReplayBuffer&) = delete;
  ReplayBuffer& operator=(const ReplayBuffer&) = delete;

  /// Bytes that one transition takes, in memory and on disk.
  static std::size_t transition_bytes(const EnvSpec& spec);

  std::size_t capacity() const { return capacity_; }
  /// Transitions stored.
  std::size_t size() const;

  /// Stores one step of N envs: they showed `obs` and `mask`, were given `actions`, and VecEnv
  /// wrote `result`. s' is result.final_obs where an episode ended and result.obs elsewhere.
  void add(const ObsRows& obs, const MaskRows& mask, const ActionRows& actions,
           const StepBatch& result);

  /// Fills all of `rows` with transitions drawn uniformly, with replacement; one draw of `rng` each
  /// (rarely more). Allocates nothing. Throws Error::failure while nothing is stored.
  void sample(Rng& rng, const ReplayRows& rows) const;
  /// Fills the rest of `rows` with the transitions in the slots rows.index, each below size().
  void gather(const ReplayRows& rows) const;

  /// Everything, exactly: what is stored, where, and which slot is next.
  void save(StateWriter& out) const;
  /// Throws Error::failure if the state is of another env or capacity, or damaged.
  void load(StateReader& in);

 private:
  void add_one(std::size_t i, const ObsRows& obs, const MaskRows& mask, const ActionRows& actions,
               const StepBatch& result);
  void gather_locked(const ReplayRows& rows) const;

  std::size_t capacity_, obs_bytes_, action_bytes_, mask_bytes_;
  bool has_masks_;  // else every action is always allowed, and no masks are kept
  mutable std::mutex mutex_;
  // All below is guarded by mutex_. Slot k of each array belongs to the same transition.
  std::size_t size_ = 0;
  std::size_t next_ = 0;  // slot of the next transition
  std::vector<std::uint8_t> obs_, next_obs_, actions_, masks_, next_masks_;
  std::vector<float> rewards_;
  std::vector<std::uint8_t> terminated_;
};

}  // namespace tern
