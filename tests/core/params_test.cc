// Error texts, whole, of every mistake a user can make in a parameter; laws of reading and writing
// values; and a seeded storm of nonsense, which must be read or refused, never anything else.

#include "core/params.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "core/rng.h"
#include "tests/error_of.h"

namespace tern {
namespace {

struct Everything {
  bool slippery = true;
  int size = 8;
  std::int64_t total_steps = 100'000;
  double gamma = 0.99;
  double temperature = 1;
  std::string activation = "tanh";
  std::string note = "";
  std::vector<int> hidden_sizes = {64, 64};
  Schedule learning_rate = Schedule::constant(3e-4);

  template <class V>
  void visit(V& v) {
    v("slippery", slippery, "whether the ice is slippery");
    v("size", size, "rows and columns", in_range(2, 64));
    v("total_steps", total_steps, "of the run", at_least(1));
    v("gamma", gamma, "discount", in_range(0, 1));
    v("temperature", temperature, "of the choice", above(0));
    v("activation", activation, "of the hidden layers", one_of({"tanh", "relu"}));
    v("note", note, "anything");
    v("hidden_sizes", hidden_sizes, "widths of the hidden layers", at_least(1));
    v("learning_rate", learning_rate, "step size", above(0));
  }
};

/// The struct after loading one value.
Everything loaded(const std::string& key, const std::string& text) {
  Everything params;
  load_params(params, {{key, text, "a.yaml:7"}}, "env", "'tern describe X' lists all keys");
  return params;
}

std::string error_for(const std::string& key, const std::string& text) {
  return error_of([&] { loaded(key, text); }, ExitCode::kUsage);
}

TEST(Params, ReadNumbersAsPeopleWriteThem) {
  EXPECT_EQ(loaded("total_steps", "1e6").total_steps, 1'000'000);
  EXPECT_EQ(loaded("total_steps", "100_000").total_steps, 100'000);
  EXPECT_EQ(loaded("total_steps", "010").total_steps, 10);
  EXPECT_EQ(loaded("total_steps", " +5 ").total_steps, 5);
  EXPECT_EQ(loaded("gamma", ".5").gamma, 0.5);
  EXPECT_EQ(loaded("gamma", "5e-1").gamma, 0.5);
  EXPECT_EQ(loaded("gamma", "1").gamma, 1);
  EXPECT_EQ(loaded("temperature", "1_000.5").temperature, 1000.5);
}

TEST(Params, ReadWordsListsAndSchedules) {
  for (const char* yes : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", " true "}) {
    EXPECT_TRUE(loaded("slippery", yes).slippery) << yes;
  }
  for (const char* no : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}) {
    EXPECT_FALSE(loaded("slippery", no).slippery) << no;
  }
  EXPECT_EQ(loaded("activation", "relu").activation, "relu");
  EXPECT_EQ(loaded("note", "any: text").note, "any: text");
  EXPECT_EQ(loaded("hidden_sizes", "[256, 1_28]").hidden_sizes, (std::vector<int>{256, 128}));
  EXPECT_EQ(loaded("hidden_sizes", "32,32").hidden_sizes, (std::vector<int>{32, 32}));
  EXPECT_TRUE(loaded("hidden_sizes", "[]").hidden_sizes.empty());
  EXPECT_TRUE(loaded("learning_rate", "1e-3").learning_rate.is_constant());
  EXPECT_EQ(loaded("learning_rate", "lin_1e-3").learning_rate.end, 0);
  const Schedule steps =
      loaded("learning_rate", "{start: 1, end: 0.05, steps: 10_000}").learning_rate;
  EXPECT_EQ(steps.start, 1);
  EXPECT_EQ(steps.end, 0.05);
  EXPECT_EQ(steps.steps, 10'000);
}

// 2^53 + 1 and 2^53 + 2 lie where a double knows even numbers only.
TEST(Params, WholeNumbersAreExactToTheLastOf64Bits) {
  const auto read = [](const std::string& text) {
    return ParamCodec<std::int64_t>::parse(text, {});
  };
  for (const std::int64_t value :
       {std::int64_t{9007199254740992}, std::int64_t{9007199254740993}, std::int64_t{9007199254740994},
        std::int64_t{-9007199254740993}, std::numeric_limits<std::int64_t>::max() - 1,
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_EQ(read(std::to_string(value)), value);
  }
  EXPECT_EQ(read("9_007_199_254_740_993"), 9007199254740993);
  EXPECT_EQ(read("9.007199254740993e15"), 9007199254740993);
  EXPECT_EQ(read("90071992547409930e-1"), 9007199254740993);
  EXPECT_EQ(read("9e18"), 9'000'000'000'000'000'000);
  EXPECT_EQ(read("1.50e1"), 15);
  EXPECT_EQ(read("0e999999999999999999999"), 0);
  EXPECT_EQ(read("-0"), 0);
}

TEST(Params, WholeNumbersBeyond64BitsAreOutOfRange) {
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "1e19", "-1e300",
                           "1e99999999999999999999"}) {
    EXPECT_EQ(error_for("total_steps", text),
              "a.yaml:7: env.total_steps: '" + std::string(text) +
                  "' is out of range; whole numbers reach from -9223372036854775808 to "
                  "9223372036854775807");
  }
}

// Limits are doubles; what is compared with them is not.
TEST(Params, WholeNumbersAreComparedWithTheirLimitsExactly) {
  const auto read = [](const std::string& text, const Limits& limits) {
    return ParamCodec<std::int64_t>::parse(text, limits);
  };
  const Limits up_to_2_to_53 = in_range(-9007199254740992.0, 9007199254740992.0);
  EXPECT_EQ(read("9007199254740992", up_to_2_to_53), 9007199254740992);
  EXPECT_THROW(read("9007199254740993", up_to_2_to_53), Error);
  EXPECT_THROW(read("-9007199254740993", up_to_2_to_53), Error);
  EXPECT_EQ(read("1", in_range(0.5, 1.5)), 1);
  EXPECT_THROW(read("0", in_range(0.5, 1.5)), Error);
  EXPECT_THROW(read("2", in_range(0.5, 1.5)), Error);
  EXPECT_THROW(read("0", above(0)), Error);
  EXPECT_EQ(read("1", above(0)), 1);
  EXPECT_THROW(read("3", in_open_range(0, 3)), Error);
  EXPECT_EQ(read("9223372036854775807", at_least(0)), std::numeric_limits<std::int64_t>::max());
}

TEST(Params, ALaterValueOverridesAnEarlierOne) {
  Everything params;
  load_params(params, {{"size", "3", "a.yaml:1"}, {"size", "5", "command line"}}, "env");
  EXPECT_EQ(params.size, 5);
  EXPECT_EQ(params.gamma, 0.99);  // what nobody named stays
}

TEST(Params, ErrorsNamePlaceKeyValueAndWhatWasExpected) {
  EXPECT_EQ(error_for("slippery", "maybe"), "a.yaml:7: env.slippery: 'maybe' is not true or false");
  EXPECT_EQ(error_for("size", "1"), "a.yaml:7: env.size: 1 is out of range; expected [2, 64]");
  EXPECT_EQ(error_for("size", "many"), "a.yaml:7: env.size: 'many' is not a whole number");
  EXPECT_EQ(error_for("size", "2.5"), "a.yaml:7: env.size: '2.5' is not a whole number");
  EXPECT_EQ(error_for("size", ""), "a.yaml:7: env.size: '' is not a whole number");
  EXPECT_EQ(error_for("total_steps", "0"),
            "a.yaml:7: env.total_steps: 0 is out of range; expected >= 1");
  EXPECT_EQ(error_for("size", "2147483648"),
            "a.yaml:7: env.size: 2147483648 is out of range; expected [2, 64]");
  EXPECT_EQ(error_for("size", "1e-1"), "a.yaml:7: env.size: '1e-1' is not a whole number");
  EXPECT_EQ(error_for("gamma", "1e999"),
            "a.yaml:7: env.gamma: '1e999' is out of range; numbers reach from "
            "2.2250738585072014e-308 to 1.7976931348623157e+308, and the same below 0");
  EXPECT_EQ(error_for("gamma", "1.5"), "a.yaml:7: env.gamma: 1.5 is out of range; expected [0, 1]");
  EXPECT_EQ(error_for("gamma", "0.9.9"), "a.yaml:7: env.gamma: '0.9.9' is not a number");
  EXPECT_EQ(error_for("temperature", "0"),
            "a.yaml:7: env.temperature: 0 is out of range; expected > 0");
  EXPECT_EQ(error_for("activation", "rely"),
            "a.yaml:7: env.activation: 'rely' is not one of tanh|relu. Did you mean 'relu'?");
  EXPECT_EQ(error_for("activation", "sigmoid"),
            "a.yaml:7: env.activation: 'sigmoid' is not one of tanh|relu.");
  EXPECT_EQ(error_for("hidden_sizes", "[64, x]"),
            "a.yaml:7: env.hidden_sizes: 'x' is not a whole number");
  EXPECT_EQ(error_for("hidden_sizes", "[64, 0]"),
            "a.yaml:7: env.hidden_sizes: 0 is out of range; expected [1, 2147483647]");
  EXPECT_EQ(error_for("hidden_sizes", "64,,64"),
            "a.yaml:7: env.hidden_sizes: '' is not a whole number");
}

TEST(Params, ScheduleErrorsSayHowToWriteOne) {
  const std::string place = "a.yaml:7: env.learning_rate: ";
  EXPECT_EQ(error_for("learning_rate", "fast"),
            place + "'fast' is not a schedule; write 3e-4, lin_3e-4 or {start: 1, end: 0.05, steps: "
                    "10000}");
  EXPECT_EQ(error_for("learning_rate", "0"), place + "0 is out of range; expected > 0");
  EXPECT_EQ(error_for("learning_rate", "lin_x"), place + "'x' is not a number");
  EXPECT_EQ(error_for("learning_rate", "{start: 1}"),
            place + "a schedule needs both start and end");
  EXPECT_EQ(error_for("learning_rate", "{start: 1, end: 0, stops: 5}"),
            place + "a schedule has start, end and steps, not 'stops'. Did you mean 'steps'?");
  EXPECT_EQ(error_for("learning_rate", "{start: 1, end: 0, steps: 0}"),
            place + "0 is out of range; expected >= 1");
  EXPECT_EQ(error_for("learning_rate", "{start: 1, start: 1e-3, end: 0}"),
            place + "'start' is given twice; keep one of them");
  EXPECT_EQ(error_for("learning_rate", "{start: 1, end: 0, steps: 5, end: 0}"),
            place + "'end' is given twice; keep one of them");
}

// The end is in the range of the start, but for 0, where a start must be above it.
TEST(Params, TheEndOfAScheduleIsInRange) {
  const std::string place = "a.yaml:7: env.learning_rate: ";
  EXPECT_EQ(error_for("learning_rate", "{start: 1e-3, end: -1e-3}"),
            place + "-0.001 is out of range; expected >= 0");
  EXPECT_EQ(loaded("learning_rate", "{start: 1e-3, end: 0}").learning_rate.end, 0);
  const auto in = [](const Limits& limits, const std::string& text) {
    return ParamCodec<Schedule>::parse(text, limits).end;
  };
  EXPECT_EQ(in(in_range(0, 1), "{start: 0, end: 1}"), 1);
  EXPECT_THROW(in(in_range(0, 1), "{start: 0, end: 1.5}"), Error);
  EXPECT_THROW(in(in_open_range(0, 1), "{start: 0.5, end: 1}"), Error);
  EXPECT_EQ(in(in_open_range(0, 1), "{start: 0.5, end: 0}"), 0);
  EXPECT_THROW(in(at_least(0.1), "lin_1"), Error) << "it would end at 0";
  EXPECT_THROW(in(in_open_range(-1, 1), "{start: 0.5, end: -1}"), Error);
}

TEST(Params, AnUnknownKeyNamesTheNearestAndWhereAllAre) {
  EXPECT_EQ(error_for("gama", "1"),
            "a.yaml:7: unknown key 'env.gama'. Did you mean 'gamma'? ('tern describe X' lists all "
            "keys)");
  EXPECT_EQ(error_for("zzz", "1"),
            "a.yaml:7: unknown key 'env.zzz'. ('tern describe X' lists all keys)");
  NoParams none;
  EXPECT_EQ(error_of([&] { load_params(none, {{"x", "1", "command line"}}, "env"); },
                     ExitCode::kUsage),
            "command line: unknown key 'env.x'.");
}

TEST(Params, NothingIsInfiniteOrNotANumber) {
  for (const char* text : {"inf", "-inf", "nan", "INF", "NaN", "infinity", "-Infinity", "nan(1)"}) {
    EXPECT_EQ(error_for("temperature", text),
              "a.yaml:7: env.temperature: '" + std::string(text) + "' is not a number");
  }
}

TEST(Params, ListTypesDefaultsRangesAndDocs) {
  const std::vector<ParamInfo> infos = list_params<Everything>();
  ASSERT_EQ(infos.size(), 9u);
  const auto line = [&](std::size_t i) {
    const ParamInfo& info = infos[i];
    return info.name + " | " + info.type + " | " + info.default_value + " | " + info.range + " | " +
           info.doc;
  };
  EXPECT_EQ(line(0), "slippery | bool | true |  | whether the ice is slippery");
  EXPECT_EQ(line(1), "size | int | 8 | [2, 64] | rows and columns");
  EXPECT_EQ(line(3), "gamma | float | 0.99 | [0, 1] | discount");
  EXPECT_EQ(line(4), "temperature | float | 1 | > 0 | of the choice");
  EXPECT_EQ(line(5), "activation | text | tanh | tanh|relu | of the hidden layers");
  EXPECT_EQ(line(7), "hidden_sizes | list of int | [64, 64] | >= 1 | widths of the hidden layers");
  EXPECT_EQ(line(8), "learning_rate | schedule | 3e-4 | > 0 | step size");
}

TEST(Params, WhatIsWrittenReadsBackTheSame) {
  Rng rng(0, "numbers");
  for (int i = 0; i < 20'000; ++i) {
    // Doubles of all magnitudes, by their bits.
    const std::uint64_t bits = rng.next();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(ParamCodec<double>::parse(format_number(value), {}), value) << format_number(value);
  }
  for (const Schedule& schedule :
       {Schedule::constant(0.1), Schedule::linear(2.5e-4), Schedule{1, 0.05, 10'000},
        Schedule{1e-3, 1e-5, 0}, Schedule{1, 0, 500}}) {
    const Schedule again =
        ParamCodec<Schedule>::parse(ParamCodec<Schedule>::format(schedule), {});
    EXPECT_EQ(again.start, schedule.start);
    EXPECT_EQ(again.end, schedule.end);
    EXPECT_EQ(again.steps, schedule.steps);
  }
}

TEST(Params, NonsenseIsReadOrRefused) {
  const std::string alphabet = "0123456789+-._eE ,[]{}:xintfalseruylo_\t\"'\\#\x80\xff";
  const std::vector<std::string> keys = {"slippery", "size",         "total_steps",
                                         "gamma",    "hidden_sizes", "learning_rate"};
  Rng rng(1, "nonsense");
  int read = 0, refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::uint32_t left = rng.below(14); left > 0; --left) {
      text += alphabet[rng.below(static_cast<std::uint32_t>(alphabet.size()))];
    }
    if (i % 4 == 0) text = "{start: " + text + ", end: 1, steps: " + text + "}";
    try {
      const Everything params = loaded(keys[rng.below(6)], text);
      // What was read is inside its range.
      ASSERT_GE(params.size, 2);
      ASSERT_LE(params.size, 64);
      ASSERT_GE(params.total_steps, 1);
      ASSERT_GE(params.gamma, 0);
      ASSERT_LE(params.gamma, 1);
      ASSERT_GT(params.learning_rate.start, 0);
      ASSERT_GE(params.learning_rate.end, 0);
      for (const int size : params.hidden_sizes) ASSERT_GE(size, 1);
      ++read;
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ExitCode::kUsage);
      ASSERT_EQ(std::string(error.what()).rfind("a.yaml:7: env.", 0), 0u) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(read, 100);  // both happen
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace tern
