#include "envs/plugin_host/row_guard.h"

#include <sys/mman.h>

#include <memory>

#include "envs/call_record/env_calls.h"
#include "envs/guarded_row.h"

namespace tern {
namespace {

constexpr std::size_t kPage = 64 * 1024;  // the largest that a kernel may have
constexpr std::size_t kBefore = 16 * kPage;
constexpr std::size_t kWritable = RowGuard::kMostBytes + kPage;
constexpr std::size_t kAlignment = 16;
static_assert(kBefore + kWritable < kGuardedPagesBytes);

}  // namespace

thread_local RowGuard* RowGuard::own_ = nullptr;

RowGuard* RowGuard::make_own() {
  void* const pages = mmap(nullptr, kGuardedPagesBytes, PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  auto* const bytes = static_cast<std::uint8_t*>(pages);
  if (mprotect(bytes + kBefore, kWritable, PROT_READ | PROT_WRITE) != 0) {
    munmap(pages, kGuardedPagesBytes);
    return nullptr;
  }
  static thread_local std::unique_ptr<RowGuard> kept;  // until the thread ends
  kept.reset(new RowGuard(bytes));
  own_ = kept.get();
  return own_;
}

RowGuard::~RowGuard() {
  own_ = nullptr;
  munmap(pages_, kGuardedPagesBytes);
}

void RowGuard::place(std::size_t bytes) {
  const std::size_t gap = (kAlignment - bytes % kAlignment) % kAlignment;
  bytes_ = bytes;
  row_ = pages_ + kBefore + kWritable - kMarks - gap - bytes;
  std::memset(row_ - kMarks, static_cast<int>(kMarkedWord & 0xFF), kMarks);
  std::memset(row_ + bytes, static_cast<int>(kMarkedWord & 0xFF), kMarks + gap);
}

std::string RowGuard::take_overrun() {
  const std::string overrun =
      overrun_of(row_, bytes_, static_cast<std::uint8_t>(kMarkedWord & 0xFF), kMarks, kMarks);
  place(bytes_);
  return overrun;
}

}  // namespace tern
