// A spec that a checkpoint keeps comes back as it was; what is none is refused.

#include "agents/run/spec_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "agents/run/run_env.h"
#include "envs/registry/registry.h"
#include "tests/error_of.h"

namespace tern {
namespace {

EnvSpec read(const std::string& text) {
  return spec_from_json(Json::parse(text), "m.json");
}

void expect_same(const EnvSpec& was) {
  SCOPED_TRACE(was.id);
  const std::string text = spec_to_json(was).dump();
  const EnvSpec is = read(text);
  EXPECT_EQ(env_facts(is)[0], env_facts(was)[0]);
  EXPECT_EQ(space_facts(is), space_facts(was));
  EXPECT_EQ(is.obs.num_floats(), was.obs.num_floats());
  EXPECT_EQ(is.obs.num_bytes(), was.obs.num_bytes());
  EXPECT_EQ(is.action.kind(), was.action.kind());
  EXPECT_EQ(is.has_masks, was.has_masks);
  EXPECT_EQ(is.players, was.players);
  EXPECT_EQ(spec_to_json(is).dump(), text);
}

TEST(SpecJson, EveryBuiltInEnvComesBack) {
  for (const EnvEntry* entry : registry().entries()) expect_same(entry->spec);
}

TEST(SpecJson, EveryKindOfFieldComesBack) {
  EnvSpec spec;
  spec.id = "Odd-v0";
  Field usual;
  usual.name = "usual \"values\"";
  usual.shape = {2, 3};
  usual.low = 0.1;
  usual.unit = "\xc2\xb5m";
  usual.advisory = true;
  spec.obs.of(DType::kUint8).image("camera", 4, 5, 3, 0, 255).categorical("byte", 200, 56);
  spec.obs.of(DType::kFloat32).add(usual).categorical("way", 7, -3);
  spec.action = ActionSpace::multi_binary({"light", "pump"});
  spec.frame_stack = 4;
  spec.has_masks = true;
  expect_same(spec);
  const EnvSpec is = read(spec_to_json(spec).dump());
  EXPECT_EQ(is.obs.fields()[0].unit, "\xc2\xb5m");
  EXPECT_TRUE(is.obs.fields()[0].advisory);
  EXPECT_EQ(is.obs.fields()[0].high, std::numeric_limits<double>::infinity());
  EXPECT_EQ(is.obs.fields()[1].first, -3);
  EXPECT_EQ(is.obs.fields()[3].first, 56);
  EXPECT_EQ(is.frame_stack, 4);
}

TEST(SpecJson, WhatNoEnvCanHaveIsRefused) {
  EnvSpec spec;
  spec.id = "Odd-v0";
  spec.obs.scalar("x", -1, 1).categorical("way", 3);
  spec.action = ActionSpace::discrete({"a", "b"});
  const std::string good = spec_to_json(spec).dump();
  const auto said = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from << " in " << good;
    text.replace(at, from.size(), to);
    return error_of([&] { read(text); });
  };
  const std::string begin = "m.json cannot be understood: 'spec': ";
  EXPECT_EQ(said("\"shape\":[1]", "\"shape\":[0]"), begin + "'x' has an extent that is no size");
  EXPECT_EQ(said("\"shape\":[1]", "\"shape\":[-1]"), begin + "'x' has an extent that is no size");
  EXPECT_EQ(said("\"shape\":[1]", "\"shape\":[]"), begin + "it has no 'shape'");
  EXPECT_EQ(said("\"shape\":[1]", "\"shape\":[65536,65536,65536,65536,65536]"),
            begin + "'x' has more than 2^28 elements");
  EXPECT_EQ(said("\"low\":-1.0", "\"low\":\"nan\""),
            begin + "the lower bound is above the upper one");
  EXPECT_EQ(said("\"low\":-1.0", "\"low\":2"), begin + "the lower bound is above the upper one");
  EXPECT_EQ(said("\"low\":-1.0", "\"low\":[]"), begin + "a bound is not a number");
  EXPECT_EQ(said("\"categories\":3", "\"categories\":-3"),
            begin + "'categories' is not a whole number from 0 to 268435456");
  EXPECT_EQ(said("\"kind\":\"discrete\"", "\"kind\":\"odd\""),
            begin + "there is no such kind of action");
  EXPECT_EQ(said("\"options\":[\"a\",\"b\"]", "\"options\":[]"), begin + "it has no 'options'");
  EXPECT_EQ(said("\"options\":[\"a\",\"b\"]", "\"options\":[1]"),
            begin + "an option is not a text");
  EXPECT_EQ(said("\"has_masks\":false", "\"has_masks\":0"),
            begin + "'has_masks' is neither true nor false");
  EXPECT_EQ(said("\"players\":1", "\"players\":0"),
            begin + "'players' is not a whole number from 1 to 65536");
  for (const char* other : {"3", "[]", "null", "{}", "\"x\""}) {
    EXPECT_NE(error_of([&] { read(other); }), "") << other;
  }
}

}  // namespace
}  // namespace tern
