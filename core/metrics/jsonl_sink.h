#pragma once
// Writes metrics as JSON lines: one object a report.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/files/file_io.h"
#include "core/metrics/metrics.h"

namespace tern {

/// Writes metrics.jsonl: {"step":2048,"seconds":1.25,"rollout/return":21.5,...}. Numbers have
/// round-trip precision; NaN and infinities, which JSON lacks, are null. An existing file is
/// continued.
class JsonlSink : public MetricsSink {
 public:
  explicit JsonlSink(std::string path);
  void write(const MetricsRecord& record) override;
  void flush() override;

  /// One of its lines as the report that was written; null is NaN. Nothing for a line that is none.
  static std::optional<MetricsRecord> parse(std::string_view line);

  /// Drops all lines after `step`, from the first such line on, and a last line that was cut short.
  /// Works on any file of JSON objects with a "step" in ascending order, eval.jsonl too. A file
  /// that does not exist is fine.
  static void truncate_after(const std::string& path, std::int64_t step);

 private:
  AppendFile file_;
};

}  // namespace tern
