// JSON with numbers and bytes that JSON does not have, and texts that are none. Worked examples and
// round trips.

#include "core/files/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/rng.h"

namespace tern {
namespace {

using testing::ThrowsMessage;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Json, BracesMakeListsAndObjects) {
  const Json document = {{"env", "CartPole-v1"},
                         {"seed", 3},
                         {"pair", {"a", "b"}},
                         {"empty", Json::list()},
                         {"nothing", nullptr},
                         {"returns", std::vector<float>{0.5f, -1}},
                         {"nested", {{"yes", true}, {"no", false}}}};
  EXPECT_EQ(document.dump(),
            R"({"env":"CartPole-v1","seed":3,"pair":["a","b"],"empty":[],"nothing":null,)"
            R"("returns":[0.5,-1.0],"nested":{"yes":true,"no":false}})");
  EXPECT_EQ(Json({{"b", 1}, {"a", Json::list()}}).dump(2), "{\n  \"b\": 1,\n  \"a\": []\n}");
}

TEST(Json, MembersAreFoundByKey) {
  Json document;
  document["step"] = 7;
  document["mean"] = "inf";
  EXPECT_EQ(document.integer_or("step", 0), 7);
  EXPECT_EQ(document.number_or("mean", 0), kInfinity);
  EXPECT_EQ(document.text_or("name", "none"), "none");
  EXPECT_THAT([&] { document.text_or("step", "none"); },
              ThrowsMessage<JsonError>("there is a whole number in the place of a text"));
  EXPECT_EQ(document.find("steps"), nullptr);
  const Json& constant = document;
  EXPECT_TRUE(constant["steps"].is_null());
  EXPECT_EQ(document.size(), 2U);
  EXPECT_THROW(document["step"].text(), JsonError);
}

TEST(Json, NamesInfinitiesAndNanAtAnyDepth) {
  const Json document = {{"mean", -kInfinity},
                         {"returns", {1.5, kInfinity, std::nan("")}},
                         {"config", {{"agent", {{"gamma", kInfinity}}}}}};
  EXPECT_EQ(document.dump(),
            R"({"mean":"-inf","returns":[1.5,"inf","nan"],"config":{"agent":{"gamma":"inf"}}})");
}

TEST(Json, NumbersComeBackAsTheSame) {
  for (const double value : {0.1, -1e300, 5e-324, kInfinity, -kInfinity}) {
    const Json read = Json::parse(Json(value).dump());
    ASSERT_TRUE(read.is_number_or_name()) << value;
    EXPECT_EQ(read.number(), value);
  }
  EXPECT_TRUE(std::isnan(Json::parse(Json(std::nan("")).dump()).number()));
  for (const std::int64_t value : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                   std::numeric_limits<std::int64_t>::max()}) {
    const Json read = Json::parse(Json(value).dump());
    ASSERT_TRUE(read.is_integer()) << value;
    EXPECT_EQ(read.integer(), value);
  }
  const Json large = Json::parse("9223372036854775808");  // one more than those
  ASSERT_TRUE(large.is_real());
  EXPECT_EQ(large.number(), 9223372036854775808.0);
}

TEST(Json, OnlyTheThreeNamesAreNumbers) {
  EXPECT_TRUE(Json(7).is_number_or_name());
  EXPECT_TRUE(Json("nan").is_number_or_name());
  EXPECT_FALSE(Json("Infinity").is_number_or_name());
  EXPECT_FALSE(Json("7").is_number_or_name());
  EXPECT_FALSE(Json(nullptr).is_number_or_name());
}

TEST(Json, BytesThatAreNoUtf8AreReplaced) {
  EXPECT_EQ(Json("caf\xe9").dump(), "\"caf\xEF\xBF\xBD\"");
}

TEST(Json, WhatIsNotJsonSaysWhere) {
  const struct {
    const char* text;
    std::size_t byte;
    bool is_out_of_range;
  } cases[] = {{"", 1, false}, {"[1,]", 4, false}, {"{\"a\":1} x", 9, false}, {"[1e999]", 0, true}};
  for (const auto& [text, byte, is_out_of_range] : cases) {
    SCOPED_TRACE(text);
    try {
      Json::parse(text);
      ADD_FAILURE();
    } catch (const JsonSyntaxError& error) {
      if (byte > 0) {
        EXPECT_EQ(error.byte(), byte);
        EXPECT_EQ(error.what(), "not JSON at byte " + std::to_string(byte));
      }
      EXPECT_EQ(error.is_out_of_range(), is_out_of_range);
      if (is_out_of_range) {
        EXPECT_STREQ(error.what(), "a number in it is too large");
      }
    }
    EXPECT_FALSE(Json::try_parse(text).has_value());
  }
}

TEST(Json, DeepNestingIsRefused) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(Json::parse(nested(64)).dump(), nested(64));
  for (const std::size_t depth : {65U, 1'000'000U}) {
    EXPECT_FALSE(Json::try_parse(nested(depth)).has_value());
    EXPECT_FALSE(Json::try_parse(std::string(depth, '[')).has_value());
  }
}

TEST(Json, ALaterMemberOfTheSameNameCounts) {
  EXPECT_EQ(Json::parse(R"({"a":1,"b":2,"a":3})").dump(), R"({"a":3,"b":2})");
}

TEST(Json, ChangedTextsAreReadOrRefused) {
  const std::string text =
      R"({"step":12,"mean":-1.5e3,"returns":[1,"inf",null,true],"config":{"a":{"b":["c\u00e9"]}}})";
  Rng rng(5, "json");
  int read = 0, refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = text;
    for (std::uint32_t k = 1 + rng.below(3); k > 0; --k) {
      const std::size_t at = rng.below(static_cast<std::uint32_t>(changed.size()));
      if (rng.below(2) == 0) {
        changed[at] = static_cast<char>(rng.below(256));
      } else {
        changed.erase(at, 1 + rng.below(4));
      }
    }
    const std::optional<Json> document = Json::try_parse(changed);
    ++(document ? read : refused);
    if (!document) continue;
    const std::string again = document->dump();
    EXPECT_EQ(Json::parse(again).dump(), again) << changed;
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace tern
