// Proof: worked examples and error texts of `tern new-env`. That its project builds, passes
// check-env and is learned is shown by the tests named outside.*.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <streambuf>
#include <string>

#include "cli/text/command.h"
#include "tests/error_of.h"
#include "tests/temporary_folder.h"

namespace tern::cli {

Command make_new_env_command();

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

std::string content(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// Runs the command in an empty folder.
class NewEnv : public testing::Test {
 protected:
  NewEnv() : before_(fs::current_path()) { fs::current_path(folder_.path()); }
  ~NewEnv() override { fs::current_path(before_); }

  static std::string run(const std::string& name, const std::string& language = "") {
    Args args;
    args.words = {name};
    if (!language.empty()) args.options.push_back({"--lang", language, "test"});
    std::ostringstream out;
    const std::unique_ptr<std::streambuf, void (*)(std::streambuf*)> restore(
        std::cout.rdbuf(out.rdbuf()), [](std::streambuf* before) { std::cout.rdbuf(before); });
    make_new_env_command().run(args);
    return out.str();
  }
  static std::string refusal(const std::string& name) {
    return error_of([&] { run(name); }, ExitCode::kUsage);
  }

  TemporaryFolder folder_;
  fs::path before_;
};

TEST_F(NewEnv, WritesAProjectAndSaysHowToGoOn) {
  EXPECT_THAT(run("lamp_walk"),
              AllOf(HasSubstr("cmake -S lamp_walk -B lamp_walk/build"),
                    HasSubstr("check-env lamp_walk/build/liblamp_walk.so"),
                    HasSubstr("train ppo lamp_walk/build/liblamp_walk.so"),
                    HasSubstr("watch lamp_walk/run")));
  EXPECT_THAT(content("lamp_walk/CMakeLists.txt"),
              AllOf(HasSubstr("find_package(Tern"), HasSubstr("tern_add_plugin(lamp_walk")));
  EXPECT_THAT(content("lamp_walk/lamp_walk.cc"),
              AllOf(HasSubstr("class LampWalk final"), HasSubstr("\"LampWalk-v0\""),
                    HasSubstr("TERN_EXPORT_ENVS(LampWalk)")));
  EXPECT_THAT(content("lamp_walk/README.md"), HasSubstr("check-env"));
  for (const auto& entry : fs::directory_iterator("lamp_walk")) {
    EXPECT_THAT(content(entry.path()), Not(HasSubstr("@"))) << entry;  // a place left unfilled
  }
}

TEST_F(NewEnv, WritesARustProject) {
  EXPECT_THAT(run("lamp-walk", "rust"),
              AllOf(HasSubstr("wrote lamp-walk/ with src/lib.rs, Cargo.toml and README.md"),
                    HasSubstr("cargo build --release --manifest-path lamp-walk/Cargo.toml "
                              "--target-dir lamp-walk/build\n"),
                    HasSubstr("check-env lamp-walk/build/release/liblamp_walk.so")));
  EXPECT_THAT(content("lamp-walk/Cargo.toml"), HasSubstr("name = \"lamp_walk\""));
  EXPECT_THAT(content("lamp-walk/src/lib.rs"),
              AllOf(HasSubstr("impl Env for LampWalk"), HasSubstr("export!(LampWalk);")));
  for (const auto& entry : fs::recursive_directory_iterator("lamp-walk")) {
    if (entry.is_directory()) continue;
    EXPECT_THAT(content(entry.path()), Not(HasSubstr("@"))) << entry;
  }
  EXPECT_THAT(error_of([] { run("env", "rust"); }, ExitCode::kUsage),
              HasSubstr("'env' gives the type Env"));
  EXPECT_THAT(error_of([] { run("maze", "go"); }, ExitCode::kUsage),
              HasSubstr("expected cpp, c, rust or python"));
}

TEST_F(NewEnv, WritesAProjectInPython) {
  EXPECT_THAT(run("lamp-walk", "python"),
              AllOf(HasSubstr("wrote lamp-walk/ with lamp_walk.py and README.md\n\n  "),
                    HasSubstr("check-env lamp-walk/lamp_walk.py\n"), Not(HasSubstr("cmake"))));
  EXPECT_THAT(content("lamp-walk/lamp_walk.py"),
              AllOf(HasSubstr("class LampWalk:"), HasSubstr("\"LampWalk-v0\"")));
  EXPECT_THAT(content("lamp-walk/README.md"), AllOf(HasSubstr("train ppo lamp-walk/lamp_walk.py"),
                                                    Not(HasSubstr("Build")), Not(HasSubstr("@"))));
}

TEST_F(NewEnv, FindsTheWordsInAName) {
  const struct {
    const char *name, *library, *class_name;
  } examples[] = {{"maze", "maze", "Maze"},
                  {"NightWalk", "night_walk", "NightWalk"},
                  {"two-rooms_3", "two_rooms_3", "TwoRooms3"},
                  {"RPG", "rpg", "Rpg"}};
  for (const auto& example : examples) {
    run(example.name);
    const std::string source = std::string(example.name) + "/" + example.library + ".cc";
    EXPECT_THAT(content(source), HasSubstr(std::string("class ") + example.class_name + " final"));
  }
}

TEST_F(NewEnv, RefusesBadNames) {
  EXPECT_THAT(refusal("9lives"), HasSubstr("'9lives' does not begin with a letter"));
  EXPECT_THAT(refusal(""), HasSubstr("does not begin with a letter"));
  EXPECT_THAT(refusal("my env"), HasSubstr("neither letter, digit"));
  EXPECT_THAT(refusal("wörld"), HasSubstr("neither letter, digit"));
  EXPECT_THAT(refusal("a/b"), AllOf(HasSubstr("'a/b' is a path"), HasSubstr("Go to the folder")));
  EXPECT_THAT(refusal("Test"), HasSubstr("CMake keeps for itself"));
  EXPECT_THAT(refusal(std::string(61, 'a')), HasSubstr("at most 60"));
  EXPECT_TRUE(fs::is_empty("."));
}

TEST_F(NewEnv, LeavesWhatExistsAlone) {
  fs::create_directory("maze");
  std::ofstream("maze/mine.txt") << "mine";
  std::ofstream("tower") << "a file";
  EXPECT_THAT(refusal("maze"), HasSubstr("'maze' exists already"));
  EXPECT_THAT(refusal("tower"), HasSubstr("'tower' exists already"));
  EXPECT_EQ(content("maze/mine.txt"), "mine");
  EXPECT_FALSE(fs::exists("maze/README.md"));
}

TEST_F(NewEnv, FailedWriteLeavesNoHalfProject) {
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit no_file = {0, before.rlim_max};  // as if the disk were full
  setrlimit(RLIMIT_FSIZE, &no_file);
  const std::string message = error_of([] { run("maze"); });
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_THAT(message, HasSubstr("maze/CMakeLists.txt"));
  EXPECT_FALSE(fs::exists("maze"));
}

}  // namespace
}  // namespace tern::cli
