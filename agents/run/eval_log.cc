#include "agents/run/eval_log.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "agents/run/run_folder.h"
#include "core/files/file_io.h"

namespace tern {

void append_eval(const std::string& run, const EvalResult& result, double seconds) {
  nlohmann::ordered_json document;
  document["step"] = result.step;
  document["seconds"] = seconds;
  document["env"] = result.env;
  document["episodes"] = result.returns.size();
  document["mean"] = result.mean;
  document["std"] = result.std;
  document["returns"] = result.returns;
  document["lengths"] = result.lengths;
  AppendFile file(RunPaths(run).eval);
  file.write(document.dump() + "\n");
  file.start_sync();
}

std::vector<EvalResult> read_evals(const std::string& run) {
  std::vector<EvalResult> results;
  const std::string path = RunPaths(run).eval;
  if (!is_file(path)) return results;
  std::istringstream lines(read_text_file(path));
  for (std::string line; std::getline(lines, line);) {
    const auto document = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object()) break;  // torn
    EvalResult result;
    result.run = run;
    result.env = document.value("env", "");
    result.step = document.value("step", std::int64_t{0});
    result.mean = document.value("mean", 0.0);
    result.std = document.value("std", 0.0);
    result.returns = document.value("returns", std::vector<double>());
    result.lengths = document.value("lengths", std::vector<int>());
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace tern
