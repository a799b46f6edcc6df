#pragma once
// The border between replay storage and tensors: one of the two files here that know LibTorch.

#include <ATen/core/Tensor.h>

#include <cstddef>

#include "replay/replay_buffer.h"

namespace tern {

/// A sampled batch as tensors whose memory a ReplayBuffer fills. They are allocated once and hold
/// the newest sample. Observations are raw: whoever owns the policy encodes them.
class Batch {
 public:
  Batch(const EnvSpec& spec, std::size_t size);
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  /// The same memory, for ReplayBuffer::sample and for encoders.
  const ReplayRows& rows() const { return rows_; }

  at::Tensor index;       // [B] int64
  at::Tensor obs;         // [B, obs] float32 or uint8
  at::Tensor mask;        // [B, M] uint8
  at::Tensor actions;     // [B, A] int32 or, for Box, float32
  at::Tensor reward;      // [B] float32
  at::Tensor terminated;  // [B] uint8
  at::Tensor next_obs;    // [B, obs]
  at::Tensor next_mask;   // [B, M] uint8

 private:
  ReplayRows rows_;
};

}  // namespace tern
