#pragma once
// Checks that the code which a page of docs/ shows is the code that is built.

#include <functional>
#include <string>
#include <vector>

namespace tern::house {

/// A block of a page that follows "<!-- from: FILE -->" must be a part of FILE, but for
/// indentation, and every block of C++ (```cpp) must say where it is from. Returns what is wrong,
/// each "line 12: ..". read_file: the text of a file by its path from the root; "" where there is
/// none.
std::vector<std::string> shown_code_errors(
    const std::string& page, const std::function<std::string(const std::string&)>& read_file);

}  // namespace tern::house
