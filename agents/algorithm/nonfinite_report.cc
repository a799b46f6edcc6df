#include "agents/algorithm/nonfinite_report.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/files/file_io.h"
#include "core/params.h"

namespace tern {

std::string write_nonfinite_report(const std::string& run, std::int64_t step,
                                   const NonFiniteError& error) {
  nlohmann::ordered_json document;
  document["message"] = error.what();
  document["step"] = step;
  for (const NamedArray& array : error.batch()) {
    nlohmann::ordered_json values = nlohmann::ordered_json::array();
    for (const float value : array.values) {
      if (std::isfinite(value)) {
        values.push_back(value);
      } else {
        values.push_back(format_number(value));
      }
    }
    document["batch"][array.name] = {{"shape", array.shape}, {"values", std::move(values)}};
  }
  const std::string path = run + "/nonfinite-step-" + std::to_string(step) + ".json";
  const std::string text = document.dump() + "\n";
  write_file_durably(path, as_bytes(text));
  return path;
}

}  // namespace tern
