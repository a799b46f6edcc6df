#include "agents/algorithm/nonfinite_report.h"

#include "core/files/file_io.h"
#include "core/files/json.h"

namespace tern {

std::string write_nonfinite_report(const std::string& run, std::int64_t step,
                                   const NonFiniteError& error) {
  Json document;
  document["message"] = error.what();
  document["step"] = step;
  for (const NamedArray& array : error.batch()) {
    document["batch"][array.name] = {{"shape", array.shape}, {"values", array.values}};
  }
  const std::string path = run + "/nonfinite-step-" + std::to_string(step) + ".json";
  const std::string text = document.dump() + "\n";
  write_file_durably(path, as_bytes(text));
  return path;
}

}  // namespace tern
