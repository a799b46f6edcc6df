#pragma once
// log pi(a | s) and entropy of a batch on LibTorch's tape: what LikelihoodRows and SquashedGaussian
// are compared with. Pure functions; results carry the tape of their inputs.

#include <ATen/core/Tensor.h>

#include "core/space.h"

namespace tern {

struct ActionLikelihood {
  at::Tensor log_prob;  // [B]
  at::Tensor entropy;   // [B], nats
};

/// The distributions of ActionDistribution. outputs: [B, num_outputs]; log_std: [A] for Box, else
/// undefined; actions: [B, A] int32 or float32, Box in the policy's units; masks: [B, M] uint8 or
/// undefined.
ActionLikelihood action_likelihood(const ActionSpace& space, const at::Tensor& outputs,
                                   const at::Tensor& log_std, const at::Tensor& actions,
                                   const at::Tensor& masks);

struct SquashedSample {
  at::Tensor actions;   // [B, A]
  at::Tensor log_prob;  // [B]
};

/// The distribution of SquashedGaussian: a = tanh(u), u = mean + sigma noise,
///   log pi(a) = sum over components of log N(u; mean, sigma) - log(1 - a^2)
/// as it stands, which is good for |u| < 10 in double. outputs: [B, 2 A]; noise: [B, A].
SquashedSample squashed_sample(const at::Tensor& outputs, const at::Tensor& noise);

}  // namespace tern
