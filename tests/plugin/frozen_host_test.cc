// Proof: law. A host that was compiled before the ABI grew, against its first header, runs a plugin
// of the present one: what it does not know, it does not see.

#include "tests/plugin/frozen/plugin_abi_1.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

namespace {

static_assert(sizeof(tern_env_table) == 160 && sizeof(tern_env_spec) == 152,
              "the header of the first ABI, which had neither players nor info values");

TEST(FrozenHost, RunsAPluginWithFunctionsThatItDoesNotKnow) {
  const std::string path = std::string(TERN_TEST_PLUGINS) + "/libhidden_cards.so";
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  using Entry = const tern_plugin* (*)(const tern_host*, const tern_error*);
  const auto entry = reinterpret_cast<Entry>(dlsym(library, "tern_plugin_entry"));
  ASSERT_NE(entry, nullptr);

  char text[256] = "";
  const tern_error error = {sizeof error, text, sizeof text};
  const tern_host host = {sizeof host, TERN_PLUGIN_ABI_VERSION, "0.1.0"};
  const tern_plugin* const plugin = entry(&host, &error);
  ASSERT_NE(plugin, nullptr) << text;
  EXPECT_EQ(plugin->abi_version, 1u);
  const tern_env_table& table = *plugin->envs[0];
  EXPECT_GT(table.struct_size, sizeof table);  // there is more, which this host does not read

  const tern_param_values values = {sizeof values, sizeof(tern_param_value), nullptr, 0};
  tern_env* env = nullptr;
  ASSERT_EQ(table.create(&values, &env, &error), TERN_OK) << text;
  const tern_env_spec& spec = *table.spec(env);
  EXPECT_GT(spec.struct_size, sizeof spec);
  EXPECT_STREQ(spec.id, "HiddenCards-v0");
  EXPECT_EQ(spec.num_fields, 3u);
  EXPECT_EQ(spec.obs_dtype, TERN_FLOAT32);

  tern_rng rng = {{1, 2, 3, 4}};
  const tern_reset_context context = {sizeof context, &rng, 0};
  float obs[3] = {-1, -1, -1};
  ASSERT_EQ(table.reset(env, &context, obs, &error), TERN_OK) << text;
  EXPECT_GE(obs[1], 0);
  int steps = 0;
  tern_step_result result = {sizeof result, 0, 0, 0};
  while (result.terminated == 0 && steps < 10) {
    const std::int32_t bet = 1;
    ASSERT_EQ(table.step(env, &bet, &rng, obs, &result, &error), TERN_OK) << text;
    ++steps;
  }
  EXPECT_EQ(steps, 2);
  EXPECT_EQ(result.reward * result.reward, 4);
  table.destroy(env);
  dlclose(library);
}

}  // namespace
