#include "c_api/guard.h"

#include <cstring>

#include "c_api/words.h"
#include "core/version.h"

namespace tern::c_api {
namespace {

/// Never allocated, so that it can also say that there is no memory.
thread_local char last_error[4096] = "";

}  // namespace

void set_last_error(const char* text) noexcept {
  std::strncpy(last_error, text, sizeof last_error - 1);
}

std::vector<ParamValue> read_words(const char* const* words, std::size_t count,
                                   const std::string& where) {
  std::vector<ParamValue> values;
  if (count > 0) require(words, where.c_str());
  for (std::size_t i = 0; i < count; ++i) {
    const std::string place = where + "[" + std::to_string(i) + "]";
    require(words[i], place.c_str());
    const std::string word = words[i];
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(place + " is '" + word + "'; expected key=value");
    }
    values.push_back({word.substr(0, equals), word.substr(equals + 1), where});
  }
  return values;
}

}  // namespace tern::c_api

uint32_t ternc_version(void) {
  return TERNC_VERSION;
}
const char* ternc_tern_version(void) {
  return tern::version();
}
const char* ternc_last_error(void) {
  return tern::c_api::last_error;
}
