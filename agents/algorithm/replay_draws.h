#pragma once
// How an agent draws its batches: alike or by priority, over one step or several, in sequences, or
// with goals of hindsight. Std only.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "agents/config/off_policy_config.h"
#include "core/rng.h"
#include "core/state_io.h"
#include "replay/hindsight_sampler.h"
#include "replay/prioritized_sampler.h"
#include "replay/replay_buffer.h"
#include "replay/sequence_sampler.h"
#include "replay/uniform_sampler.h"

namespace tern {

/// A uniform, a prioritised, a sequence or a hindsight sampler, as the configuration asks for, with
/// its stream.
class ReplayDraws {
 public:
  /// stream: the name of the random numbers, "sac samples". relabel: Env::relabel, for hindsight.
  ReplayDraws(const OffPolicyConfig& config, const EnvSpec& spec, const ReplayBuffer& replay,
              HindsightSampler::Reward relabel, std::uint64_t seed, const std::string& stream)
      : rng_(seed, stream), beta_(config.priority_beta) {
    const NStep n_step{config.n_step, config.gamma};
    uniform_ = UniformSampler(n_step);
    if (config.memory.is_on()) {
      sequences_.emplace(static_cast<std::size_t>(config.memory.drawn_steps()), n_step);
    }
    if (config.hindsight != "none") {
      hindsight_.emplace(spec, std::move(relabel), hindsight_strategy(config.hindsight),
                         config.hindsight_share, config.gamma);
    }
    if (config.prioritized) {
      prioritized_.emplace(replay, PriorityOptions{config.priority_alpha, config.priority_epsilon},
                           n_step);
    }
  }

  bool is_prioritized() const { return prioritized_.has_value(); }
  /// Fills all of `rows`; importance weights are 1 where all are drawn alike. step: environment
  /// steps done, of the run's total_steps. sequences: filled where such are drawn.
  void sample(const ReplayBuffer& replay, std::int64_t step, std::int64_t total_steps,
              const ReplayRows& rows, const SequenceRows& sequences = {}) {
    if (sequences_) {
      sequences_->sample(replay, rng_, rows, sequences);
    } else if (hindsight_) {
      hindsight_->sample(replay, rng_, rows);
    } else if (prioritized_) {
      prioritized_->sample(replay, beta_.at(step, total_steps), rng_, rows);
    } else {
      uniform_.sample(replay, rng_, rows);
    }
  }
  /// After the loss: TD errors of the rows that were drawn. Nothing where all are drawn alike.
  void update(const ReplayRows& rows, Row<const float> td_errors) {
    if (prioritized_) prioritized_->update(rows.index, td_errors);
  }

  void save(StateWriter& out) const {
    out.write(rng_);
    if (prioritized_) prioritized_->save(out);
  }
  void load(StateReader& in) {
    in.read(rng_);
    if (prioritized_) prioritized_->load(in);
  }

 private:
  Rng rng_;
  Schedule beta_;
  UniformSampler uniform_;
  std::optional<PrioritizedSampler> prioritized_;
  std::optional<SequenceSampler> sequences_;
  std::optional<HindsightSampler> hindsight_;
};

}  // namespace tern
