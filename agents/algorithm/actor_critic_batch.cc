#include "agents/algorithm/actor_critic_batch.h"

#include <algorithm>

#include "agents/algorithm/finite_check.h"

namespace tern {
namespace {

std::size_t drawn_rows(const OffPolicyConfig& config) {
  const RecurrentConfig& memory = config.memory;
  const int size = memory.is_on()
                       ? config.batch_size / memory.sequence_length * memory.drawn_steps()
                       : config.batch_size;
  return static_cast<std::size_t>(size);
}

}  // namespace

ActorCriticBatch::ActorCriticBatch(const EnvSpec& spec, const OffPolicyConfig& config,
                                   const Network& actor, const Network& critic)
    : size_(static_cast<std::size_t>(config.batch_size)),
      features_(static_cast<std::size_t>(actor.spec().features)),
      late_(static_cast<std::size_t>(critic.spec().late_inputs)),
      actor_columns_(actor.row_size()),
      critic_columns_(critic.row_size()),
      drawn_(spec, drawn_rows(config), replay_schema(config, 1)) {
  const std::size_t drawn = drawn_.size();
  actor_rows_.resize(drawn * actor_columns_);
  critic_rows_.resize(drawn * critic_columns_);
  next_actor_rows_.resize(size_ * actor_columns_);
  next_critic_rows_.resize(size_ * critic_columns_);
  shares_.resize(size_);
  if (!config.memory.is_on()) return;
  steps_ = static_cast<std::size_t>(config.memory.sequence_length);
  burn_in_ = static_cast<std::size_t>(config.memory.burn_in);
  begins_.resize(drawn);
  last_.resize(drawn);
  states_.resize(drawn * std::max(actor.state_size(), critic.state_size()));
  for (std::size_t row = 0; row < drawn; ++row) {
    const bool is_learned_from = row % (burn_in_ + steps_) >= burn_in_;
    (is_learned_from ? index_ : burn_in_index_).push_back(static_cast<std::int32_t>(row));
  }
}

template <class T>
void ActorCriticBatch::choose(const T* drawn, std::size_t columns, bool at_last,
                              Chosen<T>& to) const {
  if (!has_memory()) {
    to.rows = {drawn, size_ * columns};
    return;
  }
  to.copy.resize(size_ * columns);
  for (std::size_t i = 0; i < size_; ++i) {
    const std::size_t row = at_last ? last(i) : place(i);
    std::copy_n(drawn + row * columns, columns, to.copy.data() + i * columns);
  }
  to.rows = to.copy;
}

void ActorCriticBatch::draw(ReplayDraws& draws, const ReplayBuffer& replay, std::int64_t step,
                            std::int64_t total_steps, const ObservationEncoder& encoder) {
  const ReplayRows& rows = drawn_.rows();
  draws.sample(replay, step, total_steps, rows, {begins_, last_});
  const std::size_t choices = rows.mask.row_size(), actions = rows.actions.row_size();
  choose(rows.reward.data(), 1, false, rewards_);
  choose(rows.discount.data(), 1, false, discounts_);
  choose(rows.weight.data(), 1, false, weights_);
  choose(rows.terminated.data(), 1, false, terminated_);
  choose(rows.mask.data(), choices, false, mask_);
  choose(rows.next_mask.data(), choices, true, next_mask_);
  if (late_ > 0) {
    choose(reinterpret_cast<const float*>(rows.actions.data()), actions, false, reals_);
  } else {
    choose(reinterpret_cast<const std::int32_t*>(rows.actions.data()), actions, false, choices_);
  }
  for (std::size_t i = 0; i < size_; ++i) shares_[i] = weights_.rows[i] / static_cast<float>(size_);

  for (std::size_t row = 0; row < drawn_.size(); ++row) {
    float* of_actor = actor_rows_.data() + row * actor_columns_;
    encoder.encode(rows.obs[row], of_actor);
    std::copy_n(of_actor, features_, critic_rows_.data() + row * critic_columns_);
  }
  for (std::size_t i = 0; i < size_; ++i) {
    float* of_actor = next_actor_rows_.data() + i * actor_columns_;
    encoder.encode(rows.next_obs[last(i)], of_actor);
    std::copy_n(of_actor, features_, next_critic_rows_.data() + i * critic_columns_);
  }
  if (late_ > 0) put(reals_.rows.data());
}

void ActorCriticBatch::put(const float* actions) {
  for (std::size_t i = 0; i < size_; ++i) {
    std::copy_n(actions + i * late_, late_,
                critic_rows_.data() + place(i) * critic_columns_ + features_);
  }
}

void ActorCriticBatch::put_next(const float* actions) {
  for (std::size_t i = 0; i < size_; ++i) {
    std::copy_n(actions + i * late_, late_,
                next_critic_rows_.data() + i * critic_columns_ + features_);
  }
}

SequenceInputs ActorCriticBatch::sequences(const std::vector<float>& rows) const {
  if (!has_memory()) return {{rows.data(), size_}};
  return {{rows.data(), size_, index_.data()}, steps_, begins_.data()};
}

void ActorCriticBatch::remember(const Readers& of) {
  if (!has_memory()) return;
  remember(of.actor, of.next_actor, 0, actor_rows_, next_actor_rows_);
  remember(of.critic, of.next_critic, of.actor.state_size(), critic_rows_, next_critic_rows_);
}

void ActorCriticBatch::remember(Network& network, Network& next, std::size_t stored,
                                std::vector<float>& rows, std::vector<float>& next_rows) {
  const std::size_t drawn = drawn_.size(), length = burn_in_ + steps_, size = network.state_size();
  const std::size_t columns = network.row_size(),
                    state_columns = drawn_.rows().state.size() / drawn;
  const auto state_of = [&](std::vector<float>& all, std::size_t row) {
    return all.data() + (row + 1) * columns - size;
  };
  const auto after = [&](std::size_t row) { return states_.data() + row * size; };
  for (std::size_t first = 0; first < drawn; first += length) {
    std::copy_n(drawn_.rows().state.data() + first * state_columns + stored, size,
                state_of(rows, first));
  }
  next.remember({{rows.data(), drawn}, length, begins_.data()}, states_.data());
  for (std::size_t i = 0; i < size_; ++i) std::copy_n(after(last(i)), size, state_of(next_rows, i));
  if (burn_in_ == 0) return;
  const bool is_same = &network == &next;
  if (!is_same) {
    network.remember(
        {{rows.data(), burn_in_index_.size(), burn_in_index_.data()}, burn_in_, begins_.data()},
        states_.data());
  }
  for (std::size_t first = 0; first < drawn; first += length) {
    const std::size_t learned = first + burn_in_;
    const std::size_t before = is_same ? learned : (first / length + 1) * burn_in_;
    if (begins_[learned]) {
      std::fill_n(state_of(rows, learned), size, 0.0f);
    } else {
      std::copy_n(after(before - 1), size, state_of(rows, learned));
    }
  }
}

std::vector<NamedArray> ActorCriticBatch::arrays(const EnvSpec& spec,
                                                 const std::vector<float>& targets) const {
  std::vector<float> features(size_ * features_), next_features(size_ * features_);
  for (std::size_t i = 0; i < size_; ++i) {
    std::copy_n(actor_rows_.data() + place(i) * actor_columns_, features_,
                features.data() + i * features_);
    std::copy_n(next_actor_rows_.data() + i * actor_columns_, features_,
                next_features.data() + i * features_);
  }
  const std::size_t actions = drawn_.rows().actions.row_size();
  const std::size_t choices = drawn_.rows().mask.row_size();
  std::vector<NamedArray> arrays = {
      named_matrix("features", features.data(), size_, features_).from(shown_by(spec.id)),
      late_ > 0 ? named_matrix("actions", reals_.rows.data(), size_, actions)
                : named_matrix("actions", choices_.rows.data(), size_, actions),
      named_vector("rewards", rewards()).from(paid_by(spec.id)),
      named_vector("terminated", terminated()),
      named_matrix("next_features", next_features.data(), size_, features_)
          .from(shown_by(spec.id))};
  if (choices > 0) {
    arrays.push_back(named_matrix("next_masks", next_mask().data(), size_, choices));
  }
  arrays.push_back(named_vector("targets", Row<const float>(targets)));
  return arrays;
}

}  // namespace tern
