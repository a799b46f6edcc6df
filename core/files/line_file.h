#pragma once
// Text files of one record a line, appended to by processes that may be killed at any moment.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tern {

/// Shortens the file to its longest beginning of whole lines for which `keep` holds; a last line
/// without its newline goes always. keep: called with each line in order, without the newline, and
/// its number from 0, until it says false. Shortening happens in place: it needs no free disk, and
/// a crash leaves the file as it was or shortened. A file that does not exist is fine.
void keep_lines(const std::string& path,
                const std::function<bool(std::string_view line, std::int64_t number)>& keep);

}  // namespace tern
