#pragma once
// eval.jsonl: one line an evaluation.

#include <cstdint>
#include <string>
#include <vector>

#include "agents/run/results.h"

namespace tern {

/// Appends {"step":..,"seconds":..,"episodes":..,"mean":..,"std":..,"returns":[..],"lengths":[..]}.
/// seconds: trained so far. Cut back by cut_back_metrics().
void append_eval(const std::string& run, const EvalResult& result, double seconds);

/// All evaluations of a run, oldest first; a torn last line is left out.
std::vector<EvalResult> read_evals(const std::string& run);

}  // namespace tern
