#pragma once
// An encoder's batch on LibTorch's tape.

#include <ATen/core/Tensor.h>

#include <cstddef>

namespace tern {

/// What EncoderBatch is, as rows of tensors.
struct TapedBatch {
  at::Tensor inputs, states;  // [rows, ..]; states undefined without memory
  std::size_t steps = 1;
  at::Tensor keeps;  // [rows] float32: 0 where the state is reset, else 1; undefined: 1 everywhere
};

}  // namespace tern
