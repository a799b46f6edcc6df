#pragma once
// A line of help on keys. Std only.

#include <string>

namespace tern {

/// "left, a" and "push left".
struct KeyMeaning {
  std::string keys;
  std::string meaning;
};

}  // namespace tern
