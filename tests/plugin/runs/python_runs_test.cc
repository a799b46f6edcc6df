// Proof: law, by the program as a user calls it. Training on an env in Python: exact after a
// resume, told of a file that changed, and going on after it raised. And what a training says that
// a plugin ended where no handler hears of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/files/file_io.h"
#include "core/files/json.h"
#include "tests/cli/run_tern.h"
#include "tests/source_tree.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class PythonRun : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null") !=
        0) {
      GTEST_SKIP() << "no python3 of 3.8 or later here";
    }
    for (const char* const name : {"walk.py", "faulty.py"}) {
      fs::copy_file(source_path(std::string("tests/plugin/python/") + name), at(name));
    }
  }
  Said tern(const Words& words) {
    return run_tern(
        words, folder_.path(),
        {"XDG_DATA_HOME=" + folder_ / "data", "PYTHONPATH=" + source_path("tests/plugin/python")});
  }
  Said train(const std::string& file, const std::string& out, const Words& more = {}) {
    Words words = {"train",
                   "ppo",
                   file.rfind("gym:", 0) == 0 ? file : "./" + file,
                   "total_steps=1024",
                   "rollout_steps=32",
                   "--quiet",
                   "run.eval_episodes=1",
                   "run.final_eval_episodes=1",
                   "hidden_sizes=[8]",
                   "--out",
                   out};
    words.insert(words.end(), more.begin(), more.end());
    return tern(words);
  }
  std::string at(const std::string& name) const { return folder_ / name; }
  void replace(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = read_text_file(at(file));
    text.replace(text.find(from), from.size(), to);
    std::ofstream(at(file)) << text;
  }
  std::string hash(const std::string& run) {
    const std::string said = tern({"describe", "./" + run, "--json"}).out;
    return Json::parse(said).text_or("parameters_sha256", said.c_str());
  }

  TemporaryFolder folder_;
};

TEST_F(PythonRun, IsExactWithThreadsAndAfterAResume) {
  const Said whole = train("walk.py", "whole");
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  ASSERT_EQ(train("walk.py", "threads", {"run.threads=2"}).exit_code, 0);
  EXPECT_EQ(hash("threads"), hash("whole"));
  ASSERT_EQ(train("walk.py", "half", {"--stop-at", "512"}).exit_code, 0);
  const Said resumed = tern({"resume", "half", "--quiet"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(hash("half"), hash("whole"));
  EXPECT_THAT(tern({"eval", "whole", "--episodes", "2"}).out, HasSubstr("bumps"));
}

TEST_F(PythonRun, GoesOnAfterItRaisedAndWasMended) {
  const Said said = train("faulty.py", "run", {"env.fault=raise", "env.at=30"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err, AllOf(HasSubstr("the motor is gone"), HasSubstr("in deep"),
                              HasSubstr("tern resume run")));
  replace("faulty.py", "raise RuntimeError(\"the motor is gone\")", "self.place = 0");
  const Said refused = tern({"resume", "run", "--quiet"});
  EXPECT_EQ(refused.exit_code, 0) << refused.err;  // no checkpoint yet: it starts again
}

TEST_F(PythonRun, IsToldOfAFileThatChangedAndNotRunUnasked) {
  ASSERT_EQ(train("walk.py", "run", {"--stop-at", "512"}).exit_code, 0);
  replace("walk.py", "walk on a line of nine cells", "walk on a line");
  const Said refused = tern({"resume", "run", "--quiet"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("walk.py has changed since run was saved at step 512"));
  EXPECT_EQ(tern({"resume", "run", "--quiet", "--accept-changed"}).exit_code, 0);
  const Said stranger =
      run_tern({"eval", "run"}, folder_.path(), {"XDG_DATA_HOME=" + folder_ / "another"});
  EXPECT_EQ(stranger.exit_code, 2);
  EXPECT_THAT(stranger.err,
              AllOf(HasSubstr("which you have not trained with"), HasSubstr("--trust")));
}

TEST_F(PythonRun, OnAnEnvOfGymnasiumIsExactAndNotRunUnasked) {
  const Said whole = train("gym:Walk-v1", "whole");
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  ASSERT_EQ(train("gym:Walk-v1", "half", {"--stop-at", "512", "run.threads=2"}).exit_code, 0);
  const Said resumed = tern({"resume", "half", "--quiet"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(hash("half"), hash("whole"));
  const Said stranger =
      run_tern({"eval", "whole"}, folder_.path(),
               {"XDG_DATA_HOME=" + folder_ / "another", "PYTHONPATH=" + folder_.path()});
  EXPECT_EQ(stranger.exit_code, 2);  // before Python is asked for the module
  EXPECT_THAT(stranger.err, AllOf(HasSubstr("names the plugin gym:Walk-v1, which you have not "
                                            "trained with"),
                                  HasSubstr("--trust")));
  EXPECT_EQ(tern({"eval", "whole", "--episodes", "2", "--env", "gym:Walk-v1"}).exit_code, 0);
  const Said killed = train("gym:Walk-v0", "killed", {"env.fault=killed"});
  EXPECT_EQ(killed.exit_code, 1);
  EXPECT_THAT(killed.err, AllOf(HasSubstr("its Python was ended by signal 9"),
                                HasSubstr("tern resume killed")));
}

TEST_F(PythonRun, WithExactStateIsExactAfterAResume) {
  fs::copy_file(source_path("tests/plugin/python/methods.py"), at("methods.py"));
  const std::string env = "methods.py:PyReach-v0";
  const Said whole = train(env, "whole");
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  ASSERT_EQ(train(env, "half", {"--stop-at", "512"}).exit_code, 0);
  ASSERT_EQ(tern({"resume", "half", "--quiet"}).exit_code, 0);
  EXPECT_EQ(hash("half"), hash("whole"));
}

TEST_F(PythonRun, IsShownAgainWithEachSave) {
  const Said said = run_tern({"dev", "."}, folder_.path());
  EXPECT_EQ(said.exit_code, 2);  // two files, and none is called as the folder
  EXPECT_THAT(said.err, HasSubstr("one file in Python"));
}

#if defined(__x86_64__)
/// What a training says whose plugin ends the process past the C library, until nobody holds its
/// standard error: the watcher included.
TEST(TrainingEnd, TellsHowARunGoesOn) {
  const TemporaryFolder folder;
  const std::string line =
      "cd " + folder.path() + " && XDG_DATA_HOME=" + folder / "data" + " exec " + TERN_EXECUTABLE +
      " train ppo " + TERN_TEST_PLUGINS +
      "/libfaulty.so env.fault=bare_exit_group env.at=8 --quiet --out run 2>&1 "
      ">/dev/null";
  FILE* const stream = popen(line.c_str(), "r");
  ASSERT_NE(stream, nullptr);
  std::string said;
  char buffer[512];
  while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, stream)) {
    said.append(buffer, size);
  }
  pclose(stream);
  EXPECT_THAT(said, AllOf(HasSubstr("exit_group"), HasSubstr("inside step 8 of episode 1"),
                          HasSubstr("env.isolate=process"), HasSubstr("tern resume run")));
}
#endif

}  // namespace
}  // namespace tern
