#pragma once
// A Network on LibTorch's tape, for saliency and for losses of a user's own.

#include <ATen/core/Tensor.h>

#include "agents/nn/network.h"

namespace tern {

/// network.infer(inputs) with a tape: backward() adds to network.gradients() and gives d / d inputs
/// to inputs that require a gradient. inputs: [B, inputs] float32, contiguous; result: [B, sum of
/// heads]. The network must outlive the tape, and its parameters stay as they are until backward().
/// Throws Error for a network with batch_norm, whose gradient is that of other outputs.
/// Costs some 15 us more than Network::accumulate_gradient, which training uses, and a second
/// forward pass.
at::Tensor taped_outputs(Network& network, const at::Tensor& inputs);

}  // namespace tern
