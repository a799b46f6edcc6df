// Worked examples of the newest gradient steps' means, and the law that a saved window goes on as it was.

#include "agents/algorithm/update_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/error_of.h"

namespace tern {
namespace {

using testing::HasSubstr;

using Report = std::vector<std::pair<std::string, double>>;

Report report_of(const UpdateWindow& window) {
  std::vector<Metric> metrics;
  window.report(metrics);
  Report report;
  for (const Metric& metric : metrics) report.emplace_back(metric.name, metric.value);
  return report;
}

TEST(UpdateWindow, BeforeTheFirstStepOnlyTheirNumberIsReported) {
  EXPECT_EQ(report_of(UpdateWindow({"loss"})), (Report{{"train/gradient_steps", 0}}));
}

TEST(UpdateWindow, ReportsTheMeanOfEachName) {
  UpdateWindow window({"loss", "mean_q"});
  window.add({1, 10});
  window.add({2, 40});
  const Report expected = {{"train/gradient_steps", 2}, {"train/loss", 1.5}, {"train/mean_q", 25}};
  EXPECT_EQ(report_of(window), expected);
  EXPECT_EQ(report_of(window), expected);  // reporting changes nothing
}

TEST(UpdateWindow, ForgetsTheOldestBeyondItsCapacity) {
  UpdateWindow window({"loss"}, /*capacity=*/3);
  for (const double loss : {100, 1, 2, 3, 4}) window.add({loss});
  EXPECT_EQ(window.count(), 5);
  EXPECT_EQ(window.mean(0), 3);  // of 2, 3, 4
  window.clear();
  EXPECT_EQ(window.count(), 0);
  EXPECT_EQ(window.mean(0), 0);
  window.add({7});
  EXPECT_EQ(window.mean(0), 7);
}

// Wherever the cut falls in the ring.
TEST(UpdateWindow, GoesOnAfterALoadAsIfThereHadBeenNone) {
  for (int cut = 0; cut < 8; ++cut) {
    UpdateWindow whole({"loss"}, 3), loaded({"loss"}, 3);
    for (int i = 0; i < cut; ++i) whole.add({double(i * i)});
    StateWriter out;
    whole.save(out);
    StateReader in{Row<const std::uint8_t>(out.bytes())};
    loaded.load(in);
    EXPECT_EQ(in.remaining(), 0u);
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(report_of(loaded), report_of(whole)) << "cut " << cut << ", then " << i;
      for (UpdateWindow* window : {&whole, &loaded}) window->add({double(i)});
    }
  }
}

TEST(UpdateWindow, RefusesASavedStateOfAnotherSize) {
  UpdateWindow window({"loss"}, 3);
  window.add({1});
  StateWriter out;
  window.save(out);
  std::vector<std::uint8_t> bytes = out.bytes();
  for (const std::int64_t count : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{2}}) {
    std::memcpy(bytes.data(), &count, sizeof count);
    StateReader in{Row<const std::uint8_t>(bytes)};
    EXPECT_THAT(error_of([&] { window.load(in); }), HasSubstr("saved state is damaged"));
  }
}

}  // namespace
}  // namespace tern
