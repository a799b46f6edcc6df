#include "cli/viewing/window_layout.h"

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "core/error.h"
#include "core/files/file_io.h"
#include "core/files/json.h"

namespace tern::cli {
namespace {

/// In the order of PanelSection.
constexpr const char* kSections[] = {"sides", "curve", "board", "value", "action",
                                     "quantiles", "why", "terms", "info", "observation",
                                     "memory"};
static_assert(std::size(kSections) == kPanelSections);

constexpr std::int64_t kLeast = 100, kMost = 8192;  // pixels
constexpr std::uintmax_t kMostBytes = 1 << 16;

std::optional<int> pixels(const Json& value) {
  if (!value.is_integer() || value.integer() < kLeast || value.integer() > kMost) return {};
  return static_cast<int>(value.integer());
}

}  // namespace

std::string window_layout_file() {
  const char* const state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return std::string(state) + "/tern/watch.json";
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home != '/') return "";
  return std::string(home) + "/.local/state/tern/watch.json";
}

WindowLayout read_window_layout() {
  WindowLayout layout;
  const std::string name = window_layout_file();
  std::error_code error;
  const bool is_readable = !name.empty() && std::filesystem::is_regular_file(name, error) &&
                           std::filesystem::file_size(name, error) <= kMostBytes && !error;
  if (!is_readable) return layout;
  std::optional<Json> document;
  try {
    document = Json::try_parse(read_text_file(name));
  } catch (const Error&) {
    return layout;
  }
  if (!document || !document->is_object()) return layout;
  const std::optional<int> width = pixels((*document)["width"]),
                           height = pixels((*document)["height"]);
  if (width && height) layout.size = {*width, *height};
  for (const Json& folded : (*document)["folded"]) {
    for (std::size_t i = 0; i < kPanelSections; ++i) {
      if (folded.is_text() && folded.text() == kSections[i]) layout.folded.set(i);
    }
  }
  return layout;
}

void keep_window_layout(const WindowLayout& layout) {
  const std::string name = window_layout_file();
  if (name.empty()) return;
  Json folded = Json::list();
  for (std::size_t i = 0; i < kPanelSections; ++i) {
    if (layout.folded[i]) folded.push_back(kSections[i]);
  }
  const Json document = {
      {"width", layout.size.width}, {"height", layout.size.height}, {"folded", folded}};
  try {
    make_folders(std::filesystem::path(name).parent_path().string());
    const std::string text = document.dump() + "\n";
    write_file_durably(name, as_bytes(text));
  } catch (const Error&) {
    return;  // a window that closes has nobody to tell
  }
}

}  // namespace tern::cli
