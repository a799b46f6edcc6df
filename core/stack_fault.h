#pragma once
// Tells a stack that is full from other invalid memory accesses, inside a signal handler.

#include <signal.h>
#include <ucontext.h>

#include <cstdint>

namespace tern {

/// Whether a SIGSEGV or SIGBUS came of a stack that ran over: the address that was touched is near
/// the stack pointer. info, context: what a handler with SA_SIGINFO gets. Async-signal-safe.
inline bool is_stack_overflow(const siginfo_t* info, const void* context) {
  constexpr std::uintptr_t kNear = 1 << 20;
  const auto* const state = static_cast<const ucontext_t*>(context);
  if (info == nullptr || state == nullptr || info->si_code <= 0) return false;  // sent, no fault
#if defined(__x86_64__)
  const auto top = static_cast<std::uintptr_t>(state->uc_mcontext.gregs[REG_RSP]);
#elif defined(__aarch64__)
  const auto top = static_cast<std::uintptr_t>(state->uc_mcontext.sp);
#else
  const std::uintptr_t top = 0;
#endif
  const auto touched = reinterpret_cast<std::uintptr_t>(info->si_addr);
  return top != 0 && touched < top + kNear && touched + kNear > top;
}

}  // namespace tern
