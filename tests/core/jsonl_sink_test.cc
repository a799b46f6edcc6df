// Golden text, and the law that a file cut back and continued is that of a run never interrupted.

#include "core/metrics/jsonl_sink.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "tests/temporary_folder.h"

namespace tern {
namespace {

void write_reports(const std::string& path, std::int64_t first, std::int64_t last) {
  JsonlSink sink(path);
  for (std::int64_t step = first; step <= last; step += 10) {
    sink.write({step, std::sqrt(static_cast<double>(step)), {{"rollout/return", 21.5}}});
  }
  sink.flush();
}

TEST(JsonlSink, OneObjectALineInTheOrderOfTheReport) {
  TemporaryFolder folder;
  const std::string path = folder / "metrics.jsonl";
  JsonlSink sink(path);
  sink.write({2048, 1.25, {{"z", 0.1}, {"a", -3}}});
  const double infinity = std::numeric_limits<double>::infinity();
  sink.write({4096, 2.5, {{"say \"x\"", std::nan("")}, {"b", infinity}}});
  EXPECT_EQ(read_text_file(path),
            "{\"step\":2048,\"seconds\":1.25,\"z\":0.1,\"a\":-3.0}\n"
            "{\"step\":4096,\"seconds\":2.5,\"say \\\"x\\\"\":\"nan\",\"b\":\"inf\"}\n");
}

TEST(JsonlSink, NumbersReadBackAsTheSameBits) {
  TemporaryFolder folder;
  const std::string path = folder / "metrics.jsonl";
  const double values[] = {1.0 / 3, 5e-324, 1.7976931348623157e308, -0.1, 123456789.123456789};
  JsonlSink sink(path);
  for (const double value : values) sink.write({1, 0, {{"x", value}}});
  std::istringstream lines(read_text_file(path));
  std::string line;
  for (const double value : values) {
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_EQ(nlohmann::json::parse(line)["x"].get<double>(), value);
  }
}

TEST(JsonlSink, CutBackAnywhereAndContinuedIsTheFileOfARunNeverInterrupted) {
  TemporaryFolder folder;
  write_reports(folder / "whole.jsonl", 10, 60);
  const std::string whole = read_text_file(folder / "whole.jsonl");
  const std::string path = folder / "metrics.jsonl";
  for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    write_file_durably(path, as_bytes(whole.substr(0, bytes)));
    JsonlSink::truncate_after(path, 30);
    const std::string kept = read_text_file(path);
    ASSERT_EQ(whole.substr(0, kept.size()), kept);
    ASSERT_TRUE(kept.empty() || kept.back() == '\n');
    ASSERT_EQ(kept.find("\"step\":40"), std::string::npos);
    const auto reports = std::count(kept.begin(), kept.end(), '\n');
    write_reports(path, 10 * (reports + 1), 60);
    ASSERT_EQ(read_text_file(path), whole) << "killed after " << bytes << " bytes";
  }
}

TEST(JsonlSink, LinesThatAreNoRecordsEndTheFile) {
  TemporaryFolder folder;
  const std::string path = folder / "metrics.jsonl";
  for (const char* line : {"[1]", "{}", "{\"step\":\"1\"}", "{\"step\":1.5}", "{\"step\":", ""}) {
    write_file_durably(path, as_bytes("{\"step\":1}\n" + std::string(line) + "\n{\"step\":1}\n"));
    JsonlSink::truncate_after(path, 5);
    EXPECT_EQ(read_text_file(path), "{\"step\":1}\n") << line;
  }
}

}  // namespace
}  // namespace tern
