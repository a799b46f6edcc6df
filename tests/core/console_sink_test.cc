// Golden text: what a person sees.

#include "core/metrics/console_sink.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

namespace tern {
namespace {

MetricsRecord report(std::int64_t step, double seconds) {
  return {step, seconds, {{"rollout/return", 187.25}, {"train/loss", 0.03125}}};
}

ConsoleOptions plain(std::int64_t total_steps) {
  ConsoleOptions options;
  options.total_steps = total_steps;
  return options;
}

ConsoleOptions terminal(std::int64_t total_steps) {
  ConsoleOptions options = plain(total_steps);
  options.terminal = true;
  return options;
}

TEST(ConsoleSink, PlainLinesSayHowFarHowFastAndHowWell) {
  std::ostringstream out;
  ConsoleSink sink(out, plain(100'000));
  sink.write(report(2'048, 0.25));
  sink.write(report(41'000, 4.25));
  sink.write(report(100'000, 12.25));
  EXPECT_EQ(out.str(),
            "  2,048/100,000    2%  return 187.2  loss 0.0312\n"
            " 41,000/100,000   41%  9,738 steps/s  ETA 6 s  return 187.2  loss 0.0312\n"
            "100,000/100,000  100%  8,163 steps/s  return 187.2  loss 0.0312\n");
}

TEST(ConsoleSink, PlainLinesComeEachTwentiethOfTheRun) {
  std::ostringstream out;
  {
    ConsoleSink sink(out, plain(100'000));
    for (std::int64_t step = 100; step <= 100'000; step += 100)
      sink.write(report(step, 1e-5 * step));
  }
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 21) << text;
}

TEST(ConsoleSink, PlainLinesOfASlowRunComeEachMinute) {
  std::ostringstream out;
  {
    ConsoleSink sink(out, plain(1'000'000'000));
    for (int second = 1; second <= 600; ++second) sink.write(report(second, second));
  }
  const std::string text = out.str();
  // At 1, 60, 120, .., 600.
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 11) << text;
}

TEST(ConsoleSink, TheLastReportIsShownAtTheEnd) {
  std::ostringstream out;
  {
    ConsoleSink sink(out, plain(100'000));
    sink.write(report(1'000, 1));
    sink.write(report(1'500, 2));
    EXPECT_EQ(out.str().find("1,500"), std::string::npos);
  }
  EXPECT_NE(out.str().find("  1,500/100,000    1%  500 steps/s  ETA 3 min 17 s"), std::string::npos)
      << out.str();
}

TEST(ConsoleSink, ATerminalLineIsRedrawnInPlaceAndEndsWithANewline) {
  std::ostringstream out;
  ConsoleSink sink(out, terminal(1'000));
  sink.write({100, 1, {}});
  sink.write({200, 1.05, {}});  // too soon to draw again
  sink.write({300, 2, {}});
  EXPECT_EQ(out.str(), "\r\033[K  100/1,000   10%\r\033[K  300/1,000   30%  200 steps/s  ETA 4 s");
  const std::size_t drawn = out.str().size();
  sink.finish();
  sink.finish();
  EXPECT_EQ(out.str().substr(drawn), "\n");
}

TEST(ConsoleSink, AMessageStandsAboveTheProgressLine) {
  std::ostringstream out;
  ConsoleSink sink(out, terminal(1'000));
  sink.message("runs/x");
  sink.write({100, 1, {}});
  sink.message("saved");
  EXPECT_EQ(out.str(), "runs/x\n\r\033[K  100/1,000   10%\r\033[Ksaved\n  100/1,000   10%");
}

TEST(ConsoleSink, ATerminalLineIsCutToTheWidthSoThatItNeverWraps) {
  std::ostringstream out;
  ConsoleOptions options = terminal(1'000);
  options.width = 10;
  ConsoleSink sink(out, options);
  sink.write(report(100, 1));
  EXPECT_EQ(out.str(), "\r\033[K  100/1,0");
}

TEST(ConsoleSink, AfterAResumeSpeedCountsFromThisProcessOnly) {
  std::ostringstream out;
  ConsoleSink sink(out, plain(100'000));
  sink.write({60'000, 600, {}});
  sink.write({70'000, 610, {}});
  EXPECT_EQ(out.str(),
            " 60,000/100,000   60%\n"
            " 70,000/100,000   70%  1,000 steps/s  ETA 30 s\n");
}

TEST(ConsoleSink, AReportWithoutAReturnKeepsTheOneBefore) {
  std::ostringstream out;
  ConsoleSink sink(out, plain(100));
  sink.write({10, 0, {{"rollout/return", 9}}});
  sink.write({20, 1, {{"train/loss", 1e-5}}});
  EXPECT_EQ(
      out.str(),
      " 10/100   10%  return 9.00\n 20/100   20%  10 steps/s  ETA 8 s  return 9.00  loss 1e-05\n");
}

TEST(ConsoleSink, WithoutATotalThereIsNoShareAndNoEta) {
  std::ostringstream out;
  ConsoleSink sink(out, plain(0));
  sink.write({10, 0, {}});
  sink.write({2'000, 61, {}});
  EXPECT_EQ(out.str(), "10\n2,000  33 steps/s\n");
}

TEST(ConsoleSink, LongWaitsAreSaidInHours) {
  std::ostringstream out;
  ConsoleSink sink(out, plain(1'000'000));
  sink.write({0, 0, {}});
  sink.write({50'000, 3'600, {}});
  EXPECT_NE(out.str().find("ETA 19 h 00 min"), std::string::npos) << out.str();
}

TEST(ConsoleSink, QuietSaysNothing) {
  std::ostringstream out;
  {
    ConsoleOptions options = terminal(100);
    options.quiet = true;
    ConsoleSink sink(out, options);
    sink.message("saved");
    sink.write(report(10, 1));
    sink.write(report(100, 20));
  }
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace tern
