#pragma once
// pi(a | s) for each kind of action space, from the outputs of a network.

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

#include "agents/policy/action_units.h"
#include "core/policy.h"
#include "core/rng.h"
#include "core/space.h"
#include "core/views.h"

namespace tern {

/// Log-probability and entropy of a batch, with the tape of their inputs.
struct ActionLikelihood {
  at::Tensor log_prob;  // [B]
  at::Tensor entropy;   // [B], nats
};

/// Discrete and MultiDiscrete: independent categoricals over logits, masked choices have
/// probability 0. Box: a diagonal Gaussian whose mean the network gives and whose log standard
/// deviation is a parameter of its own. Box samples, means, deviations and log-probabilities are in
/// the policy's own units and not clamped; units().to_env makes what the env is handed.
class ActionDistribution {
 public:
  explicit ActionDistribution(const ActionSpace& space);

  /// Columns that the network must give: M logits, or one mean for each component.
  std::size_t num_outputs() const { return num_outputs_; }
  bool is_gaussian() const { return space_.is_box(); }
  const ActionUnits& units() const { return units_; }

  /// outputs: [B, num_outputs]; log_std: [A] for Box, else undefined; actions: [B, A] int32 or
  /// float32; masks: [B, M] uint8 or undefined.
  ActionLikelihood likelihood(const at::Tensor& outputs, const at::Tensor& log_std,
                              const at::Tensor& actions, const at::Tensor& masks) const;

  /// Draws an action for one row; returns its log-probability. One draw for each component. Throws
  /// Error if the mask forbids every choice of a component; so does mode.
  float sample(Row<const float> outputs, Row<const float> log_std, ConstMaskRow mask, Rng& rng,
               MutableActionRow action) const;
  /// The most likely action, the first of equals.
  void mode(Row<const float> outputs, ConstMaskRow mask, MutableActionRow action) const;
  /// Probabilities or mean and deviation, and entropy; those of a Gaussian in the env's units.
  void inspect(Row<const float> outputs, Row<const float> log_std, ConstMaskRow mask,
               Inspection& inspection) const;

 private:
  ActionSpace space_;
  ActionUnits units_;
  std::size_t num_outputs_;
};

}  // namespace tern
