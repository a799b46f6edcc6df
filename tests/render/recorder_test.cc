// Proof: laws (a film holds the episodes that were played, in their time), error text.

#include "render/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/drawing/raster_canvas.h"
#include "core/files/file_io.h"
#include "envs/registry/registry.h"
#include "render/frame_layout.h"
#include "render/play_episode.h"
#include "render/value_chart.h"
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

TEST(Recorder, WithPanelsAFrameIsTheWindowWithoutItsKeys) {
  const TemporaryFolder folder;
  EpisodePlayer recorded = cartpole(2), played = cartpole(2);
  LinearPolicy policy;
  RecordOptions options = small();
  options.panels = true;
  options.width = 480;
  options.height = 300;
  options.gamma = 0.9;
  options.seed = 2;
  options.frames_per_second = 1;
  const RecordResult result = record(folder / "a.gif", recorded, &policy, options);
  const Episode episode = play_episode(played, &policy);
  FrameData frame = frame_of(episode, episode.moments.size() - 1);
  frame.is_recorded = true;
  frame.seed = 2;
  frame.chart = std::make_shared<const ValueChart>(
      value_chart(episode, episode.moments.size() - 1, 0.9));
  RasterCanvas picture(480, 300);
  draw_viewer_frame(picture, 480, 300, frame);
  const GifFilm film = read_gif(folder / "a.gif");
  ASSERT_EQ(film.pictures.size(), result.frames);
  int different = 0;
  for (std::size_t i = 0; i < picture.rgb().size(); ++i) {
    different += std::abs(picture.rgb()[i] - film.pictures.back()[i]) > 24 ? 1 : 0;
  }
  EXPECT_LT(different, 300);  // of 432,000: a GIF has 256 colours
}

TEST(Recorder, PanelsThatHaveNoPlaceAreRefused) {
  const TemporaryFolder folder;
  RecordOptions options = small();
  options.panels = true;
  EXPECT_THAT(error_of([&] { check_recording(folder / "a.gif", options); }, ExitCode::kUsage),
              testing::HasSubstr("has no room for panels"));
  options.width = 800;
  options.height = 500;
  check_recording(folder / "a.gif", options);
  for (const char* name : {"a.html", "a.png"}) {
    EXPECT_THAT(error_of([&] { check_recording(folder / name, options); }, ExitCode::kUsage),
                testing::HasSubstr("panels are for films"));
  }
}

TEST(Recorder, EpisodesThatWerePlayedBeforeAreRecordedAlike) {
  const TemporaryFolder folder;
  for (const char* name : {"a.gif", "a.html", "a.png"}) {
    EpisodePlayer player = cartpole(3), again = cartpole(3);
    RecordOptions options = small();
    options.episodes = 2;
    const RecordResult result = record(folder / name, player, nullptr, options);
    std::vector<Episode> episodes;
    for (int i = 0; i < 2; ++i) episodes.push_back(play_episode(again, nullptr));
    const RecordResult later =
        write_recording(folder / (std::string("b-") + name), episodes, small());
    EXPECT_EQ(later.lengths, result.lengths) << name;
    EXPECT_EQ(read_file(folder / (std::string("b-") + name)), read_file(folder / name)) << name;
  }
  EXPECT_THAT(error_of([&] { write_recording(folder / "c.gif", {}, small()); }, ExitCode::kUsage),
              testing::HasSubstr("at least one episode"));
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

TEST(Recorder, AFilmHasTheSpeedAskedFor) {
  const TemporaryFolder folder;
  LinearPolicy policy;
  RecordOptions options = small();
  options.frames_per_second = 10;
  for (const auto& [speed, frames] : {std::pair{1.0, 21u}, {2.0, 11u}, {0.25, 81u}}) {
    EpisodeOptions two_seconds;
    two_seconds.cut_after = 100;
    EpisodePlayer player(registry().find("CartPole-v1"), {}, two_seconds);
    options.speed = speed;
    const RecordResult result = record(folder / "a.gif", player, &policy, options);
    EXPECT_EQ(result.frames, frames) << speed;
    EXPECT_EQ(result.lengths, std::vector<int>{100});
    EXPECT_EQ(result.cut, 1);
  }
}

TEST(Recorder, APageHasAllMoments) {
  const TemporaryFolder folder;
  EpisodePlayer player = cartpole();
  RecordOptions options = small();
  options.episodes = 2;
  const RecordResult result = record(folder / "a.html", player, nullptr, options);
  EXPECT_EQ(result.frames, static_cast<std::size_t>(total(result.lengths)) + 2);
  EXPECT_EQ(result.bytes, file_bytes(folder / "a.html"));
}

/// A program that stands in for ffmpeg: keeps its input and the words it was called with.
void write_program(const std::string& path, const std::string& script) {
  const std::string text = "#!/bin/sh\n" + script;
  write_file_durably(path, std::vector<std::uint8_t>(text.begin(), text.end()));
  ASSERT_EQ(chmod(path.c_str(), 0755), 0);
}

class PathOf {
 public:
  explicit PathOf(const std::string& path) : before_(getenv("PATH")) {
    setenv("PATH", path.c_str(), 1);
  }
  ~PathOf() { setenv("PATH", before_.c_str(), 1); }

 private:
  std::string before_;
};

TEST(Recorder, AVideoIsMadeByFfmpeg) {
  const TemporaryFolder folder;
  write_program(folder / "ffmpeg",
                "for word; do echo \"$word\"; done > " + (folder / "words") +
                    "\nfor last; do :; done\nexec /bin/cat > \"${last#file:}\"\n");
  const PathOf path(folder.path());
  EpisodePlayer player = cartpole();
  RecordOptions options = small();
  options.frames_per_second = 10;
  const RecordResult result = record(folder / "a.mp4", player, nullptr, options);
  EXPECT_EQ(result.bytes, static_cast<std::int64_t>(result.frames) * 200 * 160 * 3);
  EXPECT_EQ(file_bytes(folder / "a.mp4"), result.bytes);
  const Bytes words = read_file(folder / "words");
  const std::string said(words.begin(), words.end());
  EXPECT_NE(said.find("200x160\n-r\n10\n"), std::string::npos) << said;
  EXPECT_NE(said.find("libx264"), std::string::npos) << said;
}

TEST(Recorder, AMissingOrFailingFfmpegIsNamedAndKeepsTheOldFile) {
  const TemporaryFolder folder;
  EpisodePlayer player = cartpole();
  const PathOf path(folder.path());
  EXPECT_EQ(error_of([&] { record(folder / "a.webm", player, nullptr, small()); }),
            "cannot write " + (folder / "a.webm") +
                ": films of this kind are made by the program ffmpeg, which is not installed. "
                "Install it (Debian: apt-get install ffmpeg) or write a .gif");
  const std::string old = "old";
  write_file_durably(folder / "a.webm", std::vector<std::uint8_t>(old.begin(), old.end()));
  write_program(folder / "ffmpeg", "echo 'Unknown encoder libvpx-vp9' >&2\nexit 1\n");
  EXPECT_EQ(error_of([&] { record(folder / "a.webm", player, nullptr, small()); }),
            "cannot write " + (folder / "a.webm") +
                ": ffmpeg failed (Unknown encoder libvpx-vp9)");
  EXPECT_EQ(file_bytes(folder / "a.webm"), 3);
  EXPECT_EQ(list_folder(folder.path()), (std::vector<std::string>{"a.webm", "ffmpeg"}));
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
  EXPECT_EQ(error_of([&] { record("a.avi", player, nullptr, small()); }, ExitCode::kUsage),
            "'a.avi' cannot be recorded to; expected a name that ends in .gif, .mp4 or .webm (a "
            "film), .png (a film strip) or .html (a page to step through)");
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
