#pragma once
// Where the checkout lies. Only source_tree.cc is compiled with that path, so that a compiler cache
// serves every copy of the checkout.

#include <string>

namespace tern {

/// "tests/data/golden/x.json" -> the file's absolute path.
std::string source_path(const std::string& below_the_root);

}  // namespace tern
