#include "agents/policy/distributions/categorical.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tern {

Categorical::Categorical(Row<const float> logits, ConstMaskRow mask)
    : logits_(logits), mask_(mask), largest_(-std::numeric_limits<double>::infinity()) {
  for (std::size_t j = 0; j < size(); ++j) {
    if (allows(j)) largest_ = std::max<double>(largest_, logits_[j]);
  }
  for (std::size_t j = 0; j < size(); ++j) {
    if (allows(j)) sum_ += std::exp(logits_[j] - largest_);
  }
}

std::size_t Categorical::sample(Rng& rng) const {
  double rest = rng.uniform() * sum_;
  std::size_t choice = size();
  for (std::size_t j = 0; j < size(); ++j) {
    if (!allows(j)) continue;
    choice = j;
    rest -= std::exp(logits_[j] - largest_);
    if (rest < 0) break;
  }
  return choice;
}

double Categorical::log_probability(std::size_t j) const {
  if (!allows(j)) return -std::numeric_limits<double>::infinity();
  return logits_[j] - largest_ - std::log(sum_);
}

std::size_t most_likely(Row<const float> logits, ConstMaskRow mask) {
  std::size_t best = logits.size();
  for (std::size_t j = 0; j < logits.size(); ++j) {
    if (!mask.empty() && !mask[j]) continue;
    if (best == logits.size() || logits[j] > logits[best]) best = j;
  }
  return best;
}

}  // namespace tern
