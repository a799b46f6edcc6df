#include "core/config/param_markdown.h"

namespace tern {
namespace {

std::string code(const std::string& text) {
  return text.empty() ? "" : "`" + markdown_cell(text) + "`";
}

}  // namespace

std::string markdown_cell(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

std::string markdown_table(const std::vector<ParamInfo>& infos) {
  std::string text = "| key | type | default | range | meaning |\n|---|---|---|---|---|\n";
  for (const ParamInfo& info : infos) {
    text += "| " + code(info.name) + " | " + info.type + " | " + code(info.default_value) + " | " +
            code(info.range) + " | " + markdown_cell(info.doc) + " |\n";
  }
  return text + "\n";
}

}  // namespace tern
