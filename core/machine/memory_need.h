#pragma once
// Checks that a large piece of memory fits into this machine before it is allocated: an error that
// names the size, instead of std::bad_alloc or a kernel that kills the process.

#include <string>

namespace tern {

/// Bytes that this process can use at most: the machine's, or its control group's limit.
double usable_memory();

/// Throws Error "WHAT needs 12.9 GB of memory, this machine has 4.1 GB; REMEDY" where `bytes` are
/// more than usable_memory().
void check_memory_need(double bytes, const std::string& what, const std::string& remedy);

}  // namespace tern
