#include "core/metrics/jsonl_sink.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "core/files/json_text.h"
#include "core/files/line_file.h"

namespace tern {
namespace {

bool is_record_up_to(std::string_view line, std::int64_t step) {
  const auto document = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return false;
  const auto field = document.find("step");
  return field != document.end() && field->is_number_integer() &&
         field->get<std::int64_t>() <= step;
}

}  // namespace

JsonlSink::JsonlSink(std::string path) : file_(std::move(path)) {
  keep_lines(file_.path(),
             [](std::string_view, std::int64_t) { return true; });  // a torn last line
  file_ = AppendFile(file_.path());
}

void JsonlSink::write(const MetricsRecord& record) {
  nlohmann::ordered_json document;
  document["step"] = record.step;
  document["seconds"] = record.seconds;
  for (const Metric& metric : record.metrics) document[metric.name] = metric.value;
  file_.write(json_text(std::move(document)) + "\n");
}

void JsonlSink::flush() {
  file_.start_sync();
}

void JsonlSink::truncate_after(const std::string& path, std::int64_t step) {
  keep_lines(path,
             [step](std::string_view line, std::int64_t) { return is_record_up_to(line, step); });
}

}  // namespace tern
