#include "cli/process/compute_path.h"

#include <cstdlib>

namespace tern::cli {
namespace {

struct Cpu {
  std::string simd = "SSE2";
  std::string blas_core;
};

Cpu detect_cpu() {
  Cpu cpu;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512cd");
  if (avx512) {
    cpu = {"AVX-512", "SkylakeX"};
  } else if (avx2) {
    cpu = {"AVX2", __builtin_cpu_is("amd") ? "Zen" : "Haswell"};
  }
#else
  cpu.simd = "baseline";
#endif
  return cpu;
}

}  // namespace

ComputeEnvironment prepare_compute() {
  // Marks a core that an outer tern chose (tern exec), so that it does not look like the user's.
  const char kChosen[] = "TERN_CHOSE_BLAS_CORE";
  const Cpu cpu = detect_cpu();
  ComputeEnvironment environment;
  environment.simd = cpu.simd;
  const char* given = std::getenv("OPENBLAS_CORETYPE");
  if (given != nullptr && *given != '\0') {
    environment.blas_core = given;
    environment.blas_core_is_given = std::getenv(kChosen) == nullptr;
  } else if (!cpu.blas_core.empty()) {
    environment.blas_core = cpu.blas_core;
    setenv("OPENBLAS_CORETYPE", cpu.blas_core.c_str(), /*overwrite=*/1);
    setenv(kChosen, "1", /*overwrite=*/1);
  }
  setenv("OPENBLAS_NUM_THREADS", "1", /*overwrite=*/1);
  setenv("OMP_NUM_THREADS", "1", /*overwrite=*/1);
  return environment;
}

}  // namespace tern::cli
