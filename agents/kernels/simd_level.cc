#include "agents/kernels/simd_level.h"

#include <hwy/highway.h>
#include <hwy/targets.h>

#include "core/error.h"

namespace tern {
namespace {

std::string name_of(std::int64_t target) {
#if HWY_ARCH_X86
  if (target == HWY_AVX3) return "AVX-512";
  if (target == HWY_AVX2) return "AVX2";
  if (target == HWY_SSE4) return "SSE4";
#endif
  if (target == HWY_STATIC_TARGET && (target == HWY_SCALAR || target == HWY_EMU128)) {
    return "portable";
  }
  return hwy::TargetName(target);
}

}  // namespace

std::vector<std::string> simd_levels() {
  std::vector<std::string> levels;  // lower bits are better targets
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    levels.push_back(name_of(target));
  }
  return levels;
}

std::string simd_level() {
  return simd_levels().front();
}

void force_simd_level(const std::string& level) {
  hwy::SetSupportedTargetsForTest(0);
  if (!level.empty()) {
    std::int64_t chosen = 0;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      if (name_of(target) == level) chosen = target;
    }
    if (chosen == 0) throw Error("SIMD level '" + level + "' is not one of this machine's");
    hwy::SetSupportedTargetsForTest(chosen);
  }
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace tern
