#pragma once
// The width of vectors that envs made in a scope use.

#include <cstdlib>
#include <optional>
#include <string>

#include "core/simd_level.h"

namespace tern {

/// Sets TERN_SIMD for its lifetime.
class ForcedSimd {
 public:
  explicit ForcedSimd(const std::string& name) {
    if (const char* before = std::getenv("TERN_SIMD")) before_ = before;
    setenv("TERN_SIMD", name.c_str(), /*overwrite=*/1);
  }
  explicit ForcedSimd(SimdLevel level) : ForcedSimd(simd_level_name(level)) {}
  ~ForcedSimd() {
    if (before_) {
      setenv("TERN_SIMD", before_->c_str(), /*overwrite=*/1);
    } else {
      unsetenv("TERN_SIMD");
    }
  }
  ForcedSimd(const ForcedSimd&) = delete;
  ForcedSimd& operator=(const ForcedSimd&) = delete;

 private:
  std::optional<std::string> before_;
};

}  // namespace tern
