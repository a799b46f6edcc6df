#include "core/simd_level.h"

#include <algorithm>
#include <cstdlib>

#include "core/did_you_mean.h"
#include "core/error.h"

namespace tern {
namespace {

constexpr const char* kVariable = "TERN_SIMD";
constexpr SimdLevel kAll[] = {SimdLevel::kBaseline, SimdLevel::kAvx2, SimdLevel::kAvx512};

}  // namespace

std::string simd_level_name(SimdLevel level) {
  switch (level) {
    case SimdLevel::kAvx2: return "avx2";
    case SimdLevel::kAvx512: return "avx512";
    case SimdLevel::kBaseline: break;
  }
  return "baseline";
}

std::vector<SimdLevel> available_simd_levels() {
  std::vector<SimdLevel> levels = {SimdLevel::kBaseline};
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512cd");
  if (avx2) levels.push_back(SimdLevel::kAvx2);
  if (avx2 && avx512) levels.push_back(SimdLevel::kAvx512);
#endif
  return levels;
}

SimdLevel chosen_simd_level() {
  const std::vector<SimdLevel> available = available_simd_levels();
  const char* wanted = std::getenv(kVariable);
  if (wanted == nullptr || *wanted == '\0') return available.back();
  std::vector<std::string> names, known;
  for (const SimdLevel level : available) {
    names.push_back(simd_level_name(level));
    if (names.back() == wanted) return level;
  }
  for (const SimdLevel level : kAll) known.push_back(simd_level_name(level));
  std::string here;
  for (const std::string& name : names) here += (here.empty() ? "" : ", ") + name;
  const bool is_known = std::find(known.begin(), known.end(), wanted) != known.end();
  throw Error(std::string("environment variable ") + kVariable + " is '" + wanted + "', " +
              (is_known ? "which this CPU lacks" : "which is no level of SIMD") +
              "; expected one of " + here + (is_known ? "" : "." + did_you_mean(wanted, known)));
}

}  // namespace tern
