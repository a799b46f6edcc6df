#pragma once
// pi(a | s) for each kind of action space, from a row of a network's outputs. Std only. The same for
// batches, with gradients: likelihood.h; on LibTorch's tape: agents/reference_losses.

#include <cstddef>

#include "core/policy.h"
#include "core/rng.h"
#include "core/space.h"
#include "envs/action_units.h"

namespace tern {

/// Discrete and MultiDiscrete: independent categoricals over logits, masked choices have
/// probability 0. Box: a diagonal Gaussian whose mean the network gives and whose log standard
/// deviation is a parameter of its own. Box samples, means, deviations and log-probabilities are in
/// the policy's own units and not clamped; units().to_env makes what the env is handed.
///
/// outputs: [num_outputs]; log_std: [A] for Box; mask: [M], empty for Box or where all is allowed.
class ActionDistribution {
 public:
  explicit ActionDistribution(const ActionSpace& space);

  /// Columns that the network must give: M logits, or one mean for each component.
  std::size_t num_outputs() const { return num_outputs_; }
  bool is_gaussian() const { return space_.is_box(); }
  const ActionSpace& space() const { return space_; }
  const ActionUnits& units() const { return units_; }

  /// Draws an action, one draw for each component. Throws Error if the mask forbids every choice of a
  /// component; so does mode.
  void sample(Row<const float> outputs, Row<const float> log_std, ConstMaskRow mask, Rng& rng,
              MutableActionRow action) const;
  /// The most likely action, the first of equals.
  void mode(Row<const float> outputs, ConstMaskRow mask, MutableActionRow action) const;
  /// log pi(action), nats.
  double log_probability(Row<const float> outputs, Row<const float> log_std, ConstMaskRow mask,
                         ActionRow action) const;
  /// d log pi(action) / d outputs, [num_outputs]: of a logit 1 where it was chosen, less p, and 0
  /// where masked; of a mean (a - mu) / sigma^2.
  void log_probability_gradient(Row<const float> outputs, Row<const float> log_std,
                                ConstMaskRow mask, ActionRow action, Row<float> gradient) const;
  /// Probabilities or mean and deviation, and entropy; those of a Gaussian in the env's units.
  void inspect(Row<const float> outputs, Row<const float> log_std, ConstMaskRow mask,
               Inspection& inspection) const;

 private:
  ActionSpace space_;
  ActionUnits units_;
  std::size_t num_outputs_;
};

}  // namespace tern
