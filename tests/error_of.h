#pragma once
// What an expression that must throw tern::Error says.

#include <gtest/gtest.h>

#include <string>

#include "core/error.h"

namespace tern {

/// The message; a test failure and "" if nothing is thrown or the exit code is another.
template <class F>
std::string error_of(const F& deed, ExitCode expected = ExitCode::kFailure) {
  try {
    deed();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), expected) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no tern::Error was thrown";
  return "";
}

}  // namespace tern
