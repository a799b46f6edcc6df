#pragma once
// A folder that is a disk of its own, small enough to fill.

#include <sys/mount.h>

#include <string>

#include "tests/temporary_folder.h"

namespace tern {

class SmallDisk {
 public:
  /// size: as mount writes it, "64k". Only root may mount; see is_mounted().
  explicit SmallDisk(const std::string& size)
      : is_mounted_(::mount("none", folder_.path().c_str(), "tmpfs", 0, ("size=" + size).c_str()) ==
                    0) {}
  ~SmallDisk() {
    if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_mounted() const { return is_mounted_; }
  const std::string& path() const { return folder_.path(); }
  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  TemporaryFolder folder_;
  bool is_mounted_ = false;
};

}  // namespace tern
