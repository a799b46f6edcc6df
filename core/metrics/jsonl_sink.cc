#include "core/metrics/jsonl_sink.h"

#include <limits>
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

std::optional<MetricsRecord> JsonlSink::parse(std::string_view line) {
  const std::optional<Json> document = Json::try_parse(line);
  if (!document || !document->is_object() || !(*document)["step"].is_integer()) return std::nullopt;
  MetricsRecord record;
  for (std::size_t i = 0; i < document->size(); ++i) {
    const std::string& name = document->key(i);
    const Json& value = (*document)[i];
    if (name == "step") {
      record.step = value.integer();
    } else if (name == "seconds") {
      record.seconds = value.is_number_or_name() ? value.number() : 0;
    } else if (value.is_number_or_name()) {
      record.metrics.push_back({name, value.number()});
    } else if (value.is_null()) {
      record.metrics.push_back({name, std::numeric_limits<double>::quiet_NaN()});
    }
  }
  return record;
}

void JsonlSink::truncate_after(const std::string& path, std::int64_t step) {
  keep_lines(path,
             [step](std::string_view line, std::int64_t) { return is_record_up_to(line, step); });
}

}  // namespace tern
