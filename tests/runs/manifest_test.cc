// Laws (what is written is read, to the letter), golden text, and error texts.

#include "agents/run/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/error.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using testing::HasSubstr;

Manifest full_manifest() {
  Manifest manifest;
  manifest.tern_version = "0.1.0";
  manifest.agent = "ppo";
  manifest.env_id = "FrozenLake-v1";
  manifest.plugin_path = "./lib\"odd\".so";
  manifest.plugin_sha256 = std::string(64, '1');
  manifest.step = 9'007'199'254'740'993;  // not a double
  manifest.seconds = 0.1;
  manifest.parameters_sha256 = std::string(64, '2');
  manifest.eval_mean = -1e-30;
  manifest.blas_core = "Haswell";
  manifest.config.env_id = "FrozenLake-v1";
  manifest.config.env = {{"map", "8x8", ""}, {"slippery", "true", ""}, {"seed_text", "007", ""}};
  manifest.config.agent = "ppo";
  manifest.config.agent_params = {{"learning_rate", "lin_3e-4", ""},
                                  {"clip_range", "0.2", ""},
                                  {"tiny", "3e-4", ""},
                                  {"epochs", "10", ""},
                                  {"hidden_sizes", "[64, 64]", ""},
                                  {"none", "[]", ""},
                                  {"odd", "[1,2]", ""},
                                  {"words", "[a, b]", ""},
                                  {"zero", "-0", ""},
                                  {"empty", "", ""},
                                  {"big", "1e+20", ""},
                                  {"plain", "100_000", ""},
                                  {"schedule", "{start: 1, end: 0.05, steps: 10000}", ""}};
  manifest.config.run.total_steps = 123'456;
  manifest.config.run.threads = 2;
  manifest.parts = {{"policy.bin", 17, std::string(64, '3'), false},
                    {"replay.bin", 0, std::string(64, '4'), true}};
  return manifest;
}

std::vector<std::string> texts(const std::vector<ParamValue>& values) {
  std::vector<std::string> result;
  for (const ParamValue& value : values) result.push_back(value.key + "=" + value.text);
  return result;
}

TEST(Manifest, ReadsBackToTheLetter) {
  const Manifest written = full_manifest();
  const Manifest read = manifest_from_json(manifest_to_json(written), "m.json");
  EXPECT_EQ(read.schema, kCheckpointSchema);
  EXPECT_EQ(read.tern_version, written.tern_version);
  EXPECT_EQ(read.agent, written.agent);
  EXPECT_EQ(read.env_id, written.env_id);
  EXPECT_EQ(read.plugin_path, written.plugin_path);
  EXPECT_EQ(read.plugin_sha256, written.plugin_sha256);
  EXPECT_EQ(read.step, written.step);
  EXPECT_EQ(read.seconds, written.seconds);
  EXPECT_EQ(read.parameters_sha256, written.parameters_sha256);
  EXPECT_EQ(read.eval_mean, written.eval_mean);
  EXPECT_EQ(read.blas_core, written.blas_core);
  EXPECT_EQ(read.config.env_id, written.config.env_id);
  EXPECT_EQ(texts(read.config.env), texts(written.config.env));
  EXPECT_EQ(read.config.agent, written.config.agent);
  EXPECT_EQ(texts(read.config.agent_params), texts(written.config.agent_params));
  EXPECT_EQ(texts(format_params(read.config.run)), texts(format_params(written.config.run)));
  ASSERT_EQ(read.parts.size(), 2u);
  EXPECT_EQ(read.parts[0].name, "policy.bin");
  EXPECT_EQ(read.parts[0].bytes, 17);
  EXPECT_EQ(read.parts[0].sha256, std::string(64, '3'));
  EXPECT_FALSE(read.parts[0].newest_only);
  EXPECT_TRUE(read.parts[1].newest_only);
  // And whatever the checks above forgot:
  EXPECT_EQ(manifest_to_json(read), manifest_to_json(written));
}

TEST(Manifest, ACheckpointThatWasNotEvaluatedHasNoMean) {
  Manifest manifest = full_manifest();
  manifest.eval_mean.reset();
  EXPECT_FALSE(manifest_from_json(manifest_to_json(manifest), "m.json").eval_mean.has_value());
}

TEST(Manifest, TheConfigurationIsJsonWithNumbersAsNumbers) {
  RunConfig config;
  config.env_id = "CartPole-v1";
  config.env = {{"gravity", "9.8", ""}};
  config.agent = "ppo";
  config.agent_params = {{"learning_rate", "lin_3e-4", ""},
                         {"hidden_sizes", "[64, 64]", ""},
                         {"share_trunk", "false", ""}};
  EXPECT_THAT(config_to_json(config),
              testing::StartsWith(
                  "{\"env\":{\"id\":\"CartPole-v1\",\"gravity\":9.8},\"agent\":{\"name\":\"ppo\","
                  "\"learning_rate\":\"lin_3e-4\",\"hidden_sizes\":[64,64],\"share_trunk\":false},"
                  "\"run\":{\"total_steps\":100000,\"num_envs\":8,"));
}

TEST(Manifest, AnotherSchemaIsRefusedNamingBothNumbersAndTheVersionThatWroteIt) {
  Manifest manifest = full_manifest();
  for (const int schema : {0, 1, 3, 999}) {
    manifest.schema = schema;
    manifest.tern_version = "0.9.0";
    EXPECT_EQ(error_of([&] { manifest_from_json(manifest_to_json(manifest), "m.json"); }),
              "m.json has schema " + std::to_string(schema) +
                  "; this build of Tern reads schema 2 to 2. Use the version that wrote it, 0.9.0");
  }
}

TEST(Manifest, WhatIsMissingOrOfTheWrongTypeIsNamed) {
  const std::string good = manifest_to_json(full_manifest());
  const auto message_with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t place = text.find(from);
    EXPECT_NE(place, std::string::npos) << from;
    text.replace(place, from.size(), to);
    return error_of([&] { manifest_from_json(text, "m.json"); });
  };
  EXPECT_EQ(message_with("\"step\"", "\"stop\""), "m.json cannot be understood: it lacks 'step'");
  EXPECT_EQ(message_with("\"seconds\": 0.1", "\"seconds\": \"x\""),
            "m.json cannot be understood: 'seconds' is not a number");
  EXPECT_EQ(message_with("\"bytes\": 17", "\"bytes\": 17.5"),
            "m.json cannot be understood: 'bytes' is not a whole number");
  EXPECT_EQ(message_with("\"newest_only\": true", "\"newest_only\": 1"),
            "m.json cannot be understood: 'newest_only' is neither true nor false");
  EXPECT_EQ(message_with("\"agent\": \"ppo\"", "\"agent\": 5"),
            "m.json cannot be understood: 'agent' is not a text");
  EXPECT_EQ(message_with("\"policy.bin\"", "\"../policy.bin\""),
            "m.json cannot be understood: '../policy.bin' is no name of a part");
  EXPECT_EQ(message_with("\"{start: 1, end: 0.05, steps: 10000}\"", "[[1]]"),
            "m.json cannot be understood: 'schedule' is neither a value nor a list of them");
  EXPECT_EQ(message_with("\"config\": {", "\"config\": ["),
            "m.json cannot be understood: it is not JSON");
  EXPECT_THAT(message_with("\"total_steps\"", "\"total_stops\""),
              HasSubstr("m.json: unknown key 'run.total_stops'. Did you mean 'total_steps'?"));
}

}  // namespace
}  // namespace tern
