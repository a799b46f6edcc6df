// JSON with numbers and bytes that JSON does not have. Worked examples and round trips.

#include "core/files/json_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace tern {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(JsonText, NamesInfinitiesAndNanAtAnyDepth) {
  const Json document = {{"mean", -kInfinity},
                         {"returns", {1.5, kInfinity, std::nan("")}},
                         {"config", {{"agent", {{"gamma", kInfinity}}}}}};
  EXPECT_EQ(json_text(document),
            R"({"mean":"-inf","returns":[1.5,"inf","nan"],"config":{"agent":{"gamma":"inf"}}})");
}

TEST(JsonText, NumbersComeBackAsTheSameDoubles) {
  for (const double value : {0.1, -1e300, 5e-324, kInfinity, -kInfinity}) {
    const Json read = Json::parse(json_text(Json(value)));
    ASSERT_TRUE(is_json_number(read)) << value;
    EXPECT_EQ(json_number(read), value);
  }
  EXPECT_TRUE(std::isnan(json_number(Json::parse(json_text(Json(std::nan("")))))));
}

TEST(JsonText, OnlyTheThreeNamesAreNumbers) {
  EXPECT_TRUE(is_json_number(Json(7)));
  EXPECT_TRUE(is_json_number(Json("nan")));
  EXPECT_FALSE(is_json_number(Json("Infinity")));
  EXPECT_FALSE(is_json_number(Json("7")));
  EXPECT_FALSE(is_json_number(Json(nullptr)));
}

TEST(JsonText, BytesThatAreNoUtf8AreReplaced) {
  EXPECT_EQ(json_text(Json("caf\xe9")), "\"caf\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace tern
