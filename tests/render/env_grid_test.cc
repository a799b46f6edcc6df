// Proof: worked examples of the layout, what a viewer of several envs does, all sizes and shapes.

#include "render/env_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/drawing/raster_canvas.h"
#include "envs/registry/registry.h"
#include "render/frame_layout.h"
#include "render/terminal_frame.h"
#include "render/viewer.h"
#include "tests/core/canvas_scene.h"
#include "tests/render/frames.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

using testing::HasSubstr;

std::shared_ptr<Policy> policy_for(const std::string& env) {
  if (env != "CartPole-v1") return nullptr;  // random actions
  return std::make_shared<LinearPolicy>();
}

EpisodeOptions seeded(std::uint64_t seed) {
  EpisodeOptions options;
  options.seed = seed;
  return options;
}

class GridViewer : public Viewer {
 public:
  GridViewer(const std::string& env, std::size_t count, std::uint64_t seed = 5)
      : Viewer(std::make_unique<EpisodePlayer>(registry().find(env), ParamValues(), seeded(seed)),
               [policy = policy_for(env)] { return policy; }) {
    if (count > 1) show_envs(count);
  }
};

/// What the i-th episode of one env alone looks like after so many steps.
std::string alone(std::uint64_t seed, int steps) {
  GridViewer viewer("CartPole-v1", 1, seed);
  for (int i = 0; i < steps; ++i) viewer.press(ViewerKey::kStep);
  const FrameData& frame = viewer.frame();
  return frame.env.str() + return_text(frame);
}

TEST(EnvGrid, EachEnvIsThatOfItsSeedAlone) {
  GridViewer viewer("CartPole-v1", 9);
  for (int i = 0; i < 20; ++i) viewer.press(ViewerKey::kStep);
  const FrameData& frame = viewer.frame();
  ASSERT_EQ(frame.tiles.size(), 9u);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(frame.tiles[i].seed, 5 + i);
    EXPECT_EQ(frame.tiles[i].step, 20);
    EXPECT_EQ(frame.tiles[i].env.str() + frame.tiles[i].result, alone(5 + i, 20)) << i;
  }
}

TEST(EnvGrid, TheSelectedOneIsInThePanelAndOnTheTimeLine) {
  GridViewer viewer("CartPole-v1", 4);
  for (int i = 0; i < 20; ++i) viewer.press(ViewerKey::kStep);
  viewer.press(ViewerKey::kNextTile);
  viewer.press(ViewerKey::kNextTile);
  EXPECT_EQ(viewer.frame().selected_tile, 2u);
  EXPECT_EQ(viewer.frame().seed, 7u);
  EXPECT_EQ(viewer.frame().env.str() + return_text(viewer.frame()), alone(7, 20));
  for (int i = 0; i < 8; ++i) viewer.press(ViewerKey::kBack);
  EXPECT_EQ(viewer.frame().env.str() + return_text(viewer.frame()), alone(7, 12));
  EXPECT_EQ(viewer.frame().tiles[2].step, 12);
  EXPECT_EQ(viewer.frame().tiles[1].step, 20);  // the others stand where they were
  viewer.press(ViewerKey::kPreviousTile);
  EXPECT_EQ(viewer.frame().env.str() + return_text(viewer.frame()), alone(6, 20));
  EXPECT_FALSE(viewer.frame().is_replay);
  viewer.press(ViewerKey::kPreviousTile);
  viewer.press(ViewerKey::kPreviousTile);
  EXPECT_EQ(viewer.frame().selected_tile, 3u);  // round the end
  viewer.press(ViewerKey::kStep);
  for (const Tile& tile : viewer.frame().tiles) EXPECT_EQ(tile.step, 21);
}

TEST(EnvGrid, AClickSelects) {
  GridViewer viewer("CartPole-v1", 4);
  RecordingCanvas canvas;
  viewer.set_panel(draw_viewer_frame(canvas, 1024, 680, viewer.frame()));
  const std::vector<TilePlace> places = tile_places({{0, 30}, {680, 680}}, 1, viewer.frame());
  const Rectangle third = places[2].whole();
  viewer.use_mouse({{third.low.x + 20, third.low.y + 20}, true, true, 0}, 1024, 680);
  EXPECT_EQ(viewer.frame().selected_tile, 2u);
}

TEST(EnvGrid, TimePassesForAllAndEpisodesEndOneByOne) {
  GridViewer viewer("FrozenLake-v1", 9);  // random actions fall into holes soon
  bool has_seen_others_go_on = false;
  for (int i = 0; i < 600; ++i) {
    viewer.advance(1.0 / 20);
    const FrameData& frame = viewer.frame();
    ASSERT_EQ(frame.tiles.size(), 9u);
    std::size_t over = 0;
    for (const Tile& tile : frame.tiles) over += tile.end.empty() ? 0 : 1;
    has_seen_others_go_on = has_seen_others_go_on || (over > 0 && over < 9);
  }
  EXPECT_TRUE(has_seen_others_go_on);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_GT(viewer.frame().episode, 2) << i;
    viewer.press(ViewerKey::kNextTile);
  }
}

TEST(EnvGrid, TheKeyGoesFromOneToFourNineSixteenAndBack) {
  GridViewer viewer("CartPole-v1", 1);
  EXPECT_TRUE(viewer.frame().tiles.empty());
  viewer.press(ViewerKey::kNextTile);
  EXPECT_THAT(viewer.frame().notice, HasSubstr("g shows more envs"));
  for (const std::size_t count : {4, 9, 16}) {
    viewer.press(ViewerKey::kGrid);
    EXPECT_EQ(viewer.frame().tiles.size(), count);
  }
  for (int i = 0; i < 3; ++i) viewer.press(ViewerKey::kNextTile);
  viewer.press(ViewerKey::kGrid);
  EXPECT_TRUE(viewer.frame().tiles.empty());
  EXPECT_EQ(viewer.frame().seed, 8u);  // the selected one stays
  viewer.press(ViewerKey::kGrid);
  EXPECT_EQ(viewer.frame().tiles[3].seed, 11u);
}

TEST(EnvGrid, FewerEnvsKeepOneThatIsThere) {
  GridViewer viewer("CartPole-v1", 9);
  for (int i = 0; i < 8; ++i) viewer.press(ViewerKey::kNextTile);
  viewer.show_envs(3);
  EXPECT_EQ(viewer.frame().tiles.size(), 3u);
  EXPECT_EQ(viewer.frame().selected_tile, 2u);
  EXPECT_EQ(viewer.frame().seed, 7u);
  viewer.show_envs(1000);
  EXPECT_EQ(viewer.frame().tiles.size(), kMostTiles);
}

TEST(EnvGrid, ABranchAndAPersonHaveTheWindowForThemselves) {
  GridViewer viewer("CartPole-v1", 4);
  for (int i = 0; i < 5; ++i) viewer.press(ViewerKey::kStep);
  const bool goes_right = viewer.frame().action[0] == 1;
  viewer.press(goes_right ? ViewerKey::kBranch1 : ViewerKey::kBranch2);
  ASSERT_NE(viewer.frame().other, nullptr);
  EXPECT_TRUE(viewer.frame().tiles.empty());
  viewer.press(ViewerKey::kGrid);
  EXPECT_THAT(viewer.frame().notice, HasSubstr("side by side"));
  viewer.press(ViewerKey::kNextEpisode);
  ASSERT_EQ(viewer.frame().tiles.size(), 4u);
  EXPECT_EQ(viewer.frame().tiles[1].step, 5);  // stood still meanwhile
  viewer.press(ViewerKey::kTakeOver);
  EXPECT_TRUE(viewer.frame().tiles.empty());
  viewer.press(ViewerKey::kGrid);
  EXPECT_THAT(viewer.frame().notice, HasSubstr("tab hands back"));
  for (int i = 0; i < 100; ++i) viewer.advance(0.02);
  viewer.press(ViewerKey::kTakeOver);
  EXPECT_EQ(viewer.frame().tiles[1].step, 5);
}

TEST(EnvGrid, ABreakpointSelectsTheEnvThatReachesIt) {
  GridViewer viewer("FrozenLake-v1", 9);
  std::vector<Breakpoint> breakpoints;
  breakpoints.emplace_back("terminated", registry().find("FrozenLake-v1").spec);
  viewer.set_breakpoints(std::move(breakpoints));
  for (int i = 0; i < 1000 && !viewer.is_paused(); ++i) viewer.advance(0.05);
  ASSERT_TRUE(viewer.is_paused());
  EXPECT_TRUE(viewer.frame().terminated);
  EXPECT_EQ(viewer.frame().breakpoint, "terminated");
  EXPECT_NE(viewer.frame().selected_tile, 0u);  // with these seeds
}

TEST(EnvGrid, NoTileIsEmptyWhereThatCostsLittle) {
  EXPECT_EQ(grid_columns(4, 400, 400, 20, 1), 2u);
  EXPECT_EQ(grid_columns(9, 400, 400, 20, 1), 3u);
  EXPECT_EQ(grid_columns(16, 400, 400, 20, 1), 4u);
  EXPECT_EQ(grid_columns(4, 1600, 200, 20, 1), 4u);
  EXPECT_EQ(grid_columns(4, 200, 1600, 20, 1), 1u);
  EXPECT_EQ(grid_columns(2, 400, 400, 20, 4), 1u);
  EXPECT_EQ(grid_columns(1, 1, 1, 20, 1), 1u);  // no room at all
}

TEST(EnvGrid, CaptionsSayAsMuchAsFits) {
  const Tile tile{{}, 12, 345, "-20.5", "terminated"};
  const auto caption = [&](float width) {
    const TileCaption words = tile_caption(
        tile, width, [](const std::string& line) { return static_cast<float>(line.size()); });
    return words.left + "|" + words.right;
  };
  EXPECT_EQ(caption(80), "seed 12  step 345, terminated|return -20.5");
  EXPECT_EQ(caption(32), "seed 12  step 345|return -20.5");
  EXPECT_EQ(caption(24), "step 345|return -20.5");
  EXPECT_EQ(caption(12), "345|-20.5");
  EXPECT_EQ(caption(6), "|-20.5");
  EXPECT_EQ(caption(3), "|");
}

// Odd shapes of env and window: tiles lie in the window, apart, and something is drawn.
TEST(EnvGrid, TilesLieSideBySideInEveryWindow) {
  for (const auto& [width, height] : {std::pair(400, 300),
                                      {640, 480},
                                      {1280, 800},
                                      {300, 900},
                                      {3840, 2160},
                                      {420, 100},
                                      {40, 30},
                                      {1, 1}}) {
    for (const float wide : {0.1f, 1.0f, 10.0f}) {
      for (const std::size_t count : {2, 7, 16}) {
        FrameData frame = balancing_frame();
        for (std::size_t i = 0; i < count; ++i) {
          Tile tile;
          tile.env.set_view({0, 0}, {wide, 1}, palette::kBackground);
          tile.env.circle({wide / 2, 0.5f}, 0.1f, palette::kInk);
          tile.result = "1";
          frame.tiles.push_back(std::move(tile));
        }
        RecordingCanvas canvas;
        const PanelMap map = draw_viewer_frame(canvas, width, height, frame);
        ASSERT_EQ(map.tiles.size(), count);
        for (std::size_t i = 0; i < count; ++i) {
          const Rectangle& at = map.tiles[i];
          const bool has_room = width >= 300 && height >= 200;
          EXPECT_LT(at.low.x, at.high.x) << width << "x" << height;
          EXPECT_LT(at.low.y, at.high.y) << width << "x" << height;
          if (!has_room) continue;
          EXPECT_GE(at.low.x, 0);
          EXPECT_GE(at.low.y, 0);
          EXPECT_LE(at.high.x, static_cast<float>(width));
          EXPECT_LE(at.high.y, static_cast<float>(height));
          for (std::size_t j = 0; j < i; ++j) {
            const Rectangle& other = map.tiles[j];
            const bool are_apart = at.low.x >= other.high.x || other.low.x >= at.high.x ||
                                   at.low.y >= other.high.y || other.low.y >= at.high.y;
            EXPECT_TRUE(are_apart) << width << "x" << height << ": " << i << ", " << j;
          }
        }
        RasterCanvas picture(width, height);
        draw_viewer_frame(picture, width, height, frame);
      }
    }
  }
}

TEST(EnvGrid, EachTileAndTheFrameAroundOneAreSeen) {
  FrameData frame = balancing_frame();
  for (int i = 0; i < 4; ++i) {
    frame.tiles.push_back({frame.env, static_cast<std::uint64_t>(i), i, std::to_string(i), ""});
  }
  const auto hash = [](const FrameData& shown) {
    RasterCanvas picture(640, 480);
    draw_viewer_frame(picture, 640, 480, shown);
    return picture_hash(picture.rgb());
  };
  FrameData other = frame;
  other.selected_tile = 3;
  EXPECT_NE(hash(frame), hash(other));
  for (std::size_t i = 0; i < 4; ++i) {
    other = frame;
    other.tiles[i].env.circle({1, -0.5f}, 0.2f, palette::kDanger);
    EXPECT_NE(hash(frame), hash(other)) << i;
    other = frame;
    other.tiles[i].result = "77";
    EXPECT_NE(hash(frame), hash(other)) << i;
  }
}

TEST(EnvGrid, ATerminalShowsThemWhereTheyHaveRoom) {
  FrameData frame = balancing_frame();
  for (int i = 0; i < 4; ++i) {
    frame.tiles.push_back({frame.env, static_cast<std::uint64_t>(i + 20), i, "9", ""});
  }
  const auto text = [&](int columns, int rows, bool has_blocks) {
    TerminalScreen screen(columns, rows);
    draw_terminal_frame(screen, frame,
                        {has_blocks ? TerminalColors::kTrue : TerminalColors::kNone, has_blocks});
    std::string all;
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const char32_t letter = screen.at(column, row).glyph;
        all += letter < 128 ? static_cast<char>(letter) : '#';
      }
      all += '\n';
    }
    return all;
  };
  for (const bool has_blocks : {true, false}) {
    EXPECT_THAT(text(120, 40, has_blocks), HasSubstr("seed 23  step 3"));
    EXPECT_THAT(text(120, 40, has_blocks), Not(HasSubstr("no room")));
    EXPECT_THAT(text(72, 8, has_blocks), HasSubstr("4 envs, no room for them"));
    EXPECT_THAT(text(72, 8, has_blocks), Not(HasSubstr("seed 23")));
    text(20, 6, has_blocks);
  }
}

}  // namespace
}  // namespace tern
