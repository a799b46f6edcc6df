#include "core/metrics/csv_sink.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/files/line_file.h"
#include "core/params.h"

namespace tern {
namespace {

constexpr std::string_view kFixedColumns = "step,seconds";

/// A cell as RFC 4180 wants it: quoted if it holds a comma, a quote or a line break.
std::string quoted_cell(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string text = "\"";
  for (const char c : cell) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

/// The cells of a header line.
std::vector<std::string> split_header(std::string_view line) {
  std::vector<std::string> cells(1);
  bool inside_quotes = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && inside_quotes && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += line[i++];
    } else if (line[i] == '"') {
      inside_quotes = !inside_quotes;
    } else if (line[i] == ',' && !inside_quotes) {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  return cells;
}

std::string header_line(const std::vector<std::string>& names) {
  std::string line(kFixedColumns);
  for (const std::string& name : names) line += "," + quoted_cell(name);
  return line + "\n";
}

bool is_row_up_to(std::string_view row, std::int64_t step) {
  std::int64_t row_step = 0;
  const auto result = std::from_chars(row.data(), row.data() + row.size(), row_step);
  const bool is_row =
      result.ec == std::errc() && result.ptr != row.data() + row.size() && *result.ptr == ',';
  return is_row && row_step <= step;
}

}  // namespace

CsvSink::CsvSink(std::string path) : file_(std::move(path)) {
  keep_lines(file_.path(), [](std::string_view, std::int64_t) { return true; });  // a torn last row
  const std::string text = read_text_file(file_.path());
  file_ = AppendFile(file_.path());
  if (text.empty()) return;  // the header comes with the first report
  const std::vector<std::string> cells = split_header(text.substr(0, text.find('\n')));
  if (cells.size() < 2 || cells[0] != "step" || cells[1] != "seconds") {
    throw Error::failure(file_.path() + " does not begin with the columns '" +
                         std::string(kFixedColumns) +
                         "', so it is no table of metrics; move it away");
  }
  names_.assign(cells.begin() + 2, cells.end());
}

void CsvSink::write(const MetricsRecord& record) {
  add_columns(record);
  std::string row = std::to_string(record.step) + "," + format_number(record.seconds);
  std::vector<std::string> cells(names_.size());
  for (const Metric& metric : record.metrics) {
    const auto column = std::find(names_.begin(), names_.end(), metric.name) - names_.begin();
    cells[static_cast<std::size_t>(column)] = format_number(metric.value);
  }
  for (const std::string& cell : cells) row += "," + cell;
  file_.write(row + "\n");
}

void CsvSink::flush() {
  file_.start_sync();
}

void CsvSink::add_columns(const MetricsRecord& record) {
  std::vector<std::string> names = names_;
  for (const Metric& metric : record.metrics) {
    if (std::find(names.begin(), names.end(), metric.name) == names.end()) {
      names.push_back(metric.name);
    }
  }
  if (names.size() == names_.size() && file_.size() > 0) return;
  const std::string padding(names.size() - names_.size(), ',');
  const std::string old_text = read_text_file(file_.path());
  std::string text = header_line(names);
  std::size_t begin = old_text.find('\n');
  begin = begin == std::string::npos ? old_text.size() : begin + 1;
  while (begin < old_text.size()) {
    const std::size_t end = old_text.find('\n', begin);
    text += old_text.substr(begin, end - begin) + padding + "\n";
    begin = end + 1;
  }
  write_file_durably(file_.path(), as_bytes(text));
  file_ = AppendFile(file_.path());
  names_ = std::move(names);
}

void CsvSink::truncate_after(const std::string& path, std::int64_t step) {
  keep_lines(path, [step](std::string_view line, std::int64_t number) {
    return number == 0 || is_row_up_to(line, step);
  });
}

}  // namespace tern
