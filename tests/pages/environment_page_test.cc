// Proof: golden text. The page of the envs is what the specs say now, and has its pictures.

#include "tests/pages/environment_page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/drawing/raster_canvas.h"
#include "core/files/file_io.h"
#include "envs/registry/registry.h"
#include "render/episode_player.h"
#include "render/frame_layout.h"
#include "render/png.h"
#include "tests/source_tree.h"

namespace tern {
namespace {

const std::string kDocs = source_path("docs/");
constexpr const char* kHowTo = "run test_pages once with TERN_UPDATE_DOCS=1 and commit what it wrote";

bool is_updating() { return std::getenv("TERN_UPDATE_DOCS") != nullptr; }

/// The env after eight random steps.
void write_picture(const EnvEntry& entry, const std::string& path) {
  EpisodeOptions options;
  options.seed = 3;
  EpisodePlayer player(entry, {}, options);
  player.start(nullptr);
  for (int t = 0; t < 8; ++t) {
    player.step(nullptr);
    if (player.has_ended()) player.start(nullptr);
  }
  RasterCanvas picture(320, 240);
  picture.set_view({0, 0}, {320, 240}, palette::kBackground);
  draw_env_in(picture, {0, 0}, {320, 240}, player.frame());
  std::filesystem::remove(path);
  write_png(path, picture);
}

TEST(EnvironmentPage, IsWhatTheSpecsSay) {
  const std::string path = kDocs + "environments.md";
  if (is_updating()) std::ofstream(path) << environment_page(registry());
  EXPECT_EQ(read_text_file(path), environment_page(registry())) << kHowTo;
}

TEST(EnvironmentPage, HasAPictureOfEachEnv) {
  if (is_updating()) std::filesystem::create_directories(kDocs + "images/envs");
  for (const EnvEntry* entry : registry().entries()) {
    if (!entry->alias_of.empty()) continue;
    const std::string path = kDocs + picture_path(entry->spec.id);
    if (is_updating()) write_picture(*entry, path);
    EXPECT_TRUE(is_file(path)) << path << ": " << kHowTo;
  }
}

}  // namespace
}  // namespace tern
