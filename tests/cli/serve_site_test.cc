// Proof: worked examples of requests and what they are answered, without a network.

#include "cli/serve/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "envs/registry/registry.h"
#include "tests/runs/sample_run.h"
#include "tests/temporary_folder.h"

namespace tern::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SiteTest : public testing::Test {
 protected:
  SiteTest() {
    setenv("XDG_DATA_HOME", folder_.path().c_str(), /*overwrite=*/1);  // nothing is trusted there
    std::filesystem::create_directories(run_ + "/checkpoints");
    std::ofstream(RunPaths(run_).config) << "env: {id: CartPole-v1}\nagent: {name: dqn}\n";
  }
  /// Asks a server that begins now.
  HttpAnswer ask(const std::string& path, std::map<std::string, std::string> parameters = {},
                 const std::string& host = "127.0.0.1:8420") {
    if (!board_) board_.emplace(RunBoard::Options{{}, folder_ / "runs", 0.001, {}});
    if (!site_) site_.emplace(access_, *board_, maker_);
    HttpRequest request;
    request.method = "GET";
    request.path = path;
    request.parameters = std::move(parameters);
    request.headers["host"] = host;
    return site_->answer(request);
  }
  static std::string error_in(const HttpAnswer& answer) {
    return Json::parse(*answer.body)["error"].text();
  }
  /// A checkpoint of a run in another env than the built-in ones.
  void save_with_env(const std::string& env_id) {
    Manifest manifest = sample_manifest(30);
    manifest.env_id = manifest.config.env_id = env_id;
    CheckpointWriter writer(run_, manifest);
    writer.add("policy.bin", sample_part("policy", 30, 300));
    writer.commit();
  }

  TemporaryFolder folder_;
  std::string run_ = folder_ / "runs/pole";
  const Access access_{"127.0.0.1", 8420, ""};
  EpisodeMaker maker_{{}};
  std::optional<RunBoard> board_;
  std::optional<Site> site_;
};

TEST_F(SiteTest, HasThePageAndItsParts) {
  EXPECT_THAT(*ask("/").body, StartsWith("<!doctype html>"));
  EXPECT_EQ(ask("/").type, "text/html; charset=utf-8");
  EXPECT_EQ(ask("/serve.css").type, "text/css; charset=utf-8");
  EXPECT_EQ(ask("/serve.js").type, "text/javascript; charset=utf-8");
}

TEST_F(SiteTest, ThePageLoadsNothingFromElsewhere) {
  for (const char* path : {"/", "/serve.css", "/serve.js"}) {
    const std::string text = *ask(path).body;
    for (const char* word :
         {"http:", "https:", "//cdn", "import ", "innerHTML", "eval(", "<script>"}) {
      EXPECT_THAT(text, Not(HasSubstr(word))) << path;
    }
  }
}

TEST_F(SiteTest, EveryAnswerForbidsTheBrowserWhatThePageDoesNotNeed) {
  for (const char* path : {"/", "/runs", "/nothing", "/episode", "/events"}) {
    std::string policy;
    for (const auto& [name, value] : ask(path).headers) {
      if (name == "Content-Security-Policy") policy = value;
    }
    EXPECT_THAT(policy, StartsWith("default-src 'none'; style-src 'self'; script-src 'self'"))
        << path;
  }
}

TEST_F(SiteTest, NothingIsAnsweredUnderAnotherName) {
  for (const char* path : {"/", "/runs", "/curve", "/episode", "/events", "/serve.js"}) {
    const HttpAnswer answer = ask(path, {{"run", "pole"}}, "evil.org");
    EXPECT_EQ(answer.status, 421) << path;
    EXPECT_FALSE(answer.next_piece) << path;
  }
}

TEST_F(SiteTest, NoPathIsOneOfTheFileSystem) {
  train_sample_run(run_, 30);
  for (const std::string& path :
       {std::string("/../../etc/passwd"), std::string("/runs/pole/config.yaml"),
        std::string("/config.yaml"), std::string("//etc/passwd"), run_ + "/config.yaml",
        std::string("http://evil.org/"), std::string("/index.html"), std::string("/\0/", 3),
        std::string()}) {
    EXPECT_EQ(ask(path).status, 404) << path;
  }
  for (const std::string& run :
       {std::string("../runs/pole"), std::string("pole/"), std::string("./pole"), run_,
        std::string(".."), std::string("pole\0", 5), std::string(100'000, 'x'), std::string()}) {
    for (const char* path : {"/curve", "/episode"}) {
      const HttpAnswer answer = ask(path, {{"run", run}});
      EXPECT_EQ(answer.status, 404) << path << " " << run;
      EXPECT_FALSE(error_in(answer).empty());
    }
  }
}

TEST_F(SiteTest, TellsRunsAndCurves) {
  train_sample_run(run_, 60);
  const Json runs = Json::parse(*ask("/runs").body)["runs"];
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[std::size_t{0}]["id"].text(), "pole");
  const Json curve = Json::parse(*ask("/curve", {{"run", "pole"}}).body);
  EXPECT_EQ(curve["evaluations"].size(), 2u);
}

TEST_F(SiteTest, ARunWithoutACheckpointHasNoEpisodeYet) {
  const HttpAnswer answer = ask("/episode", {{"run", "pole"}});
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(error_in(answer), HasSubstr("no checkpoint yet"));
}

TEST_F(SiteTest, EpisodesAreAskedForByNumbers) {
  train_sample_run(run_, 60);
  for (const char* number : {"0", "-1", "x", "1.5", "99999999999999999999", "1; rm"}) {
    EXPECT_EQ(ask("/episode", {{"run", "pole"}, {"number", number}}).status, 400) << number;
    EXPECT_NE(ask("/episode", {{"run", "pole"}, {"checkpoint", number}}).status, 200) << number;
  }
  const HttpAnswer answer = ask("/episode", {{"run", "pole"}, {"checkpoint", "31"}});
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(error_in(answer), HasSubstr("no checkpoint at step 31"));
}

TEST_F(SiteTest, CodeOfAPluginRunsOnlyWhereTheUserTrustsIt) {
  const std::string plugin = folder_ / "libstrange.so";
  std::ofstream(plugin) << "not even a library";
  save_with_env(plugin);
  const HttpAnswer answer = ask("/episode", {{"run", "pole"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(error_in(answer), HasSubstr("which you have not trained with"));
  EXPECT_THAT(error_in(answer), HasSubstr("tern serve " + run_ + " --trust"));
  EXPECT_EQ(ask("/runs").status, 200);
}

TEST_F(SiteTest, AMissingPluginIsASentence) {
  save_with_env(folder_ / "libgone.so");
  EXPECT_THAT(error_in(ask("/episode", {{"run", "pole"}})), HasSubstr("there is no such file"));
}

TEST_F(SiteTest, ACheckpointThatVanishesIsASentence) {
  train_sample_run(run_, 30);
  ask("/runs");
  std::filesystem::remove_all(run_ + "/checkpoints");
  const HttpAnswer answer = ask("/episode", {{"run", "pole"}, {"checkpoint", "30"}});
  EXPECT_NE(answer.status, 200);
  EXPECT_FALSE(error_in(answer).empty());
}

TEST_F(SiteTest, WhereTheNewestCheckpointIsDamagedTheOneBeforePlays) {
  train_sample_run(run_, 60);
  board_.emplace(RunBoard::Options{{}, folder_ / "runs", 0.4, {}});  // knows nothing for a while
  ask("/runs");
  std::ofstream(run_ + "/checkpoints/step-60/policy.bin") << "";
  // Policies of sample runs are no policies; the error is that of the checkpoint before.
  EXPECT_THAT(error_in(ask("/episode", {{"run", "pole"}})), Not(HasSubstr("step-60/policy.bin")));
  EXPECT_THAT(error_in(ask("/episode", {{"run", "pole"}, {"checkpoint", "60"}})),
              HasSubstr("step-60/policy.bin"));
  std::ofstream(run_ + "/checkpoints/step-30/policy.bin") << "";
  const HttpAnswer answer = ask("/episode", {{"run", "pole"}});
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(error_in(answer), HasSubstr("no checkpoint that can be played: passed over"));
}

TEST_F(SiteTest, EventsTellEverythingFirstAndThenWhatChanges) {
  HttpAnswer events = ask("/events");
  EXPECT_EQ(events.type, "text/event-stream");
  std::string piece;
  ASSERT_TRUE(events.next_piece(piece));
  EXPECT_THAT(piece, StartsWith("event: all\ndata: {}\n\nevent: run\ndata: {\"id\":\"pole\""));
  train_sample_run(run_, 30);
  do {
    piece.clear();
    ASSERT_TRUE(events.next_piece(piece));
  } while (piece.find("\"checkpoint\":30") == std::string::npos);
  EXPECT_THAT(piece, Not(HasSubstr("event: all")));
  std::filesystem::rename(run_, folder_ / "elsewhere");  // at once, as remove_all() is not
  piece.clear();
  for (int i = 0; i < 100 && (piece.empty() || piece[0] == ':'); ++i) {
    piece.clear();
    ASSERT_TRUE(events.next_piece(piece));
  }
  EXPECT_EQ(piece, "event: gone\ndata: {\"id\":\"pole\"}\n\n");
}

TEST(PlayForPage, StopsWhereThePicturesAreTooLarge) {
  const auto steps = [](std::size_t most_bytes) {
    EpisodePlayer player(registry().find("CartPole-v1"), {}, {});
    const Episode episode = play_for_page(player, nullptr, most_bytes);
    EXPECT_EQ(player.has_ended(), episode.moments.back().terminated);
    return episode.steps();
  };
  const int whole = steps(std::size_t{1} << 30);
  EXPECT_GT(whole, 8);
  EXPECT_GT(steps(10'000), 0);
  EXPECT_LT(steps(10'000), whole);
}

}  // namespace
}  // namespace tern::cli
