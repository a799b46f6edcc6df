// Error text; sizes that the machine has pass.

#include "core/machine/memory_need.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/error_of.h"

namespace tern {
namespace {

using testing::HasSubstr;

TEST(MemoryNeed, SaysTheSizeAndTheRemedy) {
  const std::string message =
      error_of([] { check_memory_need(1e18, "a network", "make it smaller"); },
               ExitCode::kUsage);
  EXPECT_THAT(message, HasSubstr("a network needs 1.0 EB of memory, this machine has "));
  EXPECT_THAT(message, HasSubstr("; make it smaller"));
}

TEST(MemoryNeed, WhatFitsPasses) {
  EXPECT_GT(usable_memory(), 1e6);
  check_memory_need(1e6, "a network", "");
  check_memory_need(usable_memory(), "a network", "");
}

TEST(MemoryNeed, SizesBeyondAllNumbersAreRefusedToo) {
  EXPECT_THAT(error_of([] { check_memory_need(1e300, "a network", ""); }, ExitCode::kUsage),
              HasSubstr("needs 9.0 EB"));
}

}  // namespace
}  // namespace tern
