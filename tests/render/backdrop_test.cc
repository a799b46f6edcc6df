// Proof: law over all registered envs, at all common shapes of pictures. What an env paints at the
// border of its view goes on to the edge of the picture.
//
// A pixel is painted if it does not depend on the background that the env gave to set_view.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/drawing/raster_canvas.h"
#include "core/drawing/view_transform.h"
#include "envs/registry/registry.h"
#include "render/episode_player.h"
#include "render/viewport_canvas.h"

namespace tern {
namespace {

struct Size {
  int width, height;
};
constexpr Size kSizes[] = {{400, 800}, {450, 600}, {560, 560},  {640, 480},
                           {684, 454}, {768, 432}, {900, 400}, {1000, 400}};

/// Passes everything on, with another background.
class OtherBackground final : public Canvas {
 public:
  OtherBackground(Canvas& target, Color background) : target_(target), background_(background) {}
  void set_view(Point low, Point high, Color) override {
    view_ = {low, high};
    target_.set_view(low, high, background_);
  }
  void polygon(const Point* corners, std::size_t count, Color color) override {
    target_.polygon(corners, count, color);
  }
  void circle(Point center, float radius, Color color) override {
    target_.circle(center, radius, color);
  }
  void capsule(Point a, Point b, float radius, Color color) override {
    target_.capsule(a, b, radius, color);
  }
  void line(Point a, Point b, float width, Color color) override { target_.line(a, b, width, color); }
  void cells(Point top_left, float cell_size, int rows, int columns, const std::uint8_t* kind,
             const CellStyle* styles, std::size_t count) override {
    target_.cells(top_left, cell_size, rows, columns, kind, styles, count);
  }
  void image(Point low, Point high, int width, int height, const std::uint8_t* rgb) override {
    target_.image(low, high, width, height, rgb);
  }
  void text(Point at, float height, std::string_view line, Color color, Align align) override {
    target_.text(at, height, line, color, align);
  }
  void push(Point move, float angle, float scale) override { target_.push(move, angle, scale); }
  void pop() override { target_.pop(); }
  Rectangle view() const { return view_; }

 private:
  Canvas& target_;
  Color background_;
  Rectangle view_;
};

struct Picture {
  std::vector<bool> painted;  // [height, width]
  Rectangle view;
};

Picture drawn(const RecordingCanvas& env, Size size) {
  std::vector<std::vector<std::uint8_t>> pictures;
  Picture picture;
  for (const Color background : {Color{255, 0, 255}, Color{1, 254, 2}}) {
    RasterCanvas canvas(size.width, size.height);
    canvas.set_view({0, 0}, {static_cast<float>(size.width), static_cast<float>(size.height)}, {});
    {
      ViewportCanvas part(canvas, {0, 0},
                          {static_cast<float>(size.width), static_cast<float>(size.height)});
      OtherBackground other(part, background);
      env.replay(other);
      picture.view = other.view();
    }
    pictures.push_back(canvas.rgb());
  }
  for (std::size_t i = 0; i < pictures[0].size(); i += 3) {
    picture.painted.push_back(std::equal(&pictures[0][i], &pictures[0][i] + 3, &pictures[1][i]));
  }
  return picture;
}

/// The longest piece of an edge that runs along a border of the view, where what is painted at the
/// border ends before the picture does. In pixels; slopes and round shapes have none.
int longest_edge(const RecordingCanvas& env, Size size) {
  const Picture picture = drawn(env, size);
  ViewStack fit;
  fit.set_view(picture.view.low, picture.view.high, size.width, size.height);
  const PixelPoint upper_left = fit.now()(picture.view.low.x, picture.view.high.y);
  const PixelPoint lower_right = fit.now()(picture.view.high.x, picture.view.low.y);
  // One pixel into the view: its own border may be covered in part.
  const int left = static_cast<int>(std::ceil(upper_left.x)) + 1;
  const int top = static_cast<int>(std::ceil(upper_left.y)) + 1;
  const int right = static_cast<int>(std::floor(lower_right.x)) - 2;
  const int bottom = static_cast<int>(std::floor(lower_right.y)) - 2;
  const auto is_painted = [&](int x, int y) {
    return picture.painted[static_cast<std::size_t>(y * size.width + x)];
  };
  /// How far paint goes on from a place of the border; -1: to the end of the picture, or not at all.
  const auto reach = [&](int x, int y, int dx, int dy) {
    for (int d = 0; x >= 0 && y >= 0 && x < size.width && y < size.height; x += dx, y += dy, ++d) {
      if (!is_painted(x, y)) return d == 0 ? -1 : d;
    }
    return -1;
  };
  int longest = 0;
  const auto follow = [&](int length, const auto& reach_at) {
    int run = 0;
    for (int i = 0, last = -1; i < length; ++i) {
      const int now = reach_at(i);
      run = now < 0 ? 0 : now == last ? run + 1 : 1;
      last = now;
      longest = std::max(longest, run);
    }
  };
  constexpr int kMargin = 4;  // pixels: a narrower rest is the rounding of the view
  if (left > kMargin) follow(bottom - top, [&](int i) { return reach(left, top + i, -1, 0); });
  if (right < size.width - kMargin) {
    follow(bottom - top, [&](int i) { return reach(right, top + i, 1, 0); });
  }
  if (top > kMargin) follow(right - left, [&](int i) { return reach(left + i, top, 0, -1); });
  if (bottom < size.height - kMargin) {
    follow(right - left, [&](int i) { return reach(left + i, bottom, 0, 1); });
  }
  return longest;
}

constexpr int kLongestEdge = 10;  // pixels

TEST(Backdrop, EveryEnvFillsEveryShapeOfPicture) {
  for (const std::string& id : registry().ids()) {
    EpisodeOptions options;
    options.cut_after = 10;
    EpisodePlayer player(registry().find(id), {}, options);
    player.start(nullptr);
    for (int i = 0; i < 2; ++i) player.step(nullptr);
    const RecordingCanvas& env = player.frame().env;
    for (const Size size : kSizes) {
      EXPECT_LE(longest_edge(env, size), kLongestEdge)
          << id << " at " << size.width << "x" << size.height;
    }
  }
}

TEST(Backdrop, AGroundThatStopsAtTheViewIsFound) {
  RecordingCanvas env;
  env.set_view({0, 0}, {4, 3}, {});
  env.rectangle({0, 0}, {4, 1}, palette::kInk);
  EXPECT_EQ(longest_edge(env, {640, 480}), 0);
  EXPECT_GT(longest_edge(env, {1000, 400}), 100);
  EXPECT_GT(longest_edge(env, {400, 800}), 300);
  RecordingCanvas whole;
  whole.set_view({0, 0}, {4, 3}, {});
  const Rectangle shown = whole.shown({0, 0}, {4, 3});
  whole.rectangle(shown.low, {shown.high.x, 1}, palette::kInk);
  for (const Size size : kSizes) EXPECT_EQ(longest_edge(whole, size), 0);
}

TEST(Backdrop, ACanvasOfObservationsShowsTheViewAlone) {
  const RasterCanvas pixels(64, 64);
  const Rectangle shown = pixels.shown({-1, 0}, {3, 2});
  EXPECT_EQ(shown.low.x, -1);
  EXPECT_EQ(shown.low.y, 0);
  EXPECT_EQ(shown.high.x, 3);
  EXPECT_EQ(shown.high.y, 2);
}

}  // namespace
}  // namespace tern
