// Error texts and worked examples: which level of SIMD is chosen.

#include "core/simd_level.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/error_of.h"

namespace tern {
namespace {

class SimdLevels : public testing::Test {
 protected:
  void SetUp() override { unsetenv("TERN_SIMD"); }
  void TearDown() override { unsetenv("TERN_SIMD"); }
};

TEST_F(SimdLevels, TheWidestIsChosenUnlessTheEnvironmentNamesOne) {
  EXPECT_EQ(available_simd_levels().front(), SimdLevel::kBaseline);
  EXPECT_EQ(chosen_simd_level(), available_simd_levels().back());
  for (const SimdLevel level : available_simd_levels()) {
    setenv("TERN_SIMD", simd_level_name(level).c_str(), 1);
    EXPECT_EQ(chosen_simd_level(), level);
  }
  setenv("TERN_SIMD", "", 1);
  EXPECT_EQ(chosen_simd_level(), available_simd_levels().back());
}

TEST_F(SimdLevels, AnUnknownNameIsRefusedWithTheNearestOne) {
  setenv("TERN_SIMD", "avx-512", 1);
  const std::string message = error_of([] { chosen_simd_level(); }, ExitCode::kUsage);
  EXPECT_EQ(message.find("environment variable TERN_SIMD is 'avx-512', which is no level of SIMD; "
                         "expected one of baseline"),
            0u)
      << message;
  EXPECT_NE(message.find(" Did you mean 'avx512'?"), std::string::npos) << message;
}

TEST_F(SimdLevels, OneThatTheCpuLacksIsRefused) {
  if (available_simd_levels().back() == SimdLevel::kAvx512) GTEST_SKIP() << "this CPU has all";
  setenv("TERN_SIMD", "avx512", 1);
  const std::string message = error_of([] { chosen_simd_level(); }, ExitCode::kUsage);
  EXPECT_NE(message.find("which this CPU lacks"), std::string::npos) << message;
}

}  // namespace
}  // namespace tern
