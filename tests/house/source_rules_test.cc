// Proof: laws of the source tree (the include table and the ban on foreign generators), each with a
// poisoned case that shows that the rule is seen to be broken.

#include "tests/house/source_rules.h"
#include "tests/source_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace tern::house {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<SourceFile>& tree() {
  static const std::vector<SourceFile> sources = read_source_tree(source_path(""));
  return sources;
}

std::vector<SourceFile> one(const std::string& path, const std::string& text) {
  return {{path, text}};
}

TEST(SourceTree, IsFoundWhole) {
  std::set<std::string> folders;
  for (const SourceFile& source : tree())
    folders.insert(source.path.substr(0, source.path.find('/')));
  for (const char* folder : {"core", "envs", "agents", "cli", "tests"}) {
    EXPECT_EQ(folders.count(folder), 1u) << folder;
  }
  for (const std::string& header : authoring_headers()) {
    EXPECT_TRUE(std::any_of(tree().begin(), tree().end(), [&](const SourceFile& source) {
      return source.path == header;
    })) << header;
  }
}

TEST(Floors, IncludesLeadDownOnly) {
  EXPECT_THAT(floor_violations(tree()), IsEmpty());
}

TEST(Floors, AnIncludeUpwardsIsNamedWithItsLine) {
  EXPECT_THAT(floor_violations(one("core/a.cc", "#include <map>\n#include \"envs/env.h\"\n")),
              ElementsAre(HasSubstr("core/a.cc:2: core/ may not include \"envs/env.h\"")));
  EXPECT_THAT(floor_violations(one("replay/a.h", "#  include \"agents/api.h\"\n")), SizeIs(1));
}

TEST(Floors, AgentsAndRenderNeverMeet) {
  EXPECT_THAT(floor_violations(one("agents/a.cc", "#include \"render/viewer.h\"\n")), SizeIs(1));
  EXPECT_THAT(floor_violations(one("render/a.cc", "#include \"agents/api.h\"\n")), SizeIs(1));
  EXPECT_THAT(floor_violations(one("cli/a.cc",
                                   "#include \"agents/api.h\"\n"
                                   "#include \"render/viewer.h\"\n")),
              IsEmpty());
}

TEST(Floors, IncludesAreFromTheRoot) {
  EXPECT_THAT(floor_violations(one("envs/control/a.cc", "#include \"../env.h\"\n")), SizeIs(1));
  EXPECT_THAT(floor_violations(one("envs/a.cc", "#include \"env.h\"\n")), SizeIs(1));
}

TEST(Circles, NoFilesAndNoRoomsUseEachOther) {
  EXPECT_THAT(circle_violations(tree()), IsEmpty());
}

TEST(Circles, OneOfTwoFilesIsNamed) {
  const SourceFile b = {"envs/b.h", "#include \"envs/a.h\"\n"};
  EXPECT_THAT(circle_violations({{"envs/a.h", "// a\n#include \"envs/b.h\"\n"}, b}),
              ElementsAre("envs/a.h:2: files include each other: envs/a -> envs/b -> envs/a"));
  // A source and its header are one: neither header includes the other here.
  EXPECT_THAT(circle_violations({{"envs/a.cc", "#include \"envs/b.h\"\n"}, {"envs/a.h", ""}, b}),
              SizeIs(1));
  EXPECT_THAT(circle_violations({{"envs/a.cc", "#include \"envs/a.h\"\n"}, {"envs/a.h", ""}, b}),
              IsEmpty());
}

TEST(Circles, OneOfThreeFilesIsNamedOnce) {
  EXPECT_THAT(circle_violations({{"cli/a.h", "#include \"cli/b.h\"\n"},
                                 {"cli/b.h", "#include \"cli/c.h\"\n"},
                                 {"cli/c.h", "#include \"cli/a.h\"\n"}}),
              ElementsAre(HasSubstr(": cli/a -> cli/b -> cli/c -> cli/a")));
}

TEST(Circles, OneOfRoomsIsNamedAlthoughNoFilesAreInOne) {
  const std::vector<SourceFile> sources = {{"envs/x/a.h", "#include \"envs/y/a.h\"\n"},
                                           {"envs/y/a.h", ""},
                                           {"envs/y/b.h", "#include \"envs/x/b.h\"\n"},
                                           {"envs/x/b.h", ""}};
  EXPECT_THAT(circle_violations(sources),
              ElementsAre("envs/x/a.h:1: rooms use each other: envs/x -> envs/y -> envs/x"));
}

TEST(Libraries, StayWhereTheTableAllowsThem) {
  EXPECT_THAT(library_violations(tree()), IsEmpty());
}

TEST(Libraries, LibTorchStaysBehindItsBorder) {
  const std::string torch = "#include <torch/types.h>\n";
  for (const char* path : {"core/a.cc", "envs/a.cc", "render/a.cc", "cli/a.cc", "agents/api.h",
                           "agents/ppo/ppo.cc", "agents/run/run_folder.h", "agents/nn/network.h",
                           "replay/ring.h"}) {
    EXPECT_THAT(library_violations(one(path, torch)), SizeIs(1)) << path;
  }
  for (const char* path : {"agents/nn/conv_encoder.cc", "agents/training/platform.cc",
                           "agents/reference_losses/ppo_loss.h", "examples/use_policy/main.cc", "tests/agents/ppo_test.cc"}) {
    EXPECT_THAT(library_violations(one(path, torch)), IsEmpty()) << path;
  }
}

TEST(Libraries, TheWholeOfLibTorchIsNeverIncluded) {
  EXPECT_THAT(library_violations(one("agents/nn/a.cc", "#include <torch/torch.h>\n")),
              ElementsAre(HasSubstr("include the narrow headers")));
}

TEST(Libraries, OthersHaveOneFolderEach) {
  EXPECT_THAT(library_violations(one("envs/a.cc", "#include <box2d/box2d.h>\n")), SizeIs(1));
  EXPECT_THAT(library_violations(one("cli/a.cc", "#include <SFML/Window.hpp>\n")), SizeIs(1));
  EXPECT_THAT(library_violations(one("render/png.cc", "#include <SFML/Window.hpp>\n")), SizeIs(1));
  EXPECT_THAT(library_violations(one("render/sfml_window.cc", "#include <SFML/Window.hpp>\n")),
              IsEmpty());
  EXPECT_THAT(library_violations(one("core/params.cc", "#include <yaml-cpp/yaml.h>\n")), SizeIs(1));
  EXPECT_THAT(library_violations(one("cli/a.cc", "#include <nlohmann/json.hpp>\n")), SizeIs(1));
  EXPECT_THAT(library_violations(one("cli/http/a.cc", "#include <httplib.h>\n")), SizeIs(1));
  EXPECT_THAT(library_violations(one("cli/http/httplib_server.cc", "#include <httplib.h>\n")),
              IsEmpty());
  EXPECT_THAT(library_violations(one("render/png.h", "#include <png.h>\n")), SizeIs(1));
  EXPECT_THAT(library_violations(one("render/png.cc", "#include <png.h>\n")), IsEmpty());
}

TEST(AuthoringHeaders, KnowOnlyEachOtherAndTheStandardLibrary) {
  EXPECT_THAT(authoring_violations(tree()), IsEmpty());
}

TEST(AuthoringHeaders, AnotherHeaderOfOursIsRefused) {
  EXPECT_THAT(authoring_violations(one("envs/env.h", "#include \"core/config/config.h\"\n")), SizeIs(1));
  EXPECT_THAT(authoring_violations(one("core/rng.h", "#include <nlohmann/json.hpp>\n")), SizeIs(1));
  EXPECT_THAT(authoring_violations(one("core/rng.h", "#include <cmath>\n")), IsEmpty());
}

TEST(Generators, NothingDrawsOutsideOurStreams) {
  EXPECT_THAT(generator_violations(tree()), IsEmpty());
}

TEST(Generators, EveryKnownDrawIsSeen) {
  for (const char* call :
       {"at::rand({2})", "torch::randn({2})", "at::randperm(n)", "torch::manual_seed(1);",
        "at::multinomial(p, 1)", "at::dropout(x, 0.5, true)", "w.normal_(0, 1)", "w.uniform_(0, 1)",
        "torch::nn::Dropout(0.5)", "torch::nn::init::orthogonal_(w)", "p.bernoulli_()",
        "at::normal(0, 1, {2})", "std::mt19937 gen;", "std::shuffle(a, b, gen);", "rand() % 4"}) {
    EXPECT_THAT(generator_violations(one("agents/a.cc", call)), SizeIs(1)) << call;
  }
}

TEST(Generators, OurOwnStreamsAndCommentsPass) {
  for (const char* line : {"rng.normal(); rng.uniform(0, 1);", "orthogonal_init(rng, w);",
                           "// not at::dropout(x): it takes no generator", "operand(1);"}) {
    EXPECT_THAT(generator_violations(one("agents/a.cc", line)), IsEmpty()) << line;
  }
}

}  // namespace
}  // namespace tern::house
