#pragma once
// Writes metrics as CSV: one row a report, one column a metric.

#include <cstdint>
#include <string>
#include <vector>

#include "core/files/file_io.h"
#include "core/metrics/metrics.h"

namespace tern {

/// Writes metrics.csv: the columns `step,seconds`, then one for each metric in the order in which
/// names first appeared. A column never moves. A name that is new joins at the right: the file is
/// rewritten once, atomically, with an empty cell in each older row; this happens at the first
/// reports of a run and at the first evaluation. A metric missing from a report leaves its cell
/// empty. Numbers have round-trip precision. An existing file is continued.
class CsvSink : public MetricsSink {
 public:
  /// Throws Error::failure if the file cannot be written or does not begin with our two columns.
  explicit CsvSink(std::string path);
  void write(const MetricsRecord& record) override;
  void flush() override;

  /// Drops all rows after `step`, from the first such row on, and a last row that was cut short.
  /// A file that does not exist is fine.
  static void truncate_after(const std::string& path, std::int64_t step);

 private:
  void add_columns(const MetricsRecord& record);

  std::vector<std::string> names_;  // of the columns after step and seconds
  AppendFile file_;
};

}  // namespace tern
