#include "agents/training/platform.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include "agents/kernels/simd_level.h"

namespace tern {
namespace {

/// A function of the BLAS library, which LibTorch has loaded; null if there is none of that name.
template <class Function>
Function blas_function(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

}  // namespace

void set_up_platform() {
  at::set_num_threads(1);
  if (auto* set_threads = blas_function<void (*)(int)>("openblas_set_num_threads")) set_threads(1);
}

std::string blas_core() {
  auto* core_name = blas_function<char* (*)()>("openblas_get_corename");
  return core_name == nullptr ? "" : core_name();
}

NetworkPlatform network_platform() {
  NetworkPlatform platform;
  platform.torch_version = TORCH_VERSION;
  auto* configuration = blas_function<char* (*)()>("openblas_get_config");
  platform.blas = configuration == nullptr ? "unknown" : configuration();
  platform.simd = simd_level();
  platform.torch_threads = at::get_num_threads();
  const bool has_cuda = torch::cuda::is_available();
  platform.device = has_cuda ? "cpu (a CUDA device is there: agent.device=cuda)" : "cpu";
  return platform;
}

ComputePath compute_path(int env_threads) {
  ComputePath path;
  path.blas_core = blas_core();
  path.simd = simd_level();
  path.threads = env_threads;
  return path;
}

}  // namespace tern
