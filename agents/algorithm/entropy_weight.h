#pragma once
// alpha, the weight of a policy's entropy: fixed, or learned until the policy keeps its target. Std
// only.

#include <cmath>
#include <vector>

#include "agents/kernels/optimizer.h"
#include "core/state_io.h"
#include "core/views.h"

namespace tern {

/// Learned by J(alpha) = E[-alpha (log pi(a | s) + H_target)] (Haarnoja et al. 2018b, Eq. 17 and
/// 18). The step is taken in log alpha and without the factor alpha, as the authors' program does:
/// its gradient is H - H_target.
class EntropyWeight {
 public:
  /// first: where it starts, and stays unless is_learned.
  EntropyWeight(double first, bool is_learned, double adam_epsilon)
      : is_learned_(is_learned),
        optimizer_(1, {"adam", adam_epsilon}),
        log_(1, static_cast<float>(std::log(first))) {}

  double value() const { return std::exp(static_cast<double>(log_[0])); }
  /// One step. entropy, target: nats, of a batch's mean.
  void update(double entropy, double target, double learning_rate) {
    if (!is_learned_) return;
    const auto gradient = static_cast<float>(entropy - target);
    optimizer_.step(Row<float>(log_), Row<const float>(&gradient, 1), learning_rate);
  }

  void save(StateWriter& out) const {
    optimizer_.save(out);
    out.write(log_);
  }
  void load(StateReader& in) {
    optimizer_.load(in);
    in.read(Row<float>(log_));
  }

 private:
  bool is_learned_;
  Optimizer optimizer_;
  std::vector<float> log_;  // log alpha, [1]
};

}  // namespace tern
