// Proof: error texts. Envs that are wrong in one way each, of one plugin whose parameter says which:
// check-env names the rule, what was seen, and where. What ends the process leaves the rules that
// were kept before it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "envs/conformance/child_check.h"
#include "envs/conformance/conformance.h"
#include "envs/registry/registry.h"
#include "tests/error_of.h"
#include "tests/plugin/same_env.h"
#include "tests/source_tree.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Fault {
  std::string name;
  std::string rule;                // that is broken, or that remarks on it
  std::vector<std::string> texts;  // all of them in its message
  std::string in = "step";
  std::string at = "20";
  bool is_remark = false;  // it is no fault, but worth a word
};

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name << " in " << fault.in << " at " << fault.at;
}

ChildCheck check_of(const std::string& word, const ParamValues& params) {
  ChildCheck check;
  check.word = word;
  check.options.seed = 7;
  check.options.steps = 300;
  check.options.bench_seconds = 0;
  check.call_limit = std::chrono::milliseconds(1000);
  check.choose = [=] {
    return std::pair(&registry().find(word, std::chrono::milliseconds(800)), params);
  };
  check.repeat = [](const std::string& rule, int) { return "tern check-env --rule " + rule; };
  return check;
}

ParamValues params_of(const Fault& fault) {
  return {{"fault", fault.name, "test"}, {"in", fault.in, "test"}, {"at", fault.at, "test"}};
}

std::string shown(const ConformanceReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    if (!finding.passed) text += finding.rule + ": " + finding.message + "\n";
  }
  return text;
}

class FaultyEnv : public testing::TestWithParam<Fault> {};

TEST_P(FaultyEnv, IsNamed) {
  const Fault& fault = GetParam();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // They have a heap, and reports of what happens to it, of their own.
  if (fault.name == "heap" || fault.name.rfind("leaks_", 0) == 0) GTEST_SKIP();
#endif
  ChildCheck check = check_of(test_plugin("faulty"), params_of(fault));
  if (fault.name == "obs_large_row") check.options.steps = 20;
  // A busy machine may leave any other call waiting for a second.
  if (fault.name.find("loop") == std::string::npos) check.call_limit = std::chrono::seconds(20);
  const ConformanceReport report = check_in_child(check);
  const Finding* found = nullptr;
  for (const Finding& finding : report.findings) {
    if (finding.rule == fault.rule && finding.passed == fault.is_remark) found = &finding;
  }
  ASSERT_NE(found, nullptr) << "broken: " << shown(report);
  for (const std::string& text : fault.texts) {
    EXPECT_THAT(found->message, HasSubstr(text)) << "broken: " << shown(report);
  }
  EXPECT_THAT(found->docs, HasSubstr("docs/plugins.md#"));
  EXPECT_EQ(found->repeat, fault.is_remark ? "" : "tern check-env --rule " + fault.rule);
  EXPECT_EQ(report.passed(), fault.is_remark) << shown(report);
}

const std::string kStep20 = "in step 20 of episode ";

std::vector<Fault> process_faults() {
  return {
    {"segfault", "runs", {"crashed (SIGSEGV, invalid memory access) " + kStep20, ", action "}},
        {"overflow", "runs", {"the stack is full", kStep20}},
        {"divide", "runs", {"crashed (SIGFPE, integer division by zero) " + kStep20}},
        {"abort", "runs", {"crashed (SIGABRT", kStep20}},
        {"terminate", "runs", {"crashed (SIGABRT", kStep20}},
        {"heap", "runs", {"crashed (SIGABRT", "damaged memory", kStep20, "double free"}},
        {"kill", "runs", {"was ended by signal 9", kStep20}},
        {"exit", "runs", {"ended the process with status 0 " + kStep20, "throw tern::Error"}},
        {"_exit", "runs", {"ended the process with status 0 " + kStep20}},
        {"exit_group", "runs", {"ended the process with status 0 " + kStep20, ", action "}},
#if defined(__x86_64__)
        {"bare_exit_group", "runs", {"ended the process with status 0 " + kStep20, ", action "}},
#endif
        {"quick_exit", "runs", {"ended the process with status 0 " + kStep20}},
        {"loop", "runs", {"did not come back within 1 s " + kStep20, "--step-limit"}},
        {"fork", "runs", {"fork", "start no processes"}},
        {"throw_int", "runs", {"step 20 of episode", "no std::exception"}},
        {"throw_error", "runs", {"step 20 of episode", "the motor is gone"}},
        {"throw_usage", "runs", {"step 20 of episode", "the motor is \\x1b[31mred\\x0d"}},
        {"segfault", "runs", {"crashed (SIGSEGV, invalid memory access) in reset 2"}, "reset", "0"},
        {"loop", "runs", {"did not come back within 1 s in reset 2"}, "reset", "0"},
        {"segfault", "draw", {"in draw after step 20 of episode "}, "draw"},
        {"abort", "save-load", {"in save after step "}, "save", "1"},
        {"divide", "runs", {"in action_mask after step 20"}, "action_mask"},
        {"exit", "runs", {"in metrics after step "}, "metrics", "1"},
        {"segfault", "runs", {"in destroy after step "}, "destroy", "1"},
        {"segfault", "loads", {"crashed (SIGSEGV", "in create"}, "create", "0"},
        {"loop", "loads", {"did not come back within 1 s in create"}, "create", "0"},
        {"exit", "loads", {"ended the process with status 0 in create"}, "create", "0"},
        {"late_segfault",
         "long-run",
         {"crashed (SIGSEGV", "in step 1001 of episode 1, action "},
         "step",
         "1001"},
        {"late_loop",
         "long-run",
         {"did not come back", "in step 1001 of episode 1"},
         "step",
         "1001"},
        {"late_exit", "long-run", {"status 0 in step 1001 of episode 1"}, "step", "1001"},
  };
}

std::vector<Fault> row_faults() {
  return {
      {"obs_too_far", "rows", {"row of the observation has 3 values", "4 bytes behind its end"}},
      {"obs_far",
       "runs",
       {"crashed (SIGSEGV", kStep20, "wrote far outside a row that it was given"}},
      {"obs_before", "rows", {"row of the observation", "4 bytes before its begin"}},
      {"mask_too_far", "rows", {"row of the mask has 3 bytes", "1 bytes behind its end"}},
      {"terms_too_far", "rows", {"row of the reward terms has 2 values"}},
      {"metrics_too_far", "rows", {"row of the metrics has 1 values"}},
      {"changes_action", "rows", {"the action that was passed in was changed"}},
      {"obs_unwritten", "obs-written", {"element 1 ('wind')", "was not written"}},
      {"obs_outside", "obs-space", {"('position') is 40", "[-5, 5]"}},
      {"obs_nan", "obs-space", {"('wind') is nan"}},
      {"box_not_clamped", "obs-space", {"('position') is"}},
      {"reward_nan", "reward-finite", {"the reward is nan"}},
      {"reward_infinite", "reward-finite", {"the reward is inf"}},
      {"term_missing", "reward-terms", {"'rest' is not finite or was not written"}},
      {"terms_lie", "reward-terms", {"the reward terms sum to"}},
      {"both_flags", "flags", {"both terminated and truncated"}},
      {"mask_closes", "masks", {"no choice of action component 'action' is allowed"}},
      {"mask_large", "masks", {"flag 1 of the mask is 7"}},
      {"masks_denied", "masks", {"spec.has_masks is false"}},
      {"metric_missing", "metrics", {"'success'"}},
      {"metric_nan", "metrics", {"'success'"}},
  };
}

std::vector<Fault> future_faults() {
  return {
      {"rand", "determinism", {"two runs with the same seed and actions differ"}},
      {"heap_address", "determinism", {"two runs with the same seed and actions differ"}},
      {"shared", "determinism", {"no global or static variables"}},
      {"thread", "threads", {"1, 2 and 4 threads"}},
      {"reset_forgets", "fresh-reset", {"set every member in reset()"}},
      {"draw_changes", "looking", {"draw() changes what the env does next"}},
      {"metrics_change", "looking", {"metrics() changes"}},
      {"mask_changes", "looking", {"action_mask() changes"}},
      {"save_changes", "looking", {"save() changes"}},
      {"save_forgets", "save-load", {"save() and load() every member"}},
      {"load_lies", "save-load", {"left 28 bytes"}},
      {"load_too_much", "save-load", {"saved state"}},
      {"levels_same", "levels", {"choose the variant by ctx.level"}},
      {"levels_one", "levels", {"spec.num_levels is 1"}},
      {"state_short", "state-vector", {"gave 1 numbers"}},
      {"state_half", "state-vector", {"other numbers"}},
      {"keys_lie", "human-action", {"action 9"}},
      {"draw_without_view", "draw", {"before set_view"}},
      {"draw_without_pop", "draw", {"not followed by a pop"}},
      {"draw_nan", "draw", {"not finite"}},
      {"goal_relabel_missing", "goals", {"relabel() gives 0", "step() gave -1"}},
      {"goal_relabel_sign", "goals", {"relabel() gives 1", "step() gave -1"}},
  };
}

std::vector<Fault> conduct_faults() {
  return {
      {"prints", "printing", {"step 20 of episode", "printed 'hello from step 20'"}},
      {"prints", "printing", {"printed 'hello from step 0'"}, "reset", "0"},
      {"writes", "printing", {"printed 'raw bytes'"}},
      {"prints", "printing", {"draw() printed"}, "draw", "0"},
      {"prints", "printing", {"the constructor printed"}, "create", "0"},
      {"leaks_megabytes", "resources", {"each call leaves about 1", " MB of memory"}},
      {"leaks_bytes", "resources", {"each call leaves about ", " bytes of memory"}},
      {"leaks_instances", "resources", {"each instance leaves about 100", "kB of memory"}},
      {"leaks_files", "resources", {"files stay open"}},
      {"leaks_threads", "resources", {"threads stay"}},
      {"endless", "long-run", {"no episode ended in 3000 steps", "max_episode_steps"}, "step", "20", true},
      {"no_summary", "spec", {"the summary is empty"}},
      {"no_family", "spec", {"the family is empty"}},
      {"terms_twice", "spec", {"'progress' twice"}},
      {"goal_sizes", "spec", {"the achieved goal has 1 numbers, the desired goal 2"}},
      {"goal_half", "spec", {"none called 'achieved goal'"}},
      {"box_huge", "spec", {"'push'", "policies begin in the middle"}, "step", "20", true},
      {"box_one_sided", "spec", {"with one side only"}, "step", "20", true},
      {"obs_large_row", "spec", {"an observation takes 1.2 MB", "120 GB"}, "step", "20", true},
      {"reward_zero", "scale", {"every reward was 0"}, "step", "20", true},
      {"reward_huge", "scale", {"rewards reach", "env.reward_scale=1e-05"}, "step", "20", true},
      {"reward_tiny", "scale", {"no reward is above", "env.reward_scale="}, "step", "20", true},
      {"obs_huge", "scale", {"'mass' reaches 1", "agent.normalize_obs=true"}, "step", "20", true},
      {"obs_constant", "scale", {"the observation was the same all the time"}, "step", "20", true},
  };
}

std::string fault_name(const testing::TestParamInfo<Fault>& info) {
  return info.param.name + "_in_" + info.param.in + "_at_" + info.param.at;
}

INSTANTIATE_TEST_SUITE_P(Process, FaultyEnv, testing::ValuesIn(process_faults()), fault_name);
INSTANTIATE_TEST_SUITE_P(Rows, FaultyEnv, testing::ValuesIn(row_faults()), fault_name);
INSTANTIATE_TEST_SUITE_P(Future, FaultyEnv, testing::ValuesIn(future_faults()), fault_name);
INSTANTIATE_TEST_SUITE_P(Conduct, FaultyEnv, testing::ValuesIn(conduct_faults()), fault_name);

TEST(ChildCheck, OfASoundEnvIsTheCheckItself) {
  const ConformanceReport report = check_in_child(check_of(test_plugin("faulty"), {}));
  EXPECT_TRUE(report.passed()) << shown(report);
  EXPECT_EQ(report.env, "Faulty-v0");
  EXPECT_EQ(report.findings.size(), conformance_rules().size());
  EXPECT_EQ(report.steps, 300);
}

/// The anchors of a page's headings, as GitHub makes them.
std::set<std::string> anchors_of(const std::string& page) {
  std::set<std::string> anchors;
  std::ifstream lines(source_path(page));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("## ", 0) != 0) continue;
    std::string anchor;
    for (const char c : line.substr(3)) {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0) anchor += static_cast<char>(std::tolower(c));
      if (c == ' ') anchor += '-';
    }
    anchors.insert(anchor);
  }
  return anchors;
}

TEST(ChildCheck, EachRuleNamesAChapterThatIsThere) {
  const std::set<std::string> anchors = anchors_of("docs/plugins.md");
  ASSERT_EQ(anchors.count("exact-state"), 1u);
  const ConformanceReport report = check_in_child(check_of(test_plugin("faulty"), {}));
  for (const Finding& finding : report.findings) {
    const std::string page = "docs/plugins.md#";
    ASSERT_EQ(finding.docs.rfind(page, 0), 0u) << finding.rule;
    EXPECT_EQ(anchors.count(finding.docs.substr(page.size())), 1u) << finding.docs;
  }
}

TEST(ChildCheck, KeepsWhatWasFoundBeforeTheEndAndGoesOnBehindIt) {
  const Fault drawing = {"segfault", "draw", {}, "draw"};
  const ConformanceReport report =
      check_in_child(check_of(test_plugin("faulty"), params_of(drawing)));
  std::vector<std::string> rules, broken;
  for (const Finding& finding : report.findings) {
    rules.push_back(finding.rule);
    if (!finding.passed) broken.push_back(finding.rule);
  }
  EXPECT_EQ(rules, conformance_rules());
  EXPECT_THAT(broken, testing::IsSupersetOf({"looking", "draw"}));
}

TEST(ChildCheck, AnEndWhileTheSpeedIsMeasuredIsFound) {
  ChildCheck check = check_of(test_plugin("faulty"), params_of({"late_exit", "", {}, "step", "2900"}));
  check.options.steps = 100;  // not reached by the rules
  check.options.bench_seconds = 5;
  const ConformanceReport report = check_in_child(check);
  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings.back().rule, "speed");
  EXPECT_THAT(report.findings.back().message, HasSubstr("in step 2900 of episode "));
}

TEST(ChildCheck, BadParametersAreTheCallersError) {
  EXPECT_THAT(error_of([] { check_in_child(check_of(test_plugin("faulty"), {{"at", "x", "a.yaml:3"}})); },
                       ExitCode::kUsage),
              HasSubstr("a.yaml:3: env.at"));
}

TEST(ChildCheck, AnEnvInCThatCrashesLateIsNamed) {
  const ConformanceReport report = check_in_child(check_of(test_plugin("late_crash"), {}));
  EXPECT_THAT(shown(report), HasSubstr("long-run: the env crashed (SIGSEGV, invalid memory access) in "
                                       "step 1001 of episode 1, action "));
}

TEST(ChildCheck, AnEnvInCThatWritesTooFarDoesNotLoad) {
  const ConformanceReport report = check_in_child(check_of(test_plugin("one_too_far"), {}));
  EXPECT_THAT(shown(report),
              AllOf(HasSubstr("loads: "),
                    HasSubstr("'Good-v1': reset wrote outside its row: the row of the "
                              "observation has 1 values of 4 bytes, and 4 bytes")));
}

TEST(ChildCheck, AnIdOfABuiltInEnvIsNamed) {
  const ConformanceReport report = check_in_child(check_of(test_plugin("cartpole"), {}));
  EXPECT_THAT(shown(report), HasSubstr("spec: the id 'CartPole-v1' is that of an env of Tern's own"));
}

TEST(ChildCheck, ASlowEnvIsCheckedWithFewerSteps) {
  ChildCheck check = check_of(test_plugin("faulty"), params_of({"slow", "", {}}));
  check.options.fits_steps = true;
  check.options.only = {"runs", "obs-space"};
  const ConformanceReport report = check_in_child(check);
  EXPECT_TRUE(report.passed()) << shown(report);
  EXPECT_GE(report.steps, 20);
  EXPECT_LT(report.steps, 100);
}

}  // namespace
}  // namespace tern
