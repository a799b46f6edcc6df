#pragma once
// Keeps the folder that a process works in while a library is loaded or an env is made.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tern {

/// Goes back to the folder of its construction when it ends, if that was left (chdir): relative
/// paths of runs and files hang on it.
class KeptFolder {
 public:
  KeptFolder() : folder_(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)) {}
  ~KeptFolder() {
    if (folder_ < 0) return;
    struct stat before = {}, now = {};
    const bool is_same = fstat(folder_, &before) == 0 && stat(".", &now) == 0 &&
                         before.st_dev == now.st_dev && before.st_ino == now.st_ino;
    // Where that fails there is nothing to go back to.
    [[maybe_unused]] const int gone_back = is_same ? 0 : fchdir(folder_);
    close(folder_);
  }
  KeptFolder(const KeptFolder&) = delete;
  KeptFolder& operator=(const KeptFolder&) = delete;

 private:
  int folder_;
};

}  // namespace tern
