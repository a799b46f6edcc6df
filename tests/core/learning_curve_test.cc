// Proof: worked examples of reports, law (what JsonlSink writes is read back).

#include "core/metrics/learning_curve.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/files/file_io.h"
#include "core/metrics/jsonl_sink.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

MetricsRecord report(std::int64_t step, double value) {
  return {step, static_cast<double>(step) / 100, {{"rollout/return", value}, {"train/loss", 1}}};
}

MetricsRecord evaluation(std::int64_t step, double mean, const std::string& series = "eval") {
  return {step,
          static_cast<double>(step) / 100,
          {{series + "/return", mean}, {series + "/return_std", 2}}};
}

TEST(LearningCurve, CollectsReturnsAndEvaluations) {
  LearningCurve curve;
  EXPECT_EQ(curve.step(), 0);
  EXPECT_EQ(curve.steps_per_second(), 0);
  curve.add(report(100, 5));
  curve.add({150, 1.5, {{"train/loss", 3}}});  // no episode has ended
  curve.add(report(200, 7));
  curve.add(evaluation(200, 9));
  curve.add(evaluation(200, 8, "final_eval"));
  ASSERT_EQ(curve.returns().size(), 2u);
  EXPECT_EQ(curve.returns()[1].step, 200);
  EXPECT_EQ(curve.returns()[1].value, 7);
  ASSERT_EQ(curve.evaluations().size(), 2u);
  EXPECT_EQ(curve.evaluations()[0].mean, 9);
  EXPECT_EQ(curve.evaluations()[0].deviation, 2);
  EXPECT_FALSE(curve.evaluations()[0].is_final);
  EXPECT_TRUE(curve.evaluations()[1].is_final);
  EXPECT_EQ(curve.step(), 200);
  EXPECT_DOUBLE_EQ(curve.steps_per_second(), 100);
}

TEST(LearningCurve, TheSpeedIsThatOfTheLastReports) {
  LearningCurve curve;
  for (int i = 1; i <= 20; ++i) curve.add({10 * i, static_cast<double>(i), {}});
  for (int i = 1; i <= 8; ++i) curve.add({200 + 100 * i, 20.0 + i, {}});
  EXPECT_DOUBLE_EQ(curve.steps_per_second(), 100);
}

TEST(LearningCurve, AnEarlierStepVoidsWhatCameAfterIt) {
  LearningCurve curve;
  for (int step = 100; step <= 500; step += 100) {
    curve.add(report(step, step));
    curve.add(evaluation(step, step));
  }
  curve.add(report(250, -1));
  ASSERT_EQ(curve.returns().size(), 3u);
  EXPECT_EQ(curve.returns().back().value, -1);
  EXPECT_EQ(curve.evaluations().size(), 2u);
  EXPECT_EQ(curve.step(), 250);
}

TEST(LearningCurve, ALongOneIsThinnedOverItsWholeLength) {
  LearningCurve curve;
  constexpr std::int64_t kReports = 50'000;
  for (std::int64_t step = 1; step <= kReports; ++step) {
    curve.add(report(step, static_cast<double>(step)));
  }
  EXPECT_LE(curve.returns().size(), 2 * LearningCurve::kMostReturns);
  EXPECT_EQ(curve.returns().front().step, 1);
  EXPECT_EQ(curve.returns().back().step, kReports);
  for (std::size_t i = 1; i < curve.returns().size(); ++i) {
    EXPECT_LT(curve.returns()[i - 1].step, curve.returns()[i].step);
    EXPECT_LT(curve.returns()[i].step - curve.returns()[i - 1].step, 100);
  }
}

TEST(LearningCurve, ReadsWhatJsonlSinkWrites) {
  const TemporaryFolder folder;
  const double values[] = {1.25, std::numeric_limits<double>::quiet_NaN(),
                           -std::numeric_limits<double>::infinity()};
  {
    JsonlSink sink(folder / "metrics.jsonl");
    for (int i = 0; i < 3; ++i) sink.write(report(100 + i, values[i]));
  }
  const std::string text = read_text_file(folder / "metrics.jsonl");
  std::size_t begin = 0;
  for (int i = 0; i < 3; ++i) {
    const std::size_t end = text.find('\n', begin);
    const auto record = JsonlSink::parse(text.substr(begin, end - begin));
    begin = end + 1;
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->step, 100 + i);
    EXPECT_DOUBLE_EQ(record->seconds, 1 + 0.01 * i);
    ASSERT_EQ(record->metrics.size(), 2u);
    EXPECT_EQ(record->metrics[0].name, "rollout/return");
    const double read = record->metrics[0].value;
    EXPECT_TRUE(read == values[i] || (std::isnan(read) && std::isnan(values[i]))) << i;
  }
}

TEST(LearningCurve, WhatIsNoReportIsNone) {
  for (const char* line : {"", "{", "null", "[1]", "{}", "{\"step\":\"ten\"}", "{\"step\":1.5}",
                           "\xff\xfe", "{\"step\":3"}) {
    EXPECT_FALSE(JsonlSink::parse(line).has_value()) << line;
  }
  const auto record = JsonlSink::parse("{\"step\":3,\"note\":\"text\",\"a\":null,\"b\":{\"c\":1}}");
  ASSERT_TRUE(record.has_value());
  ASSERT_EQ(record->metrics.size(), 1u);
  EXPECT_EQ(record->metrics[0].name, "a");
}

}  // namespace
}  // namespace tern
