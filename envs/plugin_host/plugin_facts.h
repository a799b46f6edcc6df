#pragma once
// The facts that a plugin states, read from its C structs and checked. Host side.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "envs/env.h"
#include "envs/plugin_abi.h"

namespace tern {

/// A struct as its maker compiled it, as ours: fields that it does not have are zero, fields that
/// we do not know are dropped.
template <class T>
T read_struct(const void* data, std::uint32_t size) {
  T copy = {};
  std::memcpy(&copy, data, std::min<std::size_t>(size, sizeof copy));
  return copy;
}

/// Element i of an array of such structs.
template <class T>
T read_element(const void* array, std::uint32_t i, std::uint32_t element_size) {
  return read_struct<T>(static_cast<const char*>(array) + std::size_t{i} * element_size,
                        element_size);
}

/// The facts of an env as the rest of Tern sees them. Throws Error::failure that begins with
/// `where` ("./lib.so: 'Id'") for facts that make no sense.
EnvSpec read_spec(const tern_env_spec* spec, const std::string& where);

/// The parameters that a table lists. Throws Error::failure.
std::vector<ParamInfo> read_params(const tern_env_table& table, const std::string& where);

/// "" for NULL.
inline std::string read_text(const char* text) { return text == nullptr ? "" : text; }

}  // namespace tern
