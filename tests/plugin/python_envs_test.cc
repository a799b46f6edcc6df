// Proof: law. Envs in Python are envs like any other: rows, masks, metrics, levels, the same bits
// for any number of threads and after a resume; what they do wrong is a sentence that names the
// call; no interpreter outlives Tern.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "core/drawing/recording_canvas.h"
#include "core/files/json.h"
#include "envs/conformance/child_check.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/cli/run_tern.h"
#include "tests/error_of.h"
#include "tests/plugin/same_env.h"
#include "tests/source_tree.h"
#include "tests/temporary_folder.h"

extern char** environ;

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

std::string file(const std::string& name) {
  return source_path("tests/plugin/python/" + name);
}

bool becomes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

std::string contents(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// Processes that live, whose command line has `text` in it and whose status has `status`.
std::size_t processes_with(const std::string& text, const std::string& status = "") {
  std::size_t found = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    if (contents(entry.path() / "cmdline").find(text) == std::string::npos) continue;
    if (contents(entry.path() / "status").find(status) != std::string::npos) ++found;
  }
  return found;
}

/// Those of them that this process started; others may run the same tests at once.
std::size_t children_with(const std::string& text) {
  return processes_with(text, "\nPPid:\t" + std::to_string(getpid()) + "\n");
}

class PythonEnvs : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null") !=
        0) {
      GTEST_SKIP() << "no python3 of 3.8 or later here";
    }
  }
};

TEST_F(PythonEnvs, SayWhatTheyAre) {
  const EnvEntry& entry = registry().find(file("walk.py"));
  const EnvSpec& spec = entry.spec;
  EXPECT_EQ(spec.id, "PyWalk-v0");
  EXPECT_EQ(spec.obs.num_floats(), 6u);
  EXPECT_EQ(spec.obs.num_bytes(), 12u);
  const Field& place = spec.obs.fields()[0];
  EXPECT_EQ(place.name, "robot.place");
  EXPECT_EQ(place.low, -4);
  EXPECT_EQ(place.unit, "m");
  EXPECT_EQ(spec.obs.fields()[2].first, 1);
  EXPECT_EQ(spec.obs.fields()[3].name, "word");
  EXPECT_EQ(spec.obs.fields()[3].size(), 2u);
  EXPECT_EQ(spec.obs.fields()[3].categories, 5);
  EXPECT_EQ(spec.obs.fields()[4].name, "robot.camera");
  EXPECT_EQ(spec.action.components()[0].options,
            (std::vector<std::string>{"left", "stay", "right"}));
  EXPECT_EQ(spec.max_episode_steps, 30);
  EXPECT_EQ(spec.reward_threshold, 1.5);
  EXPECT_EQ(spec.metrics, std::vector<std::string>{"bumps"});
  EXPECT_EQ(spec.num_levels, 5u);
  EXPECT_TRUE(spec.has_masks);
  ASSERT_EQ(entry.params.size(), 5u);
  EXPECT_EQ(entry.params[0].name, "size");
  EXPECT_EQ(entry.params[0].type, "int");
  EXPECT_EQ(entry.params[0].doc, "cells to either side");
  EXPECT_EQ(entry.params[1].default_value, "true");
  EXPECT_EQ(entry.params[2].type, "float");
  EXPECT_EQ(entry.params[3].type, "text");
  EXPECT_EQ(entry.checksum.size(), 64u);
}

TEST_F(PythonEnvs, RowsMasksAndParametersArrive) {
  const std::unique_ptr<Env> env =
      registry().find(file("walk.py")).make({{"push", "0.25", "test"}, {"gusts", "false", "test"}});
  std::vector<std::uint8_t> row(36), mask(3);
  const ObsRow obs = ObsRows(row.data(), env->spec().obs, 1)[0];
  Rng rng(1, "test");
  ResetContext context{rng, 2};
  env->reset(context, obs);
  EXPECT_EQ(obs.value(0), 0);
  EXPECT_EQ(obs.value(2), 0.25f);
  EXPECT_EQ(obs.value(3), 3);  // room of level 2
  EXPECT_EQ(obs.value(4), 2);  // word
  EXPECT_EQ(obs.value(5), 4);
  EXPECT_EQ(obs.value(6), 24);  // camera: 10 * level + place + 4
  EXPECT_EQ(obs.value(17), 24);
  std::vector<std::int32_t> left = {0};
  for (int t = 0; t < 4; ++t) {
    const StepResult result = env->step(ActionRow(Row<const std::int32_t>(left)), rng, obs);
    EXPECT_EQ(result.reward, -0.25f * static_cast<float>(t + 1));
    EXPECT_FALSE(result.terminated || result.truncated);
  }
  EXPECT_EQ(obs.value(0), -4);
  env->action_mask(MaskRow(mask.data(), mask.size()));
  EXPECT_EQ(mask, (std::vector<std::uint8_t>{0, 1, 1}));
  env->step(ActionRow(Row<const std::int32_t>(left)), rng, obs);
  std::vector<float> metrics(1);
  env->metrics(FloatRow(metrics));
  EXPECT_EQ(metrics[0], 1);
}

TEST_F(PythonEnvs, GiveTheSameBitsWithAnyThreadsAndInProcesses) {
  const EnvEntry& entry = registry().find(file("walk.py"));
  const std::uint64_t expected = trajectory_hash(entry, {}, 5, 100);
  EXPECT_EQ(trajectory_hash(entry, {}, 5, 100, 3), expected);
  EXPECT_EQ(trajectory_hash(entry, {{"isolate", "process", "test"}}, 5, 100, 2), expected);
}

TEST_F(PythonEnvs, GoOnExactlyAfterASave) {
  const EnvEntry& entry = registry().find(file("walk.py"));
  VecEnvOptions options;
  options.num_envs = 3;
  VecEnv first(entry, {}, options), second(entry, {}, options);
  const EnvSpec& spec = first.spec();
  StepBuffers a(spec.obs, spec.action, 1, 3), b(spec.obs, spec.action, 1, 3);
  first.reset(a.batch.obs, a.batch.mask);
  Rng rng(1, "test");
  for (int t = 0; t < 17; ++t) {
    random_actions(spec.action, a.batch.mask, a.actions, rng);
    first.step(a.actions, a.batch);
  }
  StateWriter out;
  first.save(out);
  StateReader in(out.bytes());
  second.load(in);
  for (int t = 0; t < 60; ++t) {
    random_actions(spec.action, a.batch.mask, a.actions, rng);
    std::memcpy(b.actions.data(), a.actions.data(), 3 * 4);
    first.step(a.actions, a.batch);
    second.step(b.actions, b.batch);
    ASSERT_EQ(std::memcmp(a.batch.obs.data(), b.batch.obs.data(), 3 * a.batch.obs.row_bytes()), 0)
        << t;
  }
}

TEST_F(PythonEnvs, SpacesInTheFormOfGymnasiumAreFields) {
  const EnvEntry& entry = registry().find(file("spaces.py") + ":Lift-v0");
  std::vector<std::string> names;
  for (const Field& field : entry.spec.obs.fields()) names.push_back(field.name);
  EXPECT_EQ(names, (std::vector<std::string>{"lift.floor", "lift.speed", "calls.0", "calls.1"}));
  EXPECT_EQ(entry.spec.obs.fields()[0].categories, 4);
  EXPECT_EQ(entry.spec.obs.fields()[3].high, 2);
  EXPECT_EQ(entry.spec.action.components()[0].options, (std::vector<std::string>{"-1", "0", "1"}));
  EXPECT_EQ(entry.spec.summary, "go up and down");
  ASSERT_EQ(entry.params.size(), 2u);  // render_mode has no default that a word could be
  trajectory_hash(entry, {}, 2, 50);   // its step asserts the actions that it gets
  EXPECT_THAT(error_of([] { registry().find(file("spaces.py")); }, ExitCode::kUsage),
              AllOf(HasSubstr("offers 3 envs"), HasSubstr("Lift-v0'"), HasSubstr("Other-v3'")));
  EXPECT_THAT(error_of([] { registry().find(file("spaces.py") + ":Lift-v1"); }, ExitCode::kUsage),
              HasSubstr("Did you mean 'Lift-v0'?"));
}

TEST_F(PythonEnvs, DrawWithNamesOfColours) {
  const std::unique_ptr<Env> env = registry().find(file("walk.py")).make({});
  std::vector<std::uint8_t> row(36);
  RecordingCanvas canvas;
  env->draw(canvas);
  EXPECT_TRUE(canvas.empty());  // it was never reset
  Rng rng(1, "test");
  ResetContext context{rng, 0};
  env->reset(context, ObsRows(row.data(), env->spec().obs, 1)[0]);
  env->draw(canvas);
  const Color colors[] = {palette::kBackground, palette::kInk,    palette::kMuted,
                          palette::kFloor,      palette::kAgent,  palette::kAgentLight,
                          palette::kGoal,       palette::kDanger, palette::kItem,
                          palette::kAccent,     palette::kIce};
  RecordingCanvas expected;
  expected.set_view({-5, -1}, {5, 1}, {1, 2, 3});
  float x = 0;
  for (const Color color : colors) expected.circle({x++, 0}, 0.5f, color);
  expected.push({1, 0}, 0.5f);
  expected.rectangle({0, 0}, {1, 2}, {9, 8, 7, 6});
  expected.pop();
  const std::uint8_t kinds[] = {0, 1, 1, 0}, pixels[] = {0, 1, 2, 3, 4, 5};
  const CellStyle styles[] = {{palette::kIce, '.'}, {palette::kGoal, 'G'}};
  expected.cells({-4, 1}, 0.5f, 2, 2, kinds, styles, 2);
  expected.image({0, 0}, {1, 1}, 2, 1, pixels);
  expected.text({0, 0}, 0.3f, "at 0", palette::kInk, Align::kCenter);
  EXPECT_EQ(canvas.str(), expected.str());

  const std::unique_ptr<Env> filmed = registry().find(file("spaces.py") + ":Filmed-v0").make({});
  filmed->reset(context, ObsRows(row.data(), filmed->spec().obs, 1)[0]);
  filmed->draw(canvas);
  EXPECT_THAT(canvas.str(), HasSubstr("image (0, 0) (2, 1) of 2x1"));

  const std::unique_ptr<Env> wrong =
      registry().find(file("faulty.py")).make({{"fault", "colour", "test"}});
  wrong->reset(context, ObsRows(row.data(), wrong->spec().obs, 1)[0]);
  EXPECT_THAT(error_of([&] { wrong->draw(canvas); }),
              AllOf(HasSubstr("draw failed"), HasSubstr("there is no colour 'pink'")));
}

TEST_F(PythonEnvs, AreDescribedByGroups) {
  const std::string word = file("spaces.py") + ":Lift-v0";
  const Said said = run_tern({"describe", word});
  EXPECT_THAT(said.out, HasSubstr("     lift\n"));
  EXPECT_THAT(said.out, testing::ContainsRegex("\n  0    floor +one of 4\n"));
  EXPECT_THAT(said.out, testing::ContainsRegex("\n  3    1 +.0, 2.\n"));
  const Json observation = Json::parse(run_tern({"describe", word, "--json"}).out)["observation"];
  EXPECT_EQ(observation["groups"].dump(), "[\"lift\",\"calls\"]");
  EXPECT_EQ(observation["fields"][1].text_or("name", ""), "lift.speed");
}

TEST_F(PythonEnvs, KeepTheContract) {
  for (const std::string& word : {file("walk.py"), file("spaces.py") + ":Other-v3"}) {
    ChildCheck check;
    check.word = word;
    check.options.steps = 100;
    check.options.bench_seconds = 0;
    check.call_limit = std::chrono::seconds(20);
    check.choose = [=] { return std::pair(&registry().find(word), ParamValues{}); };
    check.repeat = [](const std::string&, int) { return std::string(); };
    for (const Finding& finding : check_in_child(check).findings) {
      EXPECT_TRUE(finding.passed) << finding.rule << ": " << finding.message;
    }
  }
}

TEST_F(PythonEnvs, WhatPilesUpInAnInterpreterIsSeen) {
  const std::pair<const char*, const char*> faults[] = {
      {"leaks", "of memory behind"}, {"starts", "processes stay"}, {"opens", "files stay open"}};
  for (const auto& [fault, text] : faults) {
    ChildCheck check;
    check.word = file("faulty.py");
    check.options.steps = 100;
    check.options.only = {"resources"};
    check.call_limit = std::chrono::seconds(20);
    const ParamValues params = {{"fault", fault, "test"}};
    check.choose = [=] { return std::pair(&registry().find(file("faulty.py")), params); };
    check.repeat = [](const std::string&, int) { return std::string(); };
    std::string told;
    for (const Finding& finding : check_in_child(check).findings) told += finding.message;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_THAT(told, HasSubstr(text)) << fault;
#endif
  }
}

/// What stepping the faulty env says.
std::string fault(const std::string& name, ExitCode code = ExitCode::kFailure) {
  return error_of(
      [&] {
        VecEnvOptions options;
        options.num_envs = 2;
        VecEnv envs(registry().find(file("faulty.py")),
                    {{"fault", name, "test"}, {"call_limit", "0.5", "test"}}, options);
        StepBuffers rows(envs.spec().obs, envs.spec().action, 0, 2);
        envs.reset(rows.batch.obs, rows.batch.mask);
        for (std::size_t i = 0; i < 2; ++i) rows.actions[i].discrete() = 1;
        for (int t = 0; t < 10; ++t) envs.step(rows.actions, rows.batch);
      },
      code);
}

TEST_F(PythonEnvs, WhatTheyRaiseComesWithItsTraceback) {
  EXPECT_THAT(
      fault("raise"),
      AllOf(HasSubstr("'PyFaulty-v0': step failed"), HasSubstr("Traceback"), HasSubstr("in deep"),
            HasSubstr("raise RuntimeError(\"the motor is gone\")"), Not(HasSubstr("<tern>"))));
  EXPECT_THAT(fault("constructor"), AllOf(HasSubstr("create failed"), HasSubstr("no such motor")));
  EXPECT_THAT(fault("exit"), AllOf(HasSubstr("SystemExit: 3"), HasSubstr("not for envs")));
}

TEST_F(PythonEnvs, TheEndOfAnInterpreterNamesTheCall) {
  const std::string place = " in step 3 of episode 1, action 1";
  EXPECT_THAT(fault("crash"),
              HasSubstr("its Python crashed (SIGSEGV, invalid memory access)" + place));
  EXPECT_THAT(fault("killed"), HasSubstr("its Python was ended by signal 9 (Killed)" + place));
  EXPECT_THAT(fault("bare_exit"), HasSubstr("its Python ended with status 0" + place));
  for (const char* const name : {"loop", "sleep"}) {
    EXPECT_THAT(fault(name),
                HasSubstr("step 3 of episode 1, action 1 did not come back within 0.501 s"));
  }
  EXPECT_EQ(children_with(file("faulty.py")), 0u);
}

TEST_F(PythonEnvs, WrongValuesAreNamed) {
  EXPECT_THAT(fault("too_long"),
              HasSubstr("the observation has 3 numbers; expected 2: place, time"));
  EXPECT_THAT(fault("text"), HasSubstr("a str stands where numbers are expected"));
  EXPECT_THAT(fault("flag_text"), HasSubstr("terminated is a str; expected True or False"));
  EXPECT_THAT(fault("reward_list"), AllOf(HasSubstr("the reward is a list of 1; expected a number"),
                                          HasSubstr("(step 3 of episode 1, action 1)")));
  EXPECT_THAT(fault("four"),
              AllOf(HasSubstr("step returned a tuple of 4"),
                    HasSubstr("(observation, reward, terminated, truncated, info)")));
  EXPECT_THAT(fault("reset_alone"),
              HasSubstr("reset returned a list of 2; expected (observation, info)"));
  EXPECT_THAT(fault("facts"), HasSubstr("facts has 'max_steps'; expected some of action, "));
  EXPECT_THAT(fault("no_observation"), HasSubstr("expected a dict of fields"));
  EXPECT_THAT(fault("field_and_group"), HasSubstr("'place' is a field and also the group"));
  EXPECT_THAT(fault("huge"), HasSubstr("more than 2^28 elements"));
}

TEST_F(PythonEnvs, ACopyThatAnEnvMakesEndsAtOnce) {
  VecEnvOptions options;
  VecEnv envs(registry().find(file("faulty.py")), {{"fault", "fork", "test"}}, options);
  StepBuffers rows(envs.spec().obs, envs.spec().action, 0, 1);
  envs.reset(rows.batch.obs, rows.batch.mask);
  rows.actions[0].discrete() = 1;
  for (int t = 0; t < 20; ++t) {
    envs.step(rows.actions, rows.batch);
    EXPECT_EQ(rows.batch.obs[0].value(1), t + 1);
  }
}

TEST_F(PythonEnvs, FilesThatAreNoneAreRefused) {
  const TemporaryFolder folder;
  const auto written = [&](const std::string& text) {
    static int number = 0;
    const std::string path = folder / ("env" + std::to_string(number++) + ".py");
    std::ofstream(path) << text;
    return path;
  };
  const auto refusal = [&](const std::string& path, ExitCode code = ExitCode::kFailure) {
    return error_of([&] { registry().find(path); }, code);
  };
  EXPECT_THAT(refusal(folder / "none.py", ExitCode::kUsage), HasSubstr("there is no file"));
  EXPECT_THAT(refusal(written("")), HasSubstr("no class with the methods reset and step"));
  EXPECT_THAT(refusal(written("def f(:\n")), AllOf(HasSubstr("SyntaxError"), HasSubstr("env1.py")));
  EXPECT_THAT(refusal(written("import no_such_module\n")),
              HasSubstr("No module named 'no_such_module'"));
  EXPECT_THAT(refusal(written("x = '\xff'\n"), ExitCode::kUsage), HasSubstr("not UTF-8"));
  EXPECT_THAT(
      refusal(written("class A:\n  def __init__(self, size): pass\n  def reset(self): pass\n"
                      "  def step(self): pass\n")),
      HasSubstr("the parameter 'size' of A has no default"));
  EXPECT_THAT(refusal(written("class A:\n  def reset(self): pass\n  def step(self): pass\n")),
              HasSubstr("neither facts['observation'] nor observation_space"));
}

TEST_F(PythonEnvs, RunTheTextThatWasRead) {
  const TemporaryFolder folder;
  const std::string path = folder / "walk.py";
  fs::copy_file(file("walk.py"), path);
  const EnvEntry& entry = registry().find(path);
  std::ofstream(path) << "raise RuntimeError('half a save')\n";
  VecEnvOptions options;
  options.num_envs = 4;
  options.threads = 4;  // three more interpreters are started now
  EXPECT_NO_THROW(VecEnv(entry, {}, options));
}

TEST_F(PythonEnvs, WhatTheyPrintIsNoPartOfADocument) {
  const Said said = run_tern({"rollout", file("faulty.py"), "fault=prints", "--json"});
  EXPECT_EQ(said.exit_code, 0);
  EXPECT_THAT(said.err, HasSubstr("hello from the env"));
  EXPECT_THAT(said.out, Not(HasSubstr("hello")));
}

TEST_F(PythonEnvs, AMachineWithoutPythonIsToldSo) {
  const Said said = run_tern({"rollout", file("walk.py")}, "", {"TERN_PYTHON=/no/python"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, AllOf(HasSubstr("is in Python, and there is no program '/no/python'"),
                              HasSubstr("TERN_PYTHON=/path/to/python3")));
}

TEST_F(PythonEnvs, NoInterpreterOutlivesAKilledTern) {
  const TemporaryFolder folder;
  const std::string path = folder / "stuck.py";
  fs::copy_file(file("faulty.py"), path);
  std::string words[] = {TERN_EXECUTABLE, "rollout", path, "fault=loop"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  setenv("TERN_TEST_MARK", (folder / "mark").c_str(), /*overwrite=*/1);  // told to be stuck
  pid_t process = 0;
  ASSERT_EQ(posix_spawn(&process, TERN_EXECUTABLE, nullptr, nullptr, argv.data(), environ), 0);
  unsetenv("TERN_TEST_MARK");
  EXPECT_TRUE(becomes_true([&] { return fs::exists(folder / "mark"); }));
  kill(process, SIGKILL);
  waitpid(process, nullptr, 0);
  EXPECT_TRUE(becomes_true([&] { return processes_with(path) == 0; }));
}

}  // namespace
}  // namespace tern
