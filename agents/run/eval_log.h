#pragma once
// eval.jsonl: one line an evaluation.

#include <cstdint>
#include <string>
#include <vector>

#include "agents/run/results.h"

namespace tern {

/// An evaluation at the end of training has more episodes, so it is a series of its own.
enum class EvalSeries { kDuringTraining, kFinal };

/// "eval", "final_eval": what the series is called in metrics and in eval.jsonl.
std::string name_of(EvalSeries series);

/// Appends {"step":..,"seconds":..,"series":..,"env":..,"episodes":..,"cut":..,"mean":..,"std":..,
/// "returns":[..],"lengths":[..]}, numbers as in core/files/json.h. seconds: trained so far. Cut back
/// by cut_back_metrics().
void append_eval(const std::string& run, EvalSeries series, const EvalResult& result,
                 double seconds);

/// A line of eval.jsonl.
struct LoggedEval {
  EvalSeries series = EvalSeries::kDuringTraining;
  EvalResult result;
};

/// All evaluations of a run, oldest first; a torn last line is left out.
std::vector<LoggedEval> read_evals(const std::string& run);

}  // namespace tern
