// Proof: error texts. Names of metrics that would replace Tern's own, or break the files they are
// written to.

#include "envs/metric_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "envs/conformance/conformance.h"
#include "envs/registry/registry.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(MetricNames, OfTheBuiltInEnvsAreFine) {
  for (const EnvEntry* entry : registry().entries()) {
    EXPECT_EQ(wrong_metric_name(entry->spec.metrics), "") << entry->spec.id;
  }
  EXPECT_EQ(wrong_metric_name({"tiles visited", "x_1", "größe", "50 %"}), "");
}

TEST(MetricNames, OfTernsOwnAreRefusedByName) {
  for (const std::string name : {"return", "return_std", "length", "episodes"}) {
    EXPECT_THAT(wrong_metric_name({"success", name}),
                AllOf(HasSubstr("may not be called '" + name + "'"), HasSubstr("reserved:")));
  }
}

TEST(MetricNames, ThatAreRepeatedAreRefused) {
  EXPECT_THAT(wrong_metric_name({"a", "b", "a"}), HasSubstr("'a' is there twice"));
}

TEST(MetricNames, ThatFilesCannotHoldAreRefused) {
  EXPECT_THAT(wrong_metric_name({""}), HasSubstr("no name"));
  EXPECT_THAT(wrong_metric_name({"a,b"}), HasSubstr("'a,b' has a ','"));
  EXPECT_THAT(wrong_metric_name({"a\"b"}), HasSubstr("a '\"'"));
  EXPECT_THAT(wrong_metric_name({"train/loss"}), HasSubstr("a '/'"));
  EXPECT_THAT(wrong_metric_name({"a\\b"}), HasSubstr("a '\\'"));
  EXPECT_THAT(wrong_metric_name({"a\nb"}), HasSubstr("'a?b' has a control character"));
  EXPECT_THAT(wrong_metric_name({" a"}), HasSubstr("a space at its edge"));
  EXPECT_THAT(wrong_metric_name({"a "}), HasSubstr("a space at its edge"));
  for (const std::string bytes : {"\xff", "a\xc3", "\xc0\xaf", "\xe2\x82", "\x80"}) {
    EXPECT_THAT(wrong_metric_name({bytes}), HasSubstr("no UTF-8")) << bytes.size();
  }
}

/// Its metric is called as the parameter says.
class Named final : public Env {
 public:
  struct Params {
    std::string metric = "fine";
    template <class V>
    void visit(V& v) {
      v("metric", metric, "the name of the metric");
    }
  };
  explicit Named(const Params& params) {
    spec_.id = "Named-v0";
    spec_.family = "test";
    spec_.summary = "has a metric";
    spec_.obs.scalar("nothing", 0, 0);
    spec_.action = ActionSpace::discrete({"go"});
    spec_.max_episode_steps = 5;
    spec_.metrics = {params.metric};
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = 0; }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = 0;
    return {};
  }
  void metrics(FloatRow values) const override { values[0] = 1; }
  bool load(StateReader&) override { return true; }

 private:
  EnvSpec spec_;
};

TEST(MetricNames, AreCheckedByCheckEnv) {
  EnvRegistry table;
  table.add<Named>();
  const auto wrong = [&](const std::string& name) {
    ConformanceOptions options;
    options.bench_seconds = 0;
    std::string text;
    for (const Finding& finding :
         check_conformance(table.find("Named-v0"), {{"metric", name, "test"}}, options).findings) {
      if (!finding.passed) text += finding.rule + ": " + finding.message;
    }
    return text;
  };
  EXPECT_EQ(wrong("fine"), "");
  EXPECT_THAT(wrong("episodes"), HasSubstr("spec: a metric may not be called 'episodes'"));
}

/// Is called wrongly by default.
class NamedWrongly final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "NamedWrongly-v0";
      made.metrics = {"return"};
      return made;
    }();
    return spec;
  }
  void reset(ResetContext&, ObsRow) override {}
  StepResult step(ActionRow, Rng&, ObsRow) override { return {}; }
};

TEST(MetricNames, AreCheckedWhenAnEnvIsRegistered) {
  EnvRegistry table;
  EXPECT_THAT(error_of([&] { table.add<NamedWrongly>(); }, ExitCode::kUsage),
              AllOf(HasSubstr("NamedWrongly-v0"), HasSubstr("'return'")));
}

}  // namespace
}  // namespace tern
