#pragma once
// Writes the arrays that led to a NaN or an infinity into the run's folder.

#include <cstdint>
#include <string>

#include "agents/algorithm/train_context.h"

namespace tern {

/// Writes <run>/nonfinite-step-N.json: the message and the arrays of the minibatch that made it,
/// {"message":..,"step":N,"batch":{"features":{"shape":[..],"values":[..]},..}}; numbers that JSON
/// lacks are the words "nan", "inf", "-inf". Returns the path.
std::string write_nonfinite_report(const std::string& run, std::int64_t step,
                                   const NonFiniteError& error);

}  // namespace tern
