#include "agents/policy/distributions/epsilon_greedy.h"

#include <algorithm>

#include "core/error.h"

namespace tern {
namespace {

[[noreturn]] void throw_nothing_allowed() {
  throw Error::failure("the env's action mask allows no action; expected at least one");
}

}  // namespace

std::int32_t greedy_action(Row<const float> q, ConstMaskRow mask) {
  std::size_t best = q.size();
  for (std::size_t a = 0; a < q.size(); ++a) {
    if (mask[a] && (best == q.size() || q[a] > q[best])) best = a;
  }
  if (best == q.size()) throw_nothing_allowed();
  return static_cast<std::int32_t>(best);
}

std::int32_t random_action(ConstMaskRow mask, Rng& rng) {
  const auto allowed = static_cast<std::uint32_t>(
      std::count_if(mask.begin(), mask.end(), [](std::uint8_t flag) { return flag != 0; }));
  if (allowed == 0) throw_nothing_allowed();
  std::uint32_t skip = rng.below(allowed);
  std::size_t a = 0;
  while (!mask[a] || skip-- > 0) ++a;
  return static_cast<std::int32_t>(a);
}

}  // namespace tern
