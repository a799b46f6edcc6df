#include "agents/algorithm/nonfinite_report.h"

#include <nlohmann/json.hpp>

#include "core/files/file_io.h"
#include "core/files/json_text.h"

namespace tern {

std::string write_nonfinite_report(const std::string& run, std::int64_t step,
                                   const NonFiniteError& error) {
  nlohmann::ordered_json document;
  document["message"] = error.what();
  document["step"] = step;
  for (const NamedArray& array : error.batch()) {
    nlohmann::ordered_json values = nlohmann::ordered_json::array();
    for (const float value : array.values) values.push_back(value);
    document["batch"][array.name] = {{"shape", array.shape}, {"values", std::move(values)}};
  }
  const std::string path = run + "/nonfinite-step-" + std::to_string(step) + ".json";
  const std::string text = json_text(std::move(document)) + "\n";
  write_file_durably(path, as_bytes(text));
  return path;
}

}  // namespace tern
