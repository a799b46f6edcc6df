#include "agents/run/eval_log.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "agents/run/run_folder.h"
#include "core/files/file_io.h"
#include "core/files/json_text.h"

namespace tern {

namespace {

/// An array of numbers; those that are none are left out.
std::vector<double> numbers_of(const nlohmann::json& list) {
  std::vector<double> numbers;
  for (const nlohmann::json& value : list) {
    if (is_json_number(value)) numbers.push_back(json_number(value));
  }
  return numbers;
}

double number_of(const nlohmann::json& document, const char* key) {
  const auto value = document.find(key);
  return value != document.end() && is_json_number(*value) ? json_number(*value) : 0;
}

LoggedEval parse_eval(const std::string& run, const nlohmann::json& document) {
  LoggedEval eval;
  if (document.value("series", "") == name_of(EvalSeries::kFinal)) eval.series = EvalSeries::kFinal;
  EvalResult& result = eval.result;
  result.run = run;
  result.env = document.value("env", "");
  result.step = document.value("step", std::int64_t{0});
  result.cut = document.value("cut", 0);
  result.mean = number_of(document, "mean");
  result.std = number_of(document, "std");
  result.returns = numbers_of(document.value("returns", nlohmann::json::array()));
  result.lengths = document.value("lengths", std::vector<int>());
  return eval;
}

}  // namespace

std::string name_of(EvalSeries series) {
  return series == EvalSeries::kFinal ? "final_eval" : "eval";
}

void append_eval(const std::string& run, EvalSeries series, const EvalResult& result,
                 double seconds) {
  nlohmann::ordered_json document;
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
  file.write(json_text(std::move(document)) + "\n");
  file.start_sync();
}

std::vector<LoggedEval> read_evals(const std::string& run) {
  std::vector<LoggedEval> evals;
  const std::string path = RunPaths(run).eval;
  if (!is_file(path)) return evals;
  std::istringstream lines(read_text_file(path));
  for (std::string line; std::getline(lines, line);) {
    const auto document = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object()) break;  // torn
    try {
      evals.push_back(parse_eval(run, document));
    } catch (const nlohmann::json::exception&) {
      break;  // not ours
    }
  }
  return evals;
}

}  // namespace tern
