#include "core/files/line_file.h"

#include "core/files/file_io.h"

namespace tern {

void keep_lines(const std::string& path,
                const std::function<bool(std::string_view line, std::int64_t number)>& keep) {
  if (!is_file(path)) return;
  const std::string text = read_text_file(path);
  std::size_t kept = 0;
  for (std::int64_t number = 0; kept < text.size(); ++number) {
    const std::size_t newline = text.find('\n', kept);
    if (newline == std::string::npos) break;
    if (!keep(std::string_view(text).substr(kept, newline - kept), number)) break;
    kept = newline + 1;
  }
  if (kept < text.size()) cut_file(path, static_cast<std::int64_t>(kept));
}

}  // namespace tern
