#pragma once
// Writes metrics as a progress line in the terminal.

#include <cstdint>
#include <iosfwd>
#include <string>

#include "core/metrics/metrics.h"

namespace tern {

struct ConsoleOptions {
  std::int64_t total_steps = 0;  // that will be done; 0: unknown, then neither % nor ETA
  bool quiet = false;            // nothing at all
  bool terminal = false;         // redraw one line in place; otherwise plain lines
  int width = 80;                // columns of the terminal; the line is cut to fit
  std::string return_metric = "rollout/return";
  std::string loss_metric = "train/loss";
};

/// "  40,960/100,000  41%  12,400 steps/s  ETA 5 s  return 187.2  loss 0.031". On a terminal the
/// line is redrawn in place, at most ten times a second of training. Elsewhere plain lines: the
/// first report, then one each 5 % of the run or minute of training, and the last. Speed and ETA
/// count from this process's first report, so that they are right after a resume. A report without
/// a return or a loss keeps the ones before.
class ConsoleSink : public MetricsSink {
 public:
  /// out: kept by the caller; std::cerr in the program.
  ConsoleSink(std::ostream& out, ConsoleOptions options);
  ~ConsoleSink() override;
  /// For the standard error stream: finds out whether it is a terminal and how wide.
  static ConsoleOptions for_stderr(std::int64_t total_steps, bool quiet);

  void write(const MetricsRecord& record) override;
  /// Where the run will end, once it is known.
  void set_total_steps(std::int64_t steps) { options_.total_steps = steps; }
  /// A line of its own, above the progress line.
  void message(const std::string& line);
  /// Shows the newest report if it is not yet shown and ends the progress line. The destructor too.
  void finish();

 private:
  void show();
  std::string progress_line() const;

  std::ostream& out_;
  ConsoleOptions options_;
  bool has_report_ = false;
  bool shown_ = true;       // the newest report is on the screen
  bool line_open_ = false;  // on a terminal: the cursor stands in the progress line
  std::int64_t first_step_ = 0, step_ = 0, shown_step_ = 0;
  double first_seconds_ = 0, seconds_ = 0, shown_seconds_ = 0;
  bool has_return_ = false, has_loss_ = false;
  double return_ = 0, loss_ = 0;
};

}  // namespace tern
