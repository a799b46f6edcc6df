#pragma once
// "key=value" words of C programs.

#include <cstddef>
#include <string>
#include <vector>

#include "core/params.h"

namespace tern::c_api {

/// As assignments. where: in front of what is said of them, "ternc_envs_make: params". Throws Error
/// for a null pointer and for a word without "=".
std::vector<ParamValue> read_words(const char* const* words, std::size_t count,
                                   const std::string& where);

}  // namespace tern::c_api
