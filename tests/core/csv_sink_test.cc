// Golden text, and the law that a run cut back and continued has the file of one never interrupted.

#include "core/metrics/csv_sink.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "core/error.h"
#include "tests/error_of.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

void write_reports(const std::string& path, std::int64_t first, std::int64_t last) {
  CsvSink sink(path);
  for (std::int64_t step = first; step <= last; step += 10) {
    MetricsRecord record{step, static_cast<double>(step) / 8, {{"train/loss", 1.0 / 3}}};
    if (step >= 20) record.metrics.insert(record.metrics.begin(), {"rollout/return", 21.5});
    if (step % 30 == 0)
      record.metrics.push_back({"eval/return", 1e-30 * static_cast<double>(step)});
    sink.write(record);
  }
  sink.flush();
}

TEST(CsvSink, NewMetricsJoinAtTheRightAndOldRowsGetEmptyCells) {
  TemporaryFolder folder;
  const std::string path = folder / "metrics.csv";
  write_reports(path, 10, 40);
  EXPECT_EQ(read_text_file(path),
            "step,seconds,train/loss,rollout/return,eval/return\n"
            "10,1.25,0.3333333333333333,,\n"
            "20,2.5,0.3333333333333333,21.5,\n"
            "30,3.75,0.3333333333333333,21.5,3e-29\n"
            "40,5,0.3333333333333333,21.5,\n");
}

TEST(CsvSink, OddNumbersAndNamesSurvive) {
  TemporaryFolder folder;
  const std::string path = folder / "metrics.csv";
  {
    CsvSink sink(path);
    sink.write({1, 0, {{"a,b", std::numeric_limits<double>::quiet_NaN()}, {"say \"x\"", -0.0}}});
  }
  CsvSink sink(path);  // must recognise its own columns
  sink.write({2, 0, {{"say \"x\"", std::numeric_limits<double>::infinity()}, {"c", 1}}});
  EXPECT_EQ(read_text_file(path),
            "step,seconds,\"a,b\",\"say \"\"x\"\"\",c\n1,0,nan,-0,\n2,0,,inf,1\n");
}

TEST(CsvSink, EachReportIsInTheFileAtOnce) {
  TemporaryFolder folder;
  const std::string path = folder / "metrics.csv";
  CsvSink sink(path);
  EXPECT_EQ(read_text_file(path), "");
  sink.write({1, 0.5, {}});
  EXPECT_EQ(read_text_file(path), "step,seconds\n1,0.5\n");
}

TEST(CsvSink, CutBackAnywhereAndContinuedIsTheFileOfARunNeverInterrupted) {
  TemporaryFolder folder;
  write_reports(folder / "whole.csv", 10, 90);
  const std::string whole = read_text_file(folder / "whole.csv");
  for (std::int64_t checkpoint = 0; checkpoint <= 90; checkpoint += 10) {
    // Killed at every byte after the checkpoint's report.
    const std::string path = folder / "metrics.csv";
    write_file_durably(path, as_bytes(whole));
    CsvSink::truncate_after(path, checkpoint);
    const auto kept = static_cast<std::size_t>(file_bytes(path));
    for (std::size_t bytes = kept; bytes <= whole.size(); ++bytes) {
      write_file_durably(path, as_bytes(whole.substr(0, bytes)));
      CsvSink::truncate_after(path, checkpoint);
      ASSERT_EQ(file_bytes(path), static_cast<std::int64_t>(kept)) << checkpoint << " " << bytes;
    }
    write_reports(path, checkpoint + 10, 90);
    ASSERT_EQ(read_text_file(path), whole) << "cut back to " << checkpoint;
  }
}

TEST(CsvSink, ARowCutShortIsDroppedWhenTheFileIsContinued) {
  TemporaryFolder folder;
  const std::string path = folder / "metrics.csv";
  write_file_durably(path, as_bytes("step,seconds,a\n1,0,5\n2,0,"));
  CsvSink(path).write({3, 0, {{"a", 7}}});
  EXPECT_EQ(read_text_file(path), "step,seconds,a\n1,0,5\n3,0,7\n");
}

TEST(CsvSink, AForeignTableIsRefused) {
  TemporaryFolder folder;
  const std::string path = folder / "metrics.csv";
  write_file_durably(path, as_bytes("time,value\n1,2\n"));
  EXPECT_EQ(error_of([&] { CsvSink sink(path); }),
            path +
                " does not begin with the columns 'step,seconds', so it is no table of metrics; "
                "move it away");
  EXPECT_EQ(read_text_file(path), "time,value\n1,2\n");
}

}  // namespace
}  // namespace tern
