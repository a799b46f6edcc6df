#pragma once
// A field of tokens: text, or any list of choices of one kind. Header-only and C++17.

#include <string>

#include "core/space.h"

namespace tern {

/// `length` indices in [first, first + vocabulary), each one-hot for networks: a text as the
/// numbers of its words, with one number for "no word" behind its end.
///   spec.obs.add(tern::tokens("mission", 16, 40))
inline Field tokens(const std::string& name, int length, int vocabulary, int first = 0) {
  Field field;
  field.name = name;
  field.shape = {length};
  field.low = first;
  field.high = static_cast<double>(first) + vocabulary - 1;
  field.categories = vocabulary;
  field.first = first;
  return field;
}

}  // namespace tern
