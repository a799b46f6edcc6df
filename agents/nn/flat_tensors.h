#pragma once
// The buffers that a Network computes on, as LibTorch owns them.

#include <ATen/core/Tensor.h>

namespace tern {

/// [P] float32 each, on the CPU, with room behind them for whole vectors.
struct FlatTensors {
  at::Tensor parameters, gradients;
};

}  // namespace tern
