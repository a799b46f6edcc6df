#pragma once
// Chooses the BLAS core and its threads, and tells the SIMD level: before a BLAS library is
// loaded.

#include <string>

namespace tern::cli {

struct ComputeEnvironment {
  std::string blas_core;            // OPENBLAS_CORETYPE in force; "" leaves it to OpenBLAS
  bool blas_core_is_given = false;  // by the user's environment, not by us
  std::string simd;                 // widest level of this CPU: "AVX-512", "AVX2", "SSE2"
};

/// Sets the environment variables that numeric libraries read when they are loaded, and says what
/// is in force. OpenBLAS falls back to its SSE3 kernels, three times slower, on CPUs newer than
/// itself; OPENBLAS_CORETYPE names the right ones, unless the user has named some. Small networks
/// are slowed by threads inside BLAS, so there is one; ours are above it. Call it before dlopen or
/// exec.
ComputeEnvironment prepare_compute();

}  // namespace tern::cli
