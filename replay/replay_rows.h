#pragma once
// The rows of a sampled batch of transitions: views of the caller's memory. Std only.

#include <cstdint>

#include "envs/batch_views.h"

namespace tern {

/// B transitions (s, a, r, s'); row k of each part belongs to the same one. Masks have M = 0 columns
/// for Box actions. Parts marked with * may be left empty and are then not filled.
struct ReplayRows {
  Row<std::int64_t> index;       // [B] the slot of s and a
  ObsRows obs;                   // [B, stack * obs] s, raw
  MaskRows mask;                 // [B, M] what was allowed in s
  ActionRows actions;            // [B, A] as the agent chose it
  FloatRow reward;               // [B] sum of gamma^j r_{t+j} over the steps that were taken together
  Row<std::uint8_t> terminated;  // [B] nothing of value follows s'; never set by a truncation
  ObsRows next_obs;              // [B, stack * obs] s', the episode's last observation where it ended
  MaskRows next_mask;            // [B, M] what is allowed in s'
  FloatRow discount;             // * [B] gamma^m, m: steps taken together
  Row<std::uint8_t> truncated;   // * [B] the episode was cut at s'
  FloatRow weight;               // * [B] importance weight; 1 where all are drawn alike
  Row<std::int64_t> episode;     // * [B] number of the episode among those of its env
  Row<std::int32_t> step;        // * [B] step in the episode, from 0
  FloatRow state;                // * [B * S] the policy's state at s
};

/// How many steps are taken together, and what later rewards are worth.
struct NStep {
  int steps = 1;
  double gamma = 1;
};

}  // namespace tern
