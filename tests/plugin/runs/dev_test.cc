// Proof: worked example, by the program as a user calls it. tern dev builds, checks and plays a
// project again with each save.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "core/files/file_io.h"
#include "tests/cli/run_tern.h"
#include "tests/source_tree.h"
#include "tests/temporary_folder.h"

extern char** environ;

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

class Dev : public testing::Test {
 protected:
  Dev() {
    setenv("XDG_DATA_HOME", folder_.path().c_str(), /*overwrite=*/1);  // what is trusted there
    fs::create_directory(at("walk"));
    // As plain as a project can be: no package to find.
    std::ofstream(at("walk/CMakeLists.txt"))
        << "cmake_minimum_required(VERSION 3.20)\nproject(walk LANGUAGES CXX)\n"
           "add_library(walk SHARED walk.cc)\nset_target_properties(walk PROPERTIES CXX_STANDARD "
           "17)\n"
           "target_include_directories(walk PRIVATE "
        << source_path("") << ")\n";
    fs::copy_file(source_path("tests/plugin/envs/walk.cc"), at("walk/walk.cc"));
  }
  ~Dev() override {
    if (process_ > 0) kill(process_, SIGKILL);
  }
  std::string at(const std::string& name) const { return folder_ / name; }

  void start(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {TERN_EXECUTABLE, "dev",    at("walk"),
                                      "--no-window",   "--seed", "3"};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    char** const argv = pointers.data();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, at("out").c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    posix_spawn_file_actions_addopen(&actions, 2, at("err").c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    ASSERT_EQ(posix_spawn(&process_, TERN_EXECUTABLE, &actions, nullptr, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  /// Waits for a text in what it has said.
  bool says(const std::string& file, const std::string& text) const {
    for (int i = 0; i < 3000; ++i) {
      if (is_file(at(file)) && read_text_file(at(file)).find(text) != std::string::npos)
        return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ADD_FAILURE() << "no '" << text << "' in\n"
                  << read_text_file(at("out")) << read_text_file(at("err"));
    return false;
  }
  /// Saves the source with one text in place of another.
  void edit(const std::string& from, const std::string& to) {
    std::string text = read_text_file(at("walk/walk.cc"));
    text.replace(text.find(from), from.size(), to);
    std::ofstream(at("walk/walk.cc")) << text;
  }
  int stop() {
    kill(process_, SIGINT);
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = 0;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

  TemporaryFolder folder_;
  pid_t process_ = 0;
};

TEST_F(Dev, EachSaveIsBuiltCheckedAndPlayedWithTheSameActions) {  // slow: four builds
  start();
  ASSERT_TRUE(says("out", "built " + at("walk/build/libwalk.so")));
  ASSERT_TRUE(says("out", " rules hold; episode of seed 3: "));
  edit("1.0f : 0.0f", "1.0f : 0.5f");
  ASSERT_TRUE(says("out", "reloaded "));
  ASSERT_TRUE(says("out", ", another from step 1 on\n"));
  edit("class Walk", "class Walk class");
  ASSERT_TRUE(says("err", "the build failed; waiting for the next save"));
  EXPECT_THAT(read_text_file(at("err")), HasSubstr("walk.cc"));
  edit("class Walk class", "class Walk");
  ASSERT_TRUE(says("out", ", the same as before\n"));
  EXPECT_EQ(stop(), SIGINT);
}

TEST_F(Dev, AFileInPythonIsShownAgainWithEachSave) {
  fs::remove(at("walk/CMakeLists.txt"));
  fs::remove(at("walk/walk.cc"));
  fs::copy_file(source_path("tests/plugin/python/walk.py"), at("walk/walk.py"));
  const auto put = [&](const std::string& from, const std::string& to) {
    std::string text = read_text_file(at("walk/walk.py"));
    text.replace(text.find(from), from.size(), to);
    std::ofstream(at("walk/walk.py")) << text;
  };
  start();
  ASSERT_TRUE(says("out", "loaded " + at("walk/walk.py") + ": "));
  ASSERT_TRUE(says("out", " rules hold; episode of seed 3: "));
  put("reward = self.place", "reward = 2 * self.place");
  ASSERT_TRUE(says("out", ", another from step "));
  put("reward = 2 *", "reward = missing *");
  ASSERT_TRUE(says("out", "NameError: name 'missing' is not defined"));
  EXPECT_EQ(stop(), SIGINT);
}

// The run was trained with episodes of at most 9 steps; a word says 4 instead.
TEST_F(Dev, ARunsPolicyPlaysInItsEnvWithTheWordsThatAreGiven) {
  const std::string library = at("walk/build/libwalk.so");
  fs::create_directories(at("walk/build"));
  fs::copy_file(std::string(TERN_TEST_PLUGINS) + "/libwalk.so", library);
  const Said trained = run_tern(
      {"train", "ppo", library, "env.max_episode_steps=9", "total_steps=512", "rollout_steps=32",
       "hidden_sizes=[8]", "run.final_eval_episodes=1", "--out", at("walk/run"), "--quiet"},
      folder_.path());
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  edit("place_ == kEnd || place_ == -kEnd", "false");  // only a limit ends an episode
  start({"--policy", at("walk/run")});
  ASSERT_TRUE(says("out", "episode of seed 3: 9 steps"));
  EXPECT_EQ(stop(), SIGINT);
  start({"--policy", at("walk/run"), "env.max_episode_steps=4"});
  ASSERT_TRUE(says("out", "episode of seed 3: 4 steps"));
  EXPECT_EQ(stop(), SIGINT);
}

TEST(DevCommand, NamesCargoWhereARustProjectIsWithoutIt) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_tern({"new-env", "walk", "--lang", "rust"}, folder.path()).exit_code, 0);
  const Said said = run_tern({"dev", "walk"}, folder.path(), {"PATH=" + folder.path()});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, AllOf(HasSubstr("'walk' is a Rust project"), HasSubstr("'cargo'")));
}

TEST(DevCommand, AFolderThatIsNoProjectIsAWrongCall) {
  const Said said = run_tern({"dev", "/tmp"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, AllOf(HasSubstr("'/tmp' is no folder with a CMakeLists.txt"),
                              HasSubstr("tern new-env")));
  EXPECT_EQ(run_tern({"dev", "/tmp", "--policy", "no-such-run"}).exit_code, 2);
}

}  // namespace
}  // namespace tern
