#include "agents/run/eval_log.h"

#include <optional>
#include <sstream>

#include "agents/run/run_folder.h"
#include "core/files/file_io.h"
#include "core/files/json.h"

namespace tern {

namespace {

/// A list of numbers; those that are none are left out.
std::vector<double> numbers_of(const Json& list) {
  std::vector<double> numbers;
  if (!list.is_list() && !list.is_null()) throw JsonError("a list was expected");
  for (const Json& value : list) {
    if (value.is_number_or_name()) numbers.push_back(value.number());
  }
  return numbers;
}

LoggedEval parse_eval(const std::string& run, const Json& document) {
  LoggedEval eval;
  if (document.text_or("series", "") == name_of(EvalSeries::kFinal)) eval.series = EvalSeries::kFinal;
  EvalResult& result = eval.result;
  result.run = run;
  result.env = document.text_or("env", "");
  result.step = document.integer_or("step", 0);
  result.cut = static_cast<int>(document.integer_or("cut", 0));
  result.mean = document.number_or("mean", 0);
  result.std = document.number_or("std", 0);
  result.returns = numbers_of(document["returns"]);
  for (const double length : numbers_of(document["lengths"])) {
    result.lengths.push_back(static_cast<int>(length));
  }
  return eval;
}

}  // namespace

std::string name_of(EvalSeries series) {
  return series == EvalSeries::kFinal ? "final_eval" : "eval";
}

void append_eval(const std::string& run, EvalSeries series, const EvalResult& result,
                 double seconds) {
  Json document;
  document["step"] = result.step;
  document["seconds"] = seconds;
  document["series"] = name_of(series);
  document["env"] = result.env;
  document["episodes"] = result.returns.size();
  document["cut"] = result.cut;
  document["mean"] = result.mean;
  document["std"] = result.std;
  document["returns"] = result.returns;
  document["lengths"] = result.lengths;
  AppendFile file(RunPaths(run).eval);
  file.write(document.dump() + "\n");
  file.start_sync();
}

std::vector<LoggedEval> read_evals(const std::string& run) {
  std::vector<LoggedEval> evals;
  const std::string path = RunPaths(run).eval;
  if (!is_file(path)) return evals;
  std::istringstream lines(read_text_file(path));
  for (std::string line; std::getline(lines, line);) {
    const std::optional<Json> document = Json::try_parse(line);
    if (!document || !document->is_object()) break;  // torn, or not ours
    try {
      evals.push_back(parse_eval(run, *document));
    } catch (const JsonError&) {
      break;  // not ours
    }
  }
  return evals;
}

}  // namespace tern
