#include "replay/prioritized_sampler.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"

namespace tern {

PrioritizedSampler::PrioritizedSampler(const ReplayBuffer& buffer, const PriorityOptions& options,
                                       const NStep& n_step)
    : options_(options), n_step_(n_step), tree_(buffer.capacity()), known_(buffer.num_envs()) {}

void PrioritizedSampler::take_new(const ReplayBuffer::Reader& reader) {
  const double fresh = std::pow(largest_, options_.alpha);
  for (std::size_t n = 0; n < known_.size(); ++n) {
    const std::int64_t written = reader.written(n);
    if (known_[n] > written) {
      throw Error::failure("the priorities are of another replay buffer: they know " +
                           std::to_string(known_[n]) + " steps of env " + std::to_string(n) +
                           ", which has stored " + std::to_string(written));
    }
    for (std::int64_t t = std::max(known_[n], written - reader.stored(n)); t < written; ++t) {
      tree_.set(static_cast<std::size_t>(reader.slot_of(n, t)), fresh);
    }
    known_[n] = written;
  }
}

void PrioritizedSampler::sample(const ReplayBuffer& buffer, double beta, Rng& rng,
                                const ReplayRows& rows) {
  const ReplayBuffer::Reader reader = buffer.read();
  const std::size_t size = reader.size(), batch = rows.index.size();
  if (size == 0) throw Error::failure("the replay buffer is empty: nothing to sample");
  take_new(reader);
  const double sum = tree_.sum();
  if (!(sum > 0)) {
    throw Error::failure("all priorities of the replay buffer are 0, so that nothing can be drawn; "
                         "priority_epsilon must be above 0 where TD errors can all be 0");
  }
  const double share = sum / static_cast<double>(batch);
  for (std::size_t k = 0; k < batch; ++k) {
    const double mass = (static_cast<double>(k) + rng.uniform()) * share;
    rows.index[k] = static_cast<std::int64_t>(tree_.find(mass));
  }
  reader.gather(rows, n_step_);
  double most = 0;
  for (std::size_t k = 0; k < batch; ++k) {
    const double p = tree_.value(static_cast<std::size_t>(rows.index[k])) / sum;
    const double weight = std::pow(static_cast<double>(size) * p, -beta);
    rows.weight[k] = static_cast<float>(weight);
    most = std::max(most, weight);
  }
  for (float& weight : rows.weight) weight = static_cast<float>(weight / most);
}

void PrioritizedSampler::update(Row<const std::int64_t> slots, Row<const float> td_errors) {
  for (std::size_t k = 0; k < slots.size(); ++k) {
    const double p = std::fabs(static_cast<double>(td_errors[k])) + options_.epsilon;
    if (!std::isfinite(p)) {
      throw Error::failure("a TD error of " + std::to_string(td_errors[k]) +
                           " cannot be a priority");
    }
    largest_ = std::max(largest_, p);
    tree_.set(static_cast<std::size_t>(slots[k]), std::pow(p, options_.alpha));
  }
}

void PrioritizedSampler::save(StateWriter& out) const {
  out.write(largest_, Row<const std::int64_t>(known_), tree_.values());
}

void PrioritizedSampler::load(StateReader& in) {
  std::vector<double> values(tree_.size());
  in.read(largest_, Row<std::int64_t>(known_), Row<double>(values));
  const auto is_bad = [](double p) { return !std::isfinite(p) || p < 0; };
  if (is_bad(largest_) || std::any_of(values.begin(), values.end(), is_bad)) {
    throw Error::failure("the saved priorities are damaged: one is negative or not finite");
  }
  if (std::any_of(known_.begin(), known_.end(), [](std::int64_t steps) { return steps < 0; })) {
    throw Error::failure("the saved priorities are damaged: a number of steps is negative");
  }
  for (std::size_t slot = 0; slot < values.size(); ++slot) {
    const auto row = static_cast<std::int64_t>(slot / known_.size());
    check_saved(values[slot] == 0 || row < known_[slot % known_.size()],
                "slot " + std::to_string(slot) + " has a priority, but no transition");
  }
  tree_.set_all(Row<const double>(values));
  check_saved(std::isfinite(tree_.sum()), "the sum of all priorities is not finite");
}

}  // namespace tern
