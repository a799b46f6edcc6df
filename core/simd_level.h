#pragma once
// What vectors this CPU has, and how wide those are that the arithmetic of envs is done in; the
// results of envs never depend on it.

#include <cstdint>
#include <string>
#include <vector>

namespace tern {

/// kAvx2 with FMA; kAvx512 with F, BW, DQ, VL and CD: what every CPU since Haswell and Skylake-X has.
enum class SimdLevel : std::uint8_t { kBaseline, kAvx2, kAvx512 };

/// "baseline" (what every machine of this kind has), "avx2", "avx512".
std::string simd_level_name(SimdLevel level);

/// What this CPU can do, in rising order; the baseline always.
std::vector<SimdLevel> available_simd_levels();

/// The widest level of this CPU, or the one that the environment variable TERN_SIMD names. Throws
/// Error if it names none, or one that this CPU lacks.
SimdLevel chosen_simd_level();

}  // namespace tern
