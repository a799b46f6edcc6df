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
constexpr Size kSizes[] = {{200, 400}, {225, 300}, {280, 280}, {320, 240}, {342, 227},
                           {384, 216}, {450, 200}, {500, 200}};

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

/// Pixels beside the view that are open although the view's border beside them is painted.
int open_pixels(const RecordingCanvas& env, Size size) {
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
  int open = 0;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const int near_x = std::clamp(x, left, right), near_y = std::clamp(y, top, bottom);
      const bool is_inside = std::abs(near_x - x) <= 3 && std::abs(near_y - y) <= 3;
      if (!is_inside && is_painted(near_x, near_y) && !is_painted(x, y)) ++open;
    }
  }
  return open;
}

TEST(Backdrop, EveryEnvFillsEveryShapeOfPicture) {
  for (const std::string& id : registry().ids()) {
    EpisodeOptions options;
    options.max_steps = 10;
    EpisodePlayer player(registry().find(id), {}, options);
    player.start(nullptr);
    for (int i = 0; i < 2; ++i) player.step(nullptr);
    const RecordingCanvas& env = player.frame().env;
    for (const Size size : kSizes) {
      EXPECT_EQ(open_pixels(env, size), 0) << id << " at " << size.width << "x" << size.height;
    }
  }
}

TEST(Backdrop, AGroundThatStopsAtTheViewIsFound) {
  RecordingCanvas env;
  env.set_view({0, 0}, {4, 3}, {});
  env.rectangle({0, 0}, {4, 1}, palette::kInk);
  EXPECT_EQ(open_pixels(env, {320, 240}), 0);
  EXPECT_GT(open_pixels(env, {500, 200}), 1000);
  EXPECT_GT(open_pixels(env, {200, 400}), 1000);
  RecordingCanvas whole;
  whole.set_view({0, 0}, {4, 3}, {});
  const Rectangle shown = whole.shown({0, 0}, {4, 3});
  whole.rectangle(shown.low, {shown.high.x, 1}, palette::kInk);
  for (const Size size : kSizes) EXPECT_EQ(open_pixels(whole, size), 0);
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
