// Proof: laws (a film holds the episodes that were played, in their time), error text.

#include "render/recorder.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "core/drawing/raster_canvas.h"
#include "core/files/file_io.h"
#include "envs/registry/registry.h"
#include "render/frame_layout.h"
#include "tests/error_of.h"
#include "tests/render/gif_reader.h"
#include "tests/render/linear_policy.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

EpisodePlayer cartpole(std::uint64_t seed = 0) {
  EpisodeOptions options;
  options.seed = seed;
  return EpisodePlayer(registry().find("CartPole-v1"), {}, options);
}

RecordOptions small() {
  RecordOptions options;
  options.width = 200;
  options.height = 160;
  return options;
}

GifFilm read_gif(const std::string& path) {
  const Bytes bytes = read_file(path);
  return GifReader(bytes).read();
}

int total(const std::vector<int>& values) {
  int sum = 0;
  for (const int value : values) sum += value;
  return sum;
}

TEST(Recorder, AFilmLastsAsLongAsItsEpisodesAndAMomentMore) {
  const TemporaryFolder folder;
  EpisodePlayer player = cartpole();
  RecordOptions options = small();
  options.episodes = 3;
  const RecordResult result = record(folder / "a.gif", player, nullptr, options);
  ASSERT_EQ(result.lengths.size(), 3u);
  const GifFilm film = read_gif(folder / "a.gif");
  EXPECT_EQ(film.width, 200);
  EXPECT_EQ(film.height, 160);
  // 50 steps a second, every second of them shown; each end holds for a second.
  EXPECT_NEAR(total(film.delays), 2 * total(result.lengths) + 3 * 100, 3 * 6);
  EXPECT_EQ(result.bytes, file_bytes(folder / "a.gif"));
}

TEST(Recorder, TheReturnsAreThoseOfTheEpisodes) {
  const TemporaryFolder folder;
  EpisodePlayer recorded = cartpole(5), played = cartpole(5);
  RecordOptions options = small();
  options.episodes = 4;
  const RecordResult result = record(folder / "a.gif", recorded, nullptr, options);
  for (int i = 0; i < 4; ++i) {
    played.start(nullptr);
    while (!played.has_ended()) played.step(nullptr);
    EXPECT_EQ(result.returns[static_cast<std::size_t>(i)], played.frame().episode_return);
    EXPECT_EQ(result.lengths[static_cast<std::size_t>(i)], played.frame().step);
  }
}

TEST(Recorder, TheLastFrameIsTheStateThatTheEpisodeEndedIn) {
  const TemporaryFolder folder;
  EpisodePlayer recorded = cartpole(2), played = cartpole(2);
  const RecordResult result = record(folder / "a.gif", recorded, nullptr, small());
  played.start(nullptr);
  while (!played.has_ended()) played.step(nullptr);
  RasterCanvas picture(200, 160);
  draw_recorded_frame(picture, 200, 160, played.frame());
  const GifFilm film = read_gif(folder / "a.gif");
  ASSERT_EQ(film.pictures.size(), result.frames);
  int different = 0;
  for (std::size_t i = 0; i < picture.rgb().size(); ++i) {
    different += std::abs(picture.rgb()[i] - film.pictures.back()[i]) > 8 ? 1 : 0;
  }
  EXPECT_EQ(different, 0);
}

TEST(Recorder, AFilmHasTheFrameRateAskedFor) {
  const TemporaryFolder folder;
  LinearPolicy policy;
  for (const int rate : {5, 50}) {
    EpisodePlayer player = cartpole();
    RecordOptions options = small();
    options.frames_per_second = rate;
    const RecordResult result = record(folder / "a.gif", player, &policy, options);
    EXPECT_EQ(result.frames, static_cast<std::size_t>(rate * 10 + 1));  // 500 steps: 10 s
  }
}

TEST(Recorder, AStripShowsMomentsFromFirstToLast) {
  const TemporaryFolder folder;
  EpisodePlayer player = cartpole();
  RecordOptions options = small();
  options.pictures = 4;
  EXPECT_EQ(record(folder / "a.png", player, nullptr, options).frames, 4u);
  options.pictures = 1;
  EXPECT_EQ(record(folder / "b.png", player, nullptr, options).frames, 1u);
  EXPECT_NE(read_file(folder / "a.png"), read_file(folder / "b.png"));
}

TEST(Recorder, RepeatingARecordingGivesTheSameBytes) {
  const TemporaryFolder folder;
  for (const char* name : {"a.gif", "b.gif"}) {
    EpisodePlayer player = cartpole(3);
    record(folder / name, player, nullptr, small());
  }
  EXPECT_EQ(read_file(folder / "a.gif"), read_file(folder / "b.gif"));
}

TEST(Recorder, NamesThatCannotBeRecordedToAreRefused) {
  const TemporaryFolder folder;
  EpisodePlayer player = cartpole();
  EXPECT_EQ(error_of([&] { record("a.mp4", player, nullptr, small()); }, ExitCode::kUsage),
            "'a.mp4' cannot be recorded to; expected a name that ends in .gif (a film) or .png (a "
            "film strip)");
  EXPECT_EQ(error_of([&] { record("missing/a.gif", player, nullptr, small()); }),
            "cannot write missing/a.gif: there is no folder 'missing/'. Create it first or choose "
            "another");
  RecordOptions options;
  options.width = 5000;
  EXPECT_EQ(error_of([&] { record(folder / "a.gif", player, nullptr, options); }, ExitCode::kUsage),
            "a film of 5000x480 pixels cannot be recorded; expected 16 to 4096 in both directions");
}

TEST(Recorder, AFullDiskIsAnErrorThatNamesTheFileAndKeepsTheOldOne) {
  const TemporaryFolder folder;
  EpisodePlayer player = cartpole();
  record(folder / "a.gif", player, nullptr, small());
  const Bytes old = read_file(folder / "a.gif");

  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit tiny = {1000, before.rlim_max};
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &tiny);
  const std::string message = error_of([&] { record(folder / "a.gif", player, nullptr, small()); });
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);

  EXPECT_NE(message.find(folder / "a.gif"), std::string::npos) << message;
  EXPECT_EQ(read_file(folder / "a.gif"), old);
  EXPECT_EQ(list_folder(folder.path()), std::vector<std::string>{"a.gif"});
}

}  // namespace
}  // namespace tern
