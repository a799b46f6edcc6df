#include "core/metrics/console_sink.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <ostream>
#include <utility>

#include "core/metrics/return_text.h"
#include "core/utf8.h"

namespace tern {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr double kPlainSeconds = 60;
constexpr double kPlainShare = 0.05;
constexpr const char* kClearLine = "\r\033[K";

/// "1,234,567"
std::string grouped(std::int64_t value) {
  std::string text = std::to_string(value);
  const std::size_t first_digit = value < 0 ? 1 : 0;
  for (std::size_t i = text.size(); i > first_digit + 3;) text.insert(i -= 3, ",");
  return text;
}

/// "7 s", "3 min 05 s", "2 h 10 min".
std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(std::llround(seconds));
  char text[48];
  if (whole < 60) {
    std::snprintf(text, sizeof text, "%lld s", whole);
  } else if (whole < 3600) {
    std::snprintf(text, sizeof text, "%lld min %02lld s", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld h %02lld min", whole / 3600, whole / 60 % 60);
  }
  return text;
}

std::string number_text(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

ConsoleSink::ConsoleSink(std::ostream& out, ConsoleOptions options)
    : out_(out), options_(std::move(options)) {}

ConsoleSink::~ConsoleSink() {
  finish();
}

ConsoleOptions ConsoleSink::for_stderr(std::int64_t total_steps, bool quiet) {
  ConsoleOptions options;
  options.total_steps = total_steps;
  options.quiet = quiet;
  options.terminal = ::isatty(STDERR_FILENO) == 1;
  struct winsize size = {};
  if (options.terminal && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    options.width = size.ws_col;
  }
  return options;
}

void ConsoleSink::write(const MetricsRecord& record) {
  const bool is_first = !has_report_;
  if (is_first) {
    first_step_ = record.step;
    first_seconds_ = record.seconds;
  }
  has_report_ = true;
  shown_ = false;
  step_ = record.step;
  seconds_ = record.seconds;
  for (const Metric& metric : record.metrics) {
    if (metric.name == options_.return_metric) {
      has_return_ = true;
      return_ = metric.value;
    } else if (metric.name == options_.loss_metric) {
      has_loss_ = true;
      loss_ = metric.value;
    }
  }
  const double passed = seconds_ - shown_seconds_;
  const double share = kPlainShare * static_cast<double>(options_.total_steps);
  const bool far_on = options_.total_steps > 0 && static_cast<double>(step_ - shown_step_) >= share;
  const bool due = options_.terminal ? passed >= kRedrawSeconds : passed >= kPlainSeconds || far_on;
  if (is_first || due) show();
}

void ConsoleSink::message(const std::string& line) {
  if (options_.quiet) return;
  if (line_open_) out_ << kClearLine;
  out_ << shown(line) << '\n';
  if (line_open_) out_ << progress_line();
  out_.flush();
}

void ConsoleSink::finish() {
  if (!shown_) show();
  if (line_open_) out_ << std::endl;
  line_open_ = false;
}

void ConsoleSink::show() {
  shown_ = true;
  shown_step_ = step_;
  shown_seconds_ = seconds_;
  if (options_.quiet) return;
  if (options_.terminal) {
    out_ << kClearLine << progress_line() << std::flush;
    line_open_ = true;
  } else {
    out_ << progress_line() << std::endl;
  }
}

std::string ConsoleSink::progress_line() const {
  const std::string total = grouped(options_.total_steps);
  std::string steps = grouped(step_);
  if (options_.total_steps > 0) {
    if (steps.size() < total.size()) steps.insert(0, total.size() - steps.size(), ' ');
    const double share = static_cast<double>(step_) / static_cast<double>(options_.total_steps);
    steps += "/" + total + number_text("  %3.0f%%", std::floor(100 * share));
  }
  std::string line = steps;
  const double seconds = seconds_ - first_seconds_;
  if (seconds > 0 && step_ > first_step_) {
    const double speed = static_cast<double>(step_ - first_step_) / seconds;
    line += "  " + grouped(std::llround(speed)) + " steps/s";
    if (step_ < options_.total_steps) {
      line += "  ETA " + duration_text(static_cast<double>(options_.total_steps - step_) / speed);
    }
  }
  if (has_return_) line += "  return " + return_text(return_);
  if (has_loss_) line += number_text("  loss %.3g", loss_);
  // The last column stays free: a full line makes some terminals wrap.
  if (options_.terminal && options_.width > 1 &&
      line.size() >= static_cast<std::size_t>(options_.width)) {
    line.resize(static_cast<std::size_t>(options_.width - 1));
  }
  return line;
}

}  // namespace tern
