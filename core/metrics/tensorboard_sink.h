#pragma once
// Writes metrics as scalars of TensorBoard's event files.

#include <cstdint>
#include <functional>
#include <string>

#include "core/files/file_io.h"
#include "core/metrics/metrics.h"

namespace tern {

/// Writes a TensorBoard event file: records framed as TFRecords (length, its masked CRC-32C, data,
/// its masked CRC-32C), each an Event message in protobuf's wire format; the first one says
/// file_version "brain.Event:2", then one Event a report holds the metrics as simple_value scalars
/// (float32). The file's name must contain "tfevents" for TensorBoard to see it. An existing file
/// is continued.
class TensorBoardSink : public MetricsSink {
 public:
  /// now: seconds since 1970, for the events' wall_time; empty: the system's clock.
  explicit TensorBoardSink(std::string path, std::function<double()> now = {});
  void write(const MetricsRecord& record) override;
  void flush() override;

  /// Drops all events after `step`, from the first such event on, and a last record that is cut
  /// short or does not match its checksums. A file that does not exist is fine.
  static void truncate_after(const std::string& path, std::int64_t step);

 private:
  std::function<double()> now_;
  AppendFile file_;
};

}  // namespace tern
