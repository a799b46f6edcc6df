#include "cli/process/compute_path.h"

#include <cstdlib>

#include "core/simd_level.h"

namespace tern::cli {
namespace {

/// The core that OpenBLAS has kernels for; "" leaves it to OpenBLAS.
std::string blas_core_for(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return "SkylakeX";
  if (level == SimdLevel::kAvx2) return __builtin_cpu_is("amd") ? "Zen" : "Haswell";
#endif
  return "";
}

std::string shown(SimdLevel level) {
  switch (level) {
    case SimdLevel::kAvx512: return "AVX-512";
    case SimdLevel::kAvx2: return "AVX2";
    case SimdLevel::kBaseline: break;
  }
#if defined(__x86_64__)
  return "SSE2";
#else
  return "baseline";
#endif
}

}  // namespace

ComputeEnvironment prepare_compute() {
  // Marks a core that an outer tern chose (tern exec), so that it does not look like the user's.
  const char kChosen[] = "TERN_CHOSE_BLAS_CORE";
  const SimdLevel widest = available_simd_levels().back();
  const std::string core = blas_core_for(widest);
  ComputeEnvironment environment;
  environment.simd = shown(widest);
  const char* given = std::getenv("OPENBLAS_CORETYPE");
  if (given != nullptr && *given != '\0') {
    environment.blas_core = given;
    environment.blas_core_is_given = std::getenv(kChosen) == nullptr;
  } else if (!core.empty()) {
    environment.blas_core = core;
    setenv("OPENBLAS_CORETYPE", core.c_str(), /*overwrite=*/1);
    setenv(kChosen, "1", /*overwrite=*/1);
  }
  setenv("OPENBLAS_NUM_THREADS", "1", /*overwrite=*/1);
  setenv("OMP_NUM_THREADS", "1", /*overwrite=*/1);
  return environment;
}

}  // namespace tern::cli
