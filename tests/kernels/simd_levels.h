#pragma once
// Tests that run once at each SIMD level of this machine.

#include <gtest/gtest.h>

#include <cctype>
#include <string>

#include "agents/kernels/simd_level.h"

namespace tern {

/// Kernels use the level that the test is named after, and the best again after it.
class SimdLevelTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { force_simd_level(GetParam()); }
  void TearDown() override { force_simd_level(""); }
};

inline auto every_simd_level() {
  return ::testing::ValuesIn(simd_levels());
}

inline std::string simd_level_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name;
  for (const char c : info.param) {
    if (std::isalnum(static_cast<unsigned char>(c))) name += c;
  }
  return name;
}

}  // namespace tern
