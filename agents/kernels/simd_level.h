#pragma once
// Which vector instructions the kernels use in this process. Std only.

#include <string>
#include <vector>

namespace tern {

/// "AVX-512", "AVX2", "SSE4", "portable", ...: the level in use.
std::string simd_level();

/// The levels that this CPU and this build have, best first.
std::vector<std::string> simd_levels();

/// For tests: kernels use this level from now on; "" goes back to the best. Not while kernels run.
void force_simd_level(const std::string& level);

}  // namespace tern
