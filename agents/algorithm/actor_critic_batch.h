#pragma once
// A batch from the replay buffer as actors and critics read it: single transitions, or with memory
// sequences of them.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "agents/algorithm/replay_draws.h"
#include "agents/algorithm/train_context.h"
#include "agents/config/off_policy_config.h"
#include "agents/nn/network.h"
#include "agents/policy/observation_encoder.h"
#include "replay/replay_batch.h"

namespace tern {

/// B transitions (s, a, r, s') that a gradient step is taken on, and the rows that networks read of
/// them. Allocated once.
///
/// Without memory they are drawn one by one. With memory they are B / sequence_length sequences,
/// each drawn with burn_in steps before it. A network begins a drawn sequence with the state that
/// it acted with when it was stored, runs through the burn-in as it is now, and is learned from
/// there on (stored state with burn-in: Kapturowski et al. 2019, section 3). Where an episode
/// begins the state is 0; s' of a step is read with what was remembered after s, also where the
/// episode was cut.
class ActorCriticBatch {
 public:
  /// actor, critic: networks of the kind. The critics' rows have room for an action behind the
  /// features if `critic` has late inputs.
  ActorCriticBatch(const EnvSpec& spec, const OffPolicyConfig& config, const Network& actor,
                   const Network& critic);

  std::size_t size() const { return size_; }  // B
  /// Draws the batch and fills what networks read of it, but for actions at s' and what is
  /// remembered.
  void draw(ReplayDraws& draws, const ReplayBuffer& replay, std::int64_t step,
            std::int64_t total_steps, const ObservationEncoder& encoder);
  /// Who reads at s, and who at s'; they may be the same.
  struct Readers {
    Network &actor, &critic, &next_actor, &next_critic;
  };
  /// Fills what each of them remembers. Nothing without memory.
  void remember(const Readers& of);

  /// What actor and critics read at s; the latter with the actions that were taken, or put.
  SequenceInputs obs() const { return sequences(actor_rows_); }
  SequenceInputs obs_actions() const { return sequences(critic_rows_); }
  /// At s': rows by themselves, each with its state.
  BatchInputs next_obs() const { return {next_actor_rows_.data(), size_}; }
  BatchInputs next_obs_actions() const { return {next_critic_rows_.data(), size_}; }
  /// Writes actions, [B, A], into the critics' rows.
  void put(const float* actions);
  void put_next(const float* actions);

  /// Sums over the steps that were taken together, gamma^m of as many, whether nothing follows
  /// them, and importance weights divided by B; [B] each.
  Row<const float> rewards() const { return rewards_.rows; }
  Row<const float> discounts() const { return discounts_.rows; }
  Row<const std::uint8_t> terminated() const { return terminated_.rows; }
  Row<const float> shares() const { return shares_; }
  /// The actions that were taken: Box ones, [B * A], in the policy's units, or choices.
  Row<const float> box_actions() const { return reals_.rows; }
  Row<const std::int32_t> choices() const { return choices_.rows; }
  /// What was allowed at s and is at s', [B * M].
  Row<const std::uint8_t> mask() const { return mask_.rows; }
  Row<const std::uint8_t> next_mask() const { return next_mask_.rows; }
  /// The newest draw, to tell its TD errors.
  const ReplayRows& drawn() const { return drawn_.rows(); }

  /// All that a loss was computed from, for whoever looks into a NaN. targets: [B] or more.
  std::vector<NamedArray> arrays(const EnvSpec& spec, const std::vector<float>& targets) const;

 private:
  using Index = std::vector<std::int32_t>;
  /// Some of the drawn rows, or all of them where they are.
  template <class T>
  struct Chosen {
    Row<const T> rows;
    std::vector<T> copy;
  };

  bool has_memory() const { return steps_ > 0; }
  /// The drawn row of row i, and the one whose s' it leads to.
  std::size_t place(std::size_t i) const {
    return has_memory() ? static_cast<std::size_t>(index_[i]) : i;
  }
  std::size_t last(std::size_t i) const {
    return has_memory() ? static_cast<std::size_t>(last_[place(i)]) : i;
  }
  SequenceInputs sequences(const std::vector<float>& rows) const;
  /// Rows of `columns` values at index, or all of `drawn`.
  template <class T>
  void choose(const T* drawn, std::size_t columns, bool at_last, Chosen<T>& to) const;
  /// What one kind of network remembers, whose stored state begins at that column.
  void remember(Network& network, Network& next, std::size_t stored, std::vector<float>& rows,
                std::vector<float>& next_rows);

  std::size_t size_, features_, late_, actor_columns_, critic_columns_;
  std::size_t steps_ = 0, burn_in_ = 0;  // of each sequence; steps_ 0: there are none
  ReplayBatch drawn_;                    // [D], D = B and with memory so many more as burn-in takes
  std::vector<std::uint8_t> begins_;     // [D] whether an episode begins there
  Index last_;                           // [D] the row whose s' it leads to
  Index index_, burn_in_index_;  // the drawn rows that are learned from, [B], and the others
  std::vector<float> states_;    // after each row, of one network, [D, its size]
  std::vector<float> actor_rows_, critic_rows_;            // [D, columns]
  std::vector<float> next_actor_rows_, next_critic_rows_;  // [B, columns]
  Chosen<float> rewards_, discounts_, weights_, reals_;
  Chosen<std::uint8_t> terminated_, mask_, next_mask_;
  Chosen<std::int32_t> choices_;
  std::vector<float> shares_;  // [B]
};

}  // namespace tern
