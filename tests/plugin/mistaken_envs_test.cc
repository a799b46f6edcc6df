// Proof: error texts. Mistakes that people make, one at a time, in an env that is in order otherwise:
// check-env names each of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "envs/conformance/child_check.h"
#include "envs/conformance/conformance.h"
#include "envs/registry/registry.h"
#include "tests/plugin/same_env.h"

namespace tern {
namespace {

using testing::HasSubstr;

struct Mistake {
  std::string name;
  std::string rule;  // that is broken, or that remarks on it
  std::vector<std::string> texts;
  std::string at = "20";
  bool is_remark = false;
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

ConformanceReport report_of(const Mistake& mistake) {
  ChildCheck check;
  check.word = test_plugin("mistaken");
  check.options.seed = 7;
  check.options.steps = mistake.name == "sleeps" ? 60 : 300;
  check.options.bench_seconds = 0;
  check.call_limit = std::chrono::seconds(20);
  const ParamValues params = {{"mistake", mistake.name, "test"}, {"at", mistake.at, "test"}};
  check.choose = [=] { return std::pair(&registry().find(check.word), params); };
  return check_in_child(check);
}

class MistakenEnv : public testing::TestWithParam<Mistake> {};

TEST_P(MistakenEnv, IsNamed) {
  const Mistake& mistake = GetParam();
  const ConformanceReport report = report_of(mistake);
  std::string all;
  const Finding* found = nullptr;
  for (const Finding& finding : report.findings) {
    if (!finding.passed || !finding.message.empty())
      all += finding.rule + (finding.passed ? " (passed): " : ": ") + finding.message + "\n";
    if (finding.rule == mistake.rule && finding.passed == mistake.is_remark) found = &finding;
  }
  ASSERT_NE(found, nullptr) << all;
  for (const std::string& text : mistake.texts) EXPECT_THAT(found->message, HasSubstr(text)) << all;
  EXPECT_EQ(report.passed(), mistake.is_remark) << all;
}

std::vector<Mistake> mistakes() {
  return {
    {"names_twice", "spec", {"a second field of the observation is called 'place'"}},
        {"field_and_group", "spec", {"'place' is a field and also the group of 'place.wind'"}},
        {"empty_group", "spec", {"the field 'place..wind' has an empty part"}},
        {"options_twice", "spec", {"the option 'left' twice"}},
        {"box_reads_choice", "runs", {"SIG", "in step 1 of episode 1, action ["}},
        {"reads_real", "runs", {"SIG", "in step 1 of episode 1, action "}},
#ifdef NDEBUG  // otherwise core/views.h asserts that such an element is there
        {"bytes_as_floats", "rows", {"row of the observation has 2 bytes, and 6 bytes behind"}},
        {"floats_as_bytes",
         "rows",
         {"row of the observation has 2 values of 4 bytes, and 2 bytes"}},
#endif
        {"throw_text", "runs", {"step 20 of episode", "no std::exception"}},
        {"stream_copied", "save-load", {"save() and load() every member"}},
        {"process_folder", "process", {"the current folder became '/'", "chdir"}},
        {"process_locale", "process", {"the locale became", "setlocale"}},
        {"process_signal", "process", {"what SIGINT does was changed"}},
        {"process_rounding", "process", {"rounded in another direction"}},
#if defined(__GLIBC__)
        {"process_traps", "process", {"divisions by zero", "feenableexcept"}},
#endif
        {"starts_processes", "resources", {"processes stay in", "waitpid"}, "1"},
        {"metric_late", "long-run", {"the metric 'nearness' is not finite"}},
        {"process_umask", "process", {"file mode mask", "umask"}},
        {"process_output", "process", {"standard output was closed"}},
#if defined(__x86_64__)
        {"process_fast_math", "process", {"-ffast-math"}},
#endif
        {"late_nan", "long-run", {"step 1200 of episode 1: element 1 ('wind') is nan"}, "1200"},
        {"late_outside", "long-run", {"step 1200 of episode 1: element 1 ('wind') is 3"}, "1200"},
        {"late_nan_reward", "long-run", {"step 1200 of episode 1: the reward is nan"}, "1200"},
        {"limit_inside",
         "long-run",
         {"terminated after 50 steps", "max_episode_steps"},
         "20",
         true},
        {"action_ignored", "scale", {"whatever the actions were"}, "20", true},
        {"sleeps", "long-run", {"waits for something in each step"}, "1", true},
  };
}

INSTANTIATE_TEST_SUITE_P(Mistakes, MistakenEnv, testing::ValuesIn(mistakes()),
                         [](const auto& info) { return info.param.name; });

TEST(MistakenEnvs, TheOneWithoutAMistakeIsInOrder) {
  const ConformanceReport report = report_of({"none", "", {}});
  for (const Finding& finding : report.findings) {
    EXPECT_TRUE(finding.passed) << finding.rule << ": " << finding.message;
    EXPECT_EQ(finding.message.find("actions were"), std::string::npos);
  }
}

}  // namespace
}  // namespace tern
