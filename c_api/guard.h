#pragma once
// Between C and C++: exceptions become a status and a sentence.

#include <cstdint>
#include <exception>
#include <new>
#include <string>

#include "c_api/tern_c.h"
#include "core/error.h"

namespace tern::c_api {

/// What ternc_last_error() says from now on in this thread. Never throws.
void set_last_error(const char* text) noexcept;

/// Calls `work` and returns how it went.
template <class Work>
ternc_status guarded(const Work& work) noexcept {
  try {
    work();
    return TERNC_OK;
  } catch (const Error& error) {
    set_last_error(error.what());
    return error.code() == ExitCode::kUsage ? TERNC_USAGE : TERNC_FAILURE;
  } catch (const std::bad_alloc&) {
    set_last_error("there is not enough memory");
    return TERNC_FAILURE;
  } catch (const std::exception& error) {
    set_last_error(error.what());
    return TERNC_INTERNAL;
  } catch (...) {
    set_last_error("something was thrown that is no std::exception");
    return TERNC_INTERNAL;
  }
}

/// Throws Error unless `pointer` is one. what: "ternc_envs_step: result".
inline void require(const void* pointer, const char* what) {
  if (pointer == nullptr) throw Error(std::string(what) + " is null");
}

/// The same, and that floats or int32 may stand there.
inline void require_rows(const void* pointer, const char* what) {
  require(pointer, what);
  if (reinterpret_cast<std::uintptr_t>(pointer) % alignof(float) != 0) {
    throw Error(std::string(what) + " is no address that 4-byte numbers may have");
  }
}

}  // namespace tern::c_api
