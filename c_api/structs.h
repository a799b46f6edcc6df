#pragma once
// Structs that begin with their size, of programs that may know fewer members than we do, or more.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>

#include "core/error.h"

namespace tern::c_api {

/// The struct with what a program set; members that it does not know are zero. Throws Error for one
/// whose size was never set. what: "ternc_step".
template <class Struct>
Struct read_struct(const Struct* given, const char* what) {
  if (given->struct_size < sizeof(std::size_t)) {
    throw Error(std::string(what) + "::struct_size is " + std::to_string(given->struct_size) +
                "; begin with its _INIT");
  }
  Struct read{};
  std::memcpy(&read, given, std::min(given->struct_size, sizeof(Struct)));
  return read;
}

/// Fills as much of a program's struct as it knows, but for its size.
template <class Struct>
void write_struct(const Struct& from, Struct* to, const char* what) {
  const std::size_t size = std::min(read_struct(to, what).struct_size, sizeof(Struct));
  std::memcpy(reinterpret_cast<char*>(to) + sizeof(std::size_t),
              reinterpret_cast<const char*>(&from) + sizeof(std::size_t),
              size - sizeof(std::size_t));
}

/// Element i of an array of a program's structs.
template <class Struct>
const Struct* element(const Struct* array, std::size_t i) {
  return reinterpret_cast<const Struct*>(reinterpret_cast<const char*>(array) +
                                         i * array->struct_size);
}

}  // namespace tern::c_api
