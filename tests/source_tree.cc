#include "tests/source_tree.h"

namespace tern {

std::string source_path(const std::string& below_the_root) {
  return std::string(TERN_SOURCE_DIR) + "/" + below_the_root;
}

}  // namespace tern
