#include "core/metrics/jsonl_sink.h"

#include <optional>
#include <string_view>
#include <utility>

#include "core/files/json.h"
#include "core/files/line_file.h"

namespace tern {
namespace {

bool is_record_up_to(std::string_view line, std::int64_t step) {
  const std::optional<Json> document = Json::try_parse(line);
  if (!document) return false;
  const Json& field = (*document)["step"];
  return field.is_integer() && field.integer() <= step;
}

}  // namespace

JsonlSink::JsonlSink(std::string path) : file_(std::move(path)) {
  keep_lines(file_.path(),
             [](std::string_view, std::int64_t) { return true; });  // a torn last line
  file_ = AppendFile(file_.path());
}

void JsonlSink::write(const MetricsRecord& record) {
  Json document;
  document["step"] = record.step;
  document["seconds"] = record.seconds;
  for (const Metric& metric : record.metrics) document[metric.name] = metric.value;
  file_.write(document.dump() + "\n");
}

void JsonlSink::flush() {
  file_.start_sync();
}

void JsonlSink::truncate_after(const std::string& path, std::int64_t step) {
  keep_lines(path,
             [step](std::string_view line, std::int64_t) { return is_record_up_to(line, step); });
}

}  // namespace tern
