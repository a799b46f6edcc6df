// Error message text: what the registry says of a parameter that no env can be made with.

#include "envs/registry/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/error_of.h"

namespace tern {
namespace {

using testing::HasSubstr;

/// What making the env with key=text is answered with; fails if it is made.
std::string refusal(const EnvEntry& entry, const std::string& key, const std::string& text) {
  const ParamValues values = {{key, text, "a.yaml:3"}};
  return error_of([&] { entry.make(values); }, ExitCode::kUsage);
}

TEST(Registry, NamesTheEnvTheKeyAndTheValueOfABadParameter) {
  int checked = 0;
  for (const EnvEntry* entry : registry().entries()) {
    for (const ParamInfo& info : entry->all_params()) {
      const std::string error = refusal(*entry, info.name, "?!");
      EXPECT_THAT(error, HasSubstr("a.yaml:3: env." + info.name + ": ")) << entry->spec.id;
      EXPECT_THAT(error, HasSubstr("?!")) << entry->spec.id;
      EXPECT_THAT(error, HasSubstr(entry->spec.id));
      ++checked;
    }
  }
  EXPECT_GT(checked, 100);
}

TEST(Registry, NamesAnEnvOnlyOnce) {
  EXPECT_EQ(refusal(registry().find("FrozenLake8x8-v1"), "slippery", "maybe"),
            "a.yaml:3: env.slippery: 'maybe' is not true or false (FrozenLake8x8-v1)");
  EXPECT_EQ(refusal(registry().find("CartPole-v1"), "gravitas", "1"),
            "a.yaml:3: unknown key 'env.gravitas'. Did you mean 'gravity'? (all keys: tern "
            "describe CartPole-v1)");
}

TEST(Registry, NamesTheEnvThatAPairOfValuesDoesNotFit) {
  const std::string error = refusal(registry().find("FrozenLake-v1"), "map", "SX/FG");
  EXPECT_THAT(error, HasSubstr("a.yaml:3: env.map: 'SX/FG' is no map"));
  EXPECT_THAT(error, HasSubstr("(FrozenLake-v1)"));
}

}  // namespace
}  // namespace tern
