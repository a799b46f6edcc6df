#pragma once
// Replaces operator new of the whole executable by one that counts. For exactly one source of it.

#include <atomic>
#include <cstdlib>
#include <new>

/// Of all threads since the start.
inline std::atomic<long> allocations = 0;

inline void* counted_memory(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new(std::size_t size) { return counted_memory(size); }
void* operator new[](std::size_t size) { return counted_memory(size); }
// g++ sees some of their callers get memory of malloc's by way of new, and takes that for a mistake.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
