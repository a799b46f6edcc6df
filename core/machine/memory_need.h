#pragma once
// Memory that is asked for in one piece is compared with what there is before it is taken: an error
// with a size instead of an allocator's, or of the kernel that kills.

#include <string>

namespace tern {

/// Bytes that this process can use at most: the machine's, or its control group's limit.
double usable_memory();

/// Throws Error "WHAT needs 12.9 GB of memory, this machine has 4.1 GB; REMEDY" where `bytes` are
/// more than usable_memory().
void check_memory_need(double bytes, const std::string& what, const std::string& remedy);

}  // namespace tern
