#include "agents/algorithm/finite_check.h"

#include <algorithm>

namespace tern {

void throw_nonfinite(std::string name, double value, std::int64_t step,
                     std::vector<NamedArray> arrays) {
  for (const NamedArray& array : arrays) {
    const auto wrong = std::find_if(array.values.begin(), array.values.end(),
                                    [](float each) { return !std::isfinite(each); });
    if (wrong == array.values.end()) continue;
    name = array.name;
    value = *wrong;
    break;
  }
  throw NonFiniteError(name, value, step, std::move(arrays));
}

}  // namespace tern
