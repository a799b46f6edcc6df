// Golden text: the picture of an env that draws nothing; and that an env's own picture wins.

#include "envs/observation_bars.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "core/drawing/recording_canvas.h"
#include "core/drawing/text_canvas.h"
#include "envs/batch_views.h"
#include "envs/registry/registry.h"
#include "tests/envs/envs_for_tests.h"

namespace tern {
namespace {

std::string bars(const ObsSpace& space, std::vector<float> values, int columns, int rows) {
  TextCanvas canvas(columns, rows);
  draw_observation_bars(space, ObsRow(FloatRow(values)), canvas);
  return "\n" + canvas.str();
}

TEST(ObservationBars, NumbersIndicesAndVectorsLookLikeThis) {
  const ObsSpace space = ObsSpace()
                             .scalar("position", -2, 2, "m")
                             .scalar("speed", -kUnbounded, kUnbounded, "m/s")
                             .scalar("height", 0, 10, "m")
                             .categorical("gear", 4)
                             .categorical("cell", 64)
                             .vector("lidar", 6, 0, 1);
  EXPECT_EQ(bars(space, {-1, 3, 5, 2, 17, 0, 0.2f, 0.4f, 0.6f, 0.8f, 1}, 60, 18), R"(


    position            -----oo####|----------        -1

                                   |
    speed               -----------|#######o--         3

    height              |#########oo----------         5
                        |

    gear                 ---- -----##### -----       2/4

    cell                                           17/64

                                                   ####
    lidar               ------------- ---####-####-####-
                          #     #    #

)");
}

TEST(ObservationBars, ImagesAreShownInGreyOrColour) {
  const ObsSpace grey = ObsSpace().image("board", 2, 2, 1, 0, 1);
  std::vector<float> board = {0, 1, 0.5f, 0};
  RecordingCanvas canvas;
  draw_observation_bars(grey, ObsRow(FloatRow(board)), canvas);
  const DrawCall& picture = canvas.calls().back();
  ASSERT_EQ(picture.kind, DrawCall::Kind::kImage);
  EXPECT_EQ(picture.bytes, (std::vector<std::uint8_t>{0, 0, 0, 255, 255, 255, 127, 127, 127, 0, 0, 0}));

  const ObsSpace colour = ObsSpace(DType::kUint8).image("pixels", 1, 2, 3, 0, 255);
  std::vector<std::uint8_t> pixels = {255, 0, 0, 0, 0, 255};
  draw_observation_bars(colour, ObsRow(Row<std::uint8_t>(pixels)), canvas);
  EXPECT_EQ(canvas.calls().back().bytes, pixels);
}

TEST(ObservationBars, AreInsideThePictureWhateverTheValues) {
  const ObsSpace space = ObsSpace().scalar("x", -1, 1).scalar("y", -kUnbounded, kUnbounded).scalar("z", 3, 3);
  for (const float value : {-1e30f, 0.0f, 1e30f, std::numeric_limits<float>::quiet_NaN(),
                            std::numeric_limits<float>::infinity()}) {
    std::vector<float> values(3, value);
    RecordingCanvas canvas;
    draw_observation_bars(space, ObsRow(FloatRow(values)), canvas);
    const std::vector<Point> view = canvas.calls().front().points;
    for (const DrawCall& call : canvas.calls()) {
      for (const Point point : call.points) {
        EXPECT_GE(point.x, view[0].x);
        EXPECT_LE(point.x, view[1].x);
        EXPECT_GE(point.y, view[0].y);
        EXPECT_LE(point.y, view[1].y);
      }
    }
  }
}

TEST(DrawEnv, ShowsBarsOnlyWhereTheEnvDrawsNothing) {
  Batch<Clock> clock({});
  RecordingCanvas bars_canvas, expected;
  draw_env(clock.envs.env(0), clock.envs.spec(), clock->obs[0], bars_canvas);
  draw_observation_bars(clock.envs.spec().obs, clock->obs[0], expected);
  EXPECT_EQ(bars_canvas.str(), expected.str());

  VecEnv cartpole(registry().find("CartPole-v1"), {}, {});
  StepBuffers buffers(cartpole.spec().obs, cartpole.spec().action, 0, 1);
  cartpole.reset(buffers.batch.obs, buffers.batch.mask);
  RecordingCanvas own, drawn;
  cartpole.env(0).draw(own);
  draw_env(cartpole.env(0), cartpole.spec(), buffers.batch.obs[0], drawn);
  EXPECT_EQ(drawn.str(), own.str());
}

TEST(DrawEnv, EveryRegisteredEnvDrawsItself) {
  for (const EnvEntry* entry : registry().entries()) {
    const std::unique_ptr<Env> env = entry->make({});
    std::vector<std::uint8_t> obs(env->spec().obs.bytes());
    Rng rng(0, "");
    ResetContext ctx{rng, 0};
    env->reset(ctx, ObsRows(obs.data(), env->spec().obs, 1)[0]);
    RecordingCanvas canvas;
    env->draw(canvas);
    EXPECT_FALSE(canvas.empty()) << entry->spec.id;
  }
}

}  // namespace
}  // namespace tern
