#pragma once
// One categorical distribution over logits, some of whose choices may be masked. Std only.

#include <cstddef>

#include "core/const_views.h"
#include "core/rng.h"

namespace tern {

/// p_j = exp(logit_j) / sum over allowed k of exp(logit_k), 0 where masked. mask: [n] like the
/// logits, empty: everything is allowed. Sums are in double, less the largest logit.
class Categorical {
 public:
  Categorical(Row<const float> logits, ConstMaskRow mask);

  /// Inverse of the cumulative distribution; one draw. size() if nothing is allowed.
  std::size_t sample(Rng& rng) const;
  /// log p_j; minus infinity where masked.
  double log_probability(std::size_t j) const;
  std::size_t size() const { return logits_.size(); }

 private:
  bool allows(std::size_t j) const { return mask_.empty() || mask_[j]; }

  Row<const float> logits_;
  ConstMaskRow mask_;
  double largest_, sum_ = 0;  // of the allowed logits; of exp(logit - largest)
};

/// The most likely choice, the first of equals; the number of logits if nothing is allowed.
std::size_t most_likely(Row<const float> logits, ConstMaskRow mask);

}  // namespace tern
