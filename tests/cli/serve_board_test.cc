// Proof: worked examples of what may happen to the folders of runs between two looks. The tests
// wait for the thread's progress, never for a time.

#include "cli/serve/run_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "cli/serve/find_runs.h"
#include "tests/runs/sample_run.h"
#include "tests/temporary_folder.h"

namespace tern::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class RunBoardTest : public testing::Test {
 protected:
  std::string make_run(const std::string& name) {
    const std::string run = runs_ + "/" + name;
    std::filesystem::create_directories(run + "/checkpoints");
    std::ofstream(RunPaths(run).config)
        << "env: {id: CartPole-v1}\nagent: {name: dqn}\nrun: {total_steps: 300}\n";
    return run;
  }
  RunBoard::Options options(std::vector<std::string> named = {}) const {
    return {std::move(named), runs_, 0.001, {}};
  }
  static Json summary(const RunCard& card) { return Json::parse(card.summary); }
  /// Asks until the run's summary is as wanted; fails after many looks.
  static Json summary_when(RunBoard& board, const std::string& id,
                           const std::function<bool(const Json&)>& is_wanted) {
    Json last;
    for (int i = 0; i < 5000; ++i) {
      if (const auto card = board.find(id)) {
        last = summary(*card);
        if (is_wanted(last)) return last;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ADD_FAILURE() << "it never came: " << last.dump();
    return last;
  }
  static std::string remark(const Json& run) { return run["remark"].text(); }

  TemporaryFolder folder_;
  std::string runs_ = folder_ / "runs";
};

TEST_F(RunBoardTest, ShowsEachRunBelowTheFolder) {
  train_sample_run(make_run("pole"), 60);
  const RunLock pole_lock(runs_ + "/pole"), young_lock(make_run("young"));
  std::filesystem::create_directories(runs_ + "/no run");
  RunBoard board(options());
  const std::vector<RunCard> cards = board.cards();
  ASSERT_EQ(cards.size(), 2u);
  const Json pole = summary(cards[0]), young = summary(cards[1]);
  EXPECT_EQ(pole["id"].text(), "pole");
  EXPECT_EQ(pole["env"].text(), "CartPole-v1");
  EXPECT_EQ(pole["agent"].text(), "dqn");
  EXPECT_EQ(pole["state"].text(), "training");
  EXPECT_EQ(pole["step"].integer(), 60);
  EXPECT_EQ(pole["checkpoint"].integer(), 60);
  EXPECT_EQ(pole["evaluation"].number(), sample_mean(60));
  EXPECT_TRUE(pole["return"].is_null());
  EXPECT_EQ(remark(pole), "");
  EXPECT_EQ(young["agent"].text(), "dqn");
  EXPECT_EQ(young["total_steps"].integer(), 300);
  EXPECT_TRUE(young["checkpoint"].is_null());
}

TEST_F(RunBoardTest, TellsWhatIsNewAndWhatIsGone) {
  const std::string pole = make_run("pole");
  RunBoard board(options());
  BoardNews news = board.news_since(0, 0);
  ASSERT_EQ(news.changed.size(), 1u);
  EXPECT_THAT(board.news_since(news.version, 0).changed, IsEmpty());

  make_run("other");
  news = board.news_since(news.version, 30);
  ASSERT_EQ(news.changed.size(), 1u);
  EXPECT_EQ(news.changed[0].id, "other");

  train_sample_run(pole, 30);
  do news = board.news_since(news.version, 30);
  while (!news.changed[0].checkpoint);
  EXPECT_EQ(news.changed[0].id, "pole");

  std::filesystem::remove_all(pole);
  const std::uint64_t before = news.version;
  for (int i = 0; i < 100 && news.gone.empty(); ++i) news = board.news_since(news.version, 0.1);
  ASSERT_THAT(news.gone, testing::ElementsAre("pole"));
  EXPECT_FALSE(board.find("pole"));
  EXPECT_THAT(board.news_since(before, 0).gone, testing::ElementsAre("pole"));
  make_run("pole");
  while (!board.find("pole")) {
  }
  EXPECT_THAT(board.news_since(before, 0).gone, IsEmpty());
}

TEST_F(RunBoardTest, NamedRunsStayWhenTheirFolderGoes) {
  const std::string pole = make_run("pole"), elsewhere = folder_ / "elsewhere";
  train_sample_run(pole, 30);
  std::filesystem::copy(pole, elsewhere, std::filesystem::copy_options::recursive);
  RunBoard board(options({pole, elsewhere}));
  EXPECT_EQ(board.cards().size(), 2u);
  EXPECT_TRUE(board.find("pole"));
  EXPECT_TRUE(board.find(elsewhere));
  std::filesystem::rename(pole, folder_ / "moved");
  const Json run =
      summary_when(board, "pole", [](const Json& j) { return j["state"].text() != "killed"; });
  EXPECT_EQ(run["state"].text(), "the folder is gone");
  EXPECT_THAT(remark(run), HasSubstr("is gone"));
  EXPECT_EQ(run["step"].integer(), 30);
}

TEST_F(RunBoardTest, ARunThatBeginsAnewInTheSameFolderIsShown) {
  const std::string pole = make_run("pole");
  train_sample_run(pole, 60);
  RunBoard board(options());
  std::filesystem::remove_all(pole);
  std::filesystem::create_directories(pole);
  std::ofstream(RunPaths(pole).config) << "env: {id: Acrobot-v1}\nagent: {name: ppo}\n";
  const Json run =
      summary_when(board, "pole", [](const Json& j) { return j["env"].text() == "Acrobot-v1"; });
  EXPECT_EQ(run["step"].integer(), 0);
  EXPECT_TRUE(run["checkpoint"].is_null());
}

TEST_F(RunBoardTest, ADamagedCheckpointIsASentence) {
  const std::string pole = make_run("pole");
  train_sample_run(pole, 60);
  std::ofstream(pole + "/checkpoints/step-60/policy.bin") << std::string(300, 'x');
  RunBoard board(options());
  const Json run = summary(*board.find("pole"));
  EXPECT_EQ(run["checkpoint"].integer(), 30);
  EXPECT_THAT(remark(run), HasSubstr("passed over " + pole + "@60: "));
  EXPECT_THAT(remark(run), HasSubstr("policy.bin is damaged"));
}

TEST_F(RunBoardTest, ARunWithoutARecordThatNobodyTrainsWasKilled) {
  const std::string pole = make_run("pole");
  train_sample_run(pole, 60);
  RunBoard board(options());
  Json run = summary(*board.find("pole"));
  EXPECT_EQ(run["state"].text(), "killed");
  EXPECT_FALSE(run["is_running"].boolean());
  EXPECT_THAT(remark(run), HasSubstr(RunPaths(pole).record + " is missing"));
  std::ofstream(RunPaths(pole).record) << "[[[";
  run = summary_when(board, "pole", [](const Json& j) {
    return remark(j).find("is damaged") != std::string::npos;
  });
  EXPECT_EQ(run["state"].text(), "killed");
  EXPECT_THAT(remark(run), HasSubstr(RunPaths(pole).record + " is damaged: not JSON at byte 4"));
  std::ofstream(RunPaths(pole).record) << R"({"sessions": [{"status": "finished"}]})";
  run = summary_when(board, "pole", [](const Json& j) { return remark(j).empty(); });
  EXPECT_EQ(run["state"].text(), "finished");
}

TEST_F(RunBoardTest, ACheckpointThatIsDamagedLaterGivesWayToTheOneBefore) {
  const std::string pole = make_run("pole");
  train_sample_run(pole, 60);
  RunBoard board(options());
  EXPECT_EQ(summary(*board.find("pole"))["checkpoint"].integer(), 60);
  std::ofstream(pole + "/checkpoints/step-60/policy.bin") << "";
  EXPECT_EQ(board.find_anew("pole")->checkpoint, 30);
  Json run = summary(*board.find("pole"));
  EXPECT_EQ(run["checkpoint"].integer(), 30);
  EXPECT_THAT(remark(run), HasSubstr("passed over " + pole + "@60: "));
  std::filesystem::remove(pole + "/checkpoints/step-30/manifest.json");
  run = summary_when(board, "pole", [](const Json& j) { return j["checkpoint"].is_null(); });
  EXPECT_THAT(board.find("pole")->obstacle, HasSubstr("passed over " + pole + "@30: "));
}

TEST_F(RunBoardTest, AConfigurationThatIsNoneIsASentence) {
  const std::string pole = make_run("pole");
  std::ofstream(RunPaths(pole).config) << "env: [unclosed\n";
  RunBoard board(options());
  const Json run = summary(*board.find("pole"));
  EXPECT_EQ(run["state"].text(), "cannot be shown");
  EXPECT_THAT(remark(run), HasSubstr(RunPaths(pole).config));
}

TEST_F(RunBoardTest, LinksThatLeadOutOfTheFolderAreNotFollowed) {
  const std::string secret = folder_ / "secret";
  std::ofstream(secret) << "{\"step\":77,\"rollout/return\":12345}\nconfidential: [\n";
  for (const char* name : {"/metrics.jsonl", "/config.yaml", "/run.json", "/checkpoints/last"}) {
    std::filesystem::remove_all(runs_);
    const std::string pole = make_run("pole");
    std::filesystem::remove(pole + name);
    std::filesystem::create_symlink(secret, pole + name);
    RunBoard board(options());
    const std::string text = board.find("pole")->summary;
    EXPECT_THAT(text, HasSubstr("leads out of the run's folder")) << name;
    EXPECT_THAT(text, Not(HasSubstr("12345"))) << name;
    EXPECT_THAT(text, Not(HasSubstr("confidential"))) << name;
  }
  std::filesystem::remove_all(runs_);
  const std::string pole = make_run("pole");
  train_sample_run(pole, 30);
  const std::string step = pole + "/checkpoints/step-30";
  std::filesystem::rename(step, folder_ / "away");
  std::filesystem::create_directory_symlink(folder_ / "away", step);
  EXPECT_THAT(RunBoard(options()).find("pole")->summary,
              HasSubstr("leads out of the run's folder"));
}

TEST_F(RunBoardTest, LinksWithinTheFolderAndToTheFolderAreFine) {
  const std::string pole = folder_ / "pole";
  train_sample_run((make_run("first")), 30);
  std::filesystem::rename(runs_ + "/first", pole);
  std::filesystem::create_directory_symlink(pole, runs_ + "/pole");
  std::filesystem::rename(pole + "/metrics.jsonl", pole + "/kept");
  std::filesystem::create_symlink("kept", pole + "/metrics.jsonl");
  RunBoard board(options());
  EXPECT_EQ(summary(*board.find("pole"))["step"].integer(), 30);
}

TEST_F(RunBoardTest, APipeIsNotWaitedFor) {
  const std::string pole = make_run("pole");
  ASSERT_EQ(mkfifo((pole + "/metrics.jsonl").c_str(), 0600), 0);
  RunBoard board(options());
  EXPECT_THAT(board.find("pole")->summary, HasSubstr("is no regular file"));
}

TEST_F(RunBoardTest, WithADamagedFileTheRestOfTheRunIsShown) {
  const std::string pole = make_run("pole");
  train_sample_run(pole, 60);
  std::filesystem::remove(pole + "/metrics.jsonl");
  std::filesystem::create_directory(pole + "/metrics.jsonl");
  Json run = summary(*RunBoard(options()).find("pole"));
  EXPECT_THAT(remark(run), HasSubstr(pole + "/metrics.jsonl is no regular file"));
  EXPECT_EQ(run["checkpoint"].integer(), 60);
  for (const char* text : {"", "env: {id: CartPole-v1}\n", "env: {id: CartPole-v1}\nagent: {na",
                           "env: {id: CartPole-v1}\nagent: {name: dqn}\nrun: {total_steps: 300}",
                           "env: {id: Acrobot-v1}\nagent: {name: dqn}\n", "\xff\xfe"}) {
    std::ofstream(RunPaths(pole).config) << text;
    run = summary(*RunBoard(options()).find("pole"));
    EXPECT_THAT(remark(run), HasSubstr(RunPaths(pole).config)) << text;
    EXPECT_EQ(run["checkpoint"].integer(), 60) << text;
    EXPECT_EQ(run["env"].text(), "CartPole-v1");
  }
}

TEST_F(RunBoardTest, AConfigurationThatIsAPipeIsASentence) {
  const std::string pole = make_run("pole");
  train_sample_run(pole, 60);
  std::filesystem::remove(RunPaths(pole).config);
  ASSERT_EQ(mkfifo(RunPaths(pole).config.c_str(), 0600), 0);
  RunBoard board(options());
  EXPECT_THAT(board.find("pole")->obstacle, RunPaths(pole).config + " is no regular file");
  EXPECT_EQ(summary(*board.find("pole"))["state"].text(), "cannot be shown");
}

TEST_F(RunBoardTest, ANameThatIsNoTextHasAnotherId) {
  make_run("pole\xff\xfe");
  RunBoard board(options());
  const std::vector<RunCard> cards = board.cards();
  ASSERT_EQ(cards.size(), 1u);
  EXPECT_THAT(cards[0].id, testing::MatchesRegex("run-[0-9a-f]{16}"));
  EXPECT_TRUE(board.find(cards[0].id));
}

TEST_F(RunBoardTest, WithoutAFolderThereAreNoRunsUntilThereAre) {
  RunBoard board(options());
  EXPECT_THAT(board.cards(), IsEmpty());
  make_run("pole");
  BoardNews news;
  while (news.changed.empty()) news = board.news_since(0, 30);
  EXPECT_EQ(news.changed[0].id, "pole");
}

TEST(CurveJson, HasThePointsThatAreFinite) {
  LearningCurve curve;
  curve.add({10, 1, {{"rollout/return", 1.5}}});
  curve.add({20, 2, {{"rollout/return", INFINITY}}});
  curve.add({30, 3, {{"rollout/return", 2.5}, {"eval/return", 7}, {"eval/return_std", 0.5}}});
  curve.add({30, 3, {{"final_eval/return", 8}}});
  EXPECT_EQ(curve_json(curve).dump(),
            "{\"returns\":[[10,1.5],[30,2.5]],"
            "\"evaluations\":[[30,7.0,0.5,false],[30,8.0,0.0,true]]}");
}

TEST_F(RunBoardTest, FindsRunsInFoldersOfFolders) {
  make_run("pole");
  make_run("sweep/a");
  make_run("sweep/deeper/b");
  make_run("1/2/3/4/c");
  make_run("1/2/3/4/5/too deep");
  make_run("pole/checkpoints/no run of its own");
  make_run(".hidden/d");
  std::filesystem::create_directories(folder_ / "elsewhere");
  std::filesystem::rename(make_run("moved"), folder_ / "elsewhere/moved");
  std::filesystem::create_directory_symlink(folder_ / "elsewhere", runs_ + "/sweep/link");
  std::filesystem::create_directory_symlink(folder_ / "elsewhere", runs_ + "/link");
  std::filesystem::create_directory_symlink(runs_, runs_ + "/sweep/circle");
  std::filesystem::create_directory_symlink(folder_ / "elsewhere/moved", runs_ + "/linked run");
  const auto ids = [](RunBoard& board) {
    std::vector<std::string> all;
    for (const RunCard& card : board.cards()) all.push_back(card.id);
    return all;
  };
  RunBoard all(options());
  EXPECT_THAT(ids(all),
              testing::ElementsAre("1/2/3/4/c", "linked run", "pole", "sweep/a", "sweep/deeper/b"));
  EXPECT_FALSE(all.has_more());
  RunBoard one({{}, runs_, 0.001, {runs_ + "/sweep"}});
  EXPECT_THAT(ids(one), testing::ElementsAre("a", "deeper/b"));
  RunBoard both({{runs_ + "/pole"}, runs_, 0.001, {runs_ + "/sweep"}});
  EXPECT_THAT(ids(both),
              testing::ElementsAre(runs_ + "/sweep/a", runs_ + "/sweep/deeper/b", "pole"));
}

TEST_F(RunBoardTest, OfVeryManyFoldersSomeAreLeftOut) {
  for (int i = 0; i < 2010; ++i) {
    const std::string run = runs_ + "/r" + std::to_string(i);
    std::filesystem::create_directories(run);
    std::ofstream(RunPaths(run).config) << "x";
  }
  const FoundRuns found = find_runs(runs_);
  EXPECT_EQ(found.names.size(), 2000u);
  EXPECT_FALSE(found.is_all);
}

}  // namespace
}  // namespace tern::cli
