#include "core/machine/memory_need.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>

#include "core/error.h"
#include "core/files/file_io.h"

namespace tern {
namespace {

std::string size_of(double bytes) {
  return size_text(static_cast<std::int64_t>(std::min(bytes, 9e18)));
}

}  // namespace

double usable_memory() {
  const double machine = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                         static_cast<double>(sysconf(_SC_PAGE_SIZE));
  double limit = 0;  // the file says "max" where there is none
  std::ifstream file("/sys/fs/cgroup/memory.max");
  return file >> limit && limit > 0 ? std::min(machine, limit) : machine;
}

void check_memory_need(double bytes, const std::string& what, const std::string& remedy) {
  const double usable = usable_memory();
  if (bytes <= usable) return;
  throw Error(what + " needs " + size_of(bytes) + " of memory, this machine has " +
              size_of(usable) + "; " + remedy);
}

}  // namespace tern
