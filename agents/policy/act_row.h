#pragma once
// What every policy expects of the rows that it acts on. Std only.

#include <cstddef>
#include <string>

#include "core/error.h"
#include "core/policy.h"

namespace tern {

/// Throws Error if the row has not the policy's number of state values, or no Rng to sample with.
inline void check_act_row(const ActRow& row, std::size_t state_size, bool deterministic) {
  if (row.state.size() != state_size) {
    throw Error::failure("Policy::act: a row has " + std::to_string(row.state.size()) +
                         " values of state, the policy has " + std::to_string(state_size) +
                         "; give each episode a row of Policy::state_size() zeros");
  }
  if (!deterministic && row.rng == nullptr) {
    throw Error::failure("Policy::act: a row has no rng; only deterministic actions need none");
  }
}

}  // namespace tern
