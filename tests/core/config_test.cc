// Configuration files: error texts with their places, laws (write and read back), and a seeded
// bounded fuzz of the reader.

#include "core/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/config/key_value.h"
#include "core/error.h"
#include "core/rng.h"

namespace tern {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const char kGood[] =
    "# a comment\n"
    "env:\n"
    "  id: FrozenLake-v1\n"
    "  map: SFFF/FHFH\n"
    "agent:\n"
    "  name: dqn\n"
    "  hidden_sizes: [64, 32]\n"
    "  learning_rate: {start: 1e-3, end: 1e-4, steps: 10_000}\n"
    "run: {total_steps: 100_000, num_envs: 4}\n";

std::string error_of(const std::string& text) {
  try {
    parse_config(text, "a.yaml");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  return "no error";
}

/// The value of `key`, or "missing".
std::string text_of(const std::vector<ParamValue>& values, const std::string& key) {
  for (const ParamValue& value : values) {
    if (value.key == key) return value.text;
  }
  return "missing";
}

std::string where_of(const std::vector<ParamValue>& values, const std::string& key) {
  for (const ParamValue& value : values) {
    if (value.key == key) return value.where;
  }
  return "missing";
}

// Worked example.
TEST(Config, ReadsEachValueWithItsPlace) {
  const Config config = parse_config(kGood, "a.yaml");
  EXPECT_EQ(config.env_id.text, "FrozenLake-v1");
  EXPECT_EQ(config.env_id.where, "a.yaml:3");
  EXPECT_EQ(config.agent_name.text, "dqn");
  EXPECT_EQ(text_of(config.env, "map"), "SFFF/FHFH");
  EXPECT_EQ(text_of(config.agent, "hidden_sizes"), "[64, 32]");
  EXPECT_EQ(text_of(config.agent, "learning_rate"), "{start: 1e-3, end: 1e-4, steps: 10_000}");
  EXPECT_EQ(where_of(config.agent, "learning_rate"), "a.yaml:8");
  EXPECT_EQ(text_of(config.run, "num_envs"), "4");
  EXPECT_EQ(where_of(config.run, "num_envs"), "a.yaml:9");
}

// Worked example: what is a list in blocks is the same as one in brackets.
TEST(Config, ReadsBlockListsAndMaps) {
  const Config config = parse_config(
      "env: {id: X-v0}\nagent:\n  hidden_sizes:\n    - 64\n    - 32\n  clip_range:\n"
      "    start: 0.2\n    end: 0\n",
      "a.yaml");
  EXPECT_EQ(text_of(config.agent, "hidden_sizes"), "[64, 32]");
  EXPECT_EQ(text_of(config.agent, "clip_range"), "{start: 0.2, end: 0}");
  EXPECT_EQ(where_of(config.agent, "hidden_sizes"), "a.yaml:3");
}

TEST(Config, AcceptsASectionWhoseLinesAreAllCommentedOut) {
  const Config config = parse_config("env: {id: X-v0}\nrun:\n  # seed: 3\n", "a.yaml");
  EXPECT_TRUE(config.run.empty());
}

// Error texts.
TEST(ConfigErrors, SyntaxErrorNamesTheLine) {
  const std::string message = error_of("env: {id: CartPole-v1}\nagent: {name: ppo\nrun: {}\n");
  EXPECT_THAT(message, StartsWith("a.yaml:"));
  EXPECT_THAT(message, HasSubstr("YAML syntax error"));
  EXPECT_THAT(message, HasSubstr("expected"));
}

TEST(ConfigErrors, TabIsNamed) {
  EXPECT_THAT(error_of("env:\n\tid: CartPole-v1\n"), HasSubstr("line 2 starts with a tab"));
}

TEST(ConfigErrors, MissingSpaceAfterAColonIsNamed) {
  EXPECT_THAT(error_of("env:\n  id:CartPole-v1\n  map: 4x4\n"),
              HasSubstr("line 2 lacks a space after 'id:'"));
}

TEST(ConfigErrors, EqualsSignIsNamed) {
  EXPECT_THAT(error_of("env:\n  id = CartPole-v1\n  map: 4x4\n"), HasSubstr("line 2 has '='"));
}

TEST(ConfigErrors, DuplicateKeyNamesBothLines) {
  EXPECT_THAT(error_of("env: {id: X}\nagent:\n  gamma: 0.9\n  epochs: 4\n  gamma: 0.8\n"),
              StartsWith("a.yaml:5: duplicate key 'gamma'; it already stands in line 3"));
}

TEST(ConfigErrors, DuplicateSectionIsAnError) {
  EXPECT_THAT(error_of("env: {id: X}\nenv: {id: Y}\n"),
              StartsWith("a.yaml:2: duplicate key 'env'"));
}

TEST(ConfigErrors, UnknownSectionSuggestsTheNearest) {
  EXPECT_THAT(error_of("env: {id: X}\nagnet: {name: ppo}\n"),
              StartsWith("a.yaml:2: unknown section 'agnet'. Did you mean 'agent'?"));
}

TEST(ConfigErrors, ScalarWhereASectionIsExpected) {
  EXPECT_THAT(error_of("env: CartPole-v1\n"),
              StartsWith("a.yaml:1: section 'env': expected `key: value` lines beneath it, found "
                         "'CartPole-v1'"));
}

TEST(ConfigErrors, ListWhereASectionIsExpected) {
  EXPECT_THAT(error_of("env: {id: X}\nrun:\n  - seed: 3\n"), HasSubstr("a.yaml:2: section 'run'"));
}

TEST(ConfigErrors, KeyWithoutAValue) {
  EXPECT_THAT(error_of("env: {id: X}\nagent:\n  gamma:\n"),
              StartsWith("a.yaml:3: agent.gamma: has no value"));
}

TEST(ConfigErrors, MissingEnvId) {
  EXPECT_THAT(error_of("agent: {name: ppo}\n"), StartsWith("a.yaml: env.id is missing"));
}

TEST(ConfigErrors, EmptyFileSaysWhatAConfigurationHas) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n"}) {
    EXPECT_THAT(error_of(text), HasSubstr("the file is empty; a configuration has the sections"));
  }
}

TEST(ConfigErrors, AliasIsRefusedEvenIntoItself) {
  EXPECT_THAT(error_of("env: {id: X}\nrun: &a {seed: *a}\n"), HasSubstr("a.yaml:2: an alias"));
}

TEST(ConfigErrors, DeepNestingIsRefused) {
  EXPECT_THAT(error_of("env: {id: X, a: " + std::string(5000, '[') + std::string(5000, ']') + "}"),
              StartsWith("a.yaml:1: nested more than 16 deep"));
  EXPECT_THAT(error_of("env: " + std::string(5000, '{')), StartsWith("a.yaml:1: "));
}

TEST(ConfigErrors, ValueNestedInAListIsRefused) {
  EXPECT_THAT(error_of("env: {id: X}\nagent: {hidden_sizes: [[64], 32]}\n"),
              StartsWith("a.yaml:2: agent.hidden_sizes: expected a single value, a list"));
}

TEST(ConfigErrors, SecondDocumentIsRefused) {
  EXPECT_THAT(error_of("env: {id: X}\n---\nenv: {id: Y}\n"), HasSubstr("a second document"));
}

/// A folder of the test's own.
class ConfigFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "tern_config_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  std::string read_error(const std::string& path) {
    try {
      read_config(path);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  std::filesystem::path folder_;
};

TEST_F(ConfigFiles, MissingFileSuggestsTheNearestInItsFolder) {
  const std::string good = write("ppo_cartpole.yaml", kGood);
  EXPECT_EQ(read_config(good).env_id.text, "FrozenLake-v1");
  EXPECT_THAT(read_error((folder_ / "ppo_cartpol.yaml").string()),
              HasSubstr("Did you mean '" + good + "'?"));
  EXPECT_THAT(read_error((folder_ / "ppo_cartpole").string()), HasSubstr("Did you mean '" + good));
}

TEST_F(ConfigFiles, MissingFolderSuggestsTheNearest) {
  std::filesystem::create_directory(folder_ / "configs");
  const std::string message = read_error((folder_ / "confgs" / "a.yaml").string());
  EXPECT_THAT(message, HasSubstr("does not exist either"));
  EXPECT_THAT(message, HasSubstr("Did you mean '" + (folder_ / "configs").string() + "'?"));
}

TEST_F(ConfigFiles, FolderIsNotAConfiguration) {
  EXPECT_THAT(read_error(folder_.string()),
              HasSubstr("is a folder; expected a configuration file"));
}

// Law: what is written reads back as the same values.
TEST(ConfigWriting, RoundTripKeepsEveryValue) {
  const std::vector<ParamInfo> infos = {{"rate", "schedule", "", "", "step size of Adam"},
                                        {"sizes", "list of int", "", "", "units: each layer"},
                                        {"note", "text", "", "", "anything # even this"}};
  for (const std::string note : {"plain",      "./lib.so:Maze-v0",
                                 "a: b",       "a #b",
                                 "",           "null",
                                 "~",          "[1, 2]",
                                 "{a: b}",     "'quoted'",
                                 "say \"hi\"", "back\\slash",
                                 "two\nlines", "tab\there",
                                 " spaced ",   "- dash",
                                 "--- doc",    "-3",
                                 "*star",      "&and",
                                 "100_000",    "%percent",
                                 "ends:",      "caf\xc3\xa9",
                                 "? mark",     "#hash"}) {
    const ConfigSection env{"env", {{"id", "CartPole-v1", ""}, {"note", note, ""}}, infos};
    const ConfigSection agent{"agent",
                              {{"name", "ppo", ""},
                               {"rate", "{start: 1, end: 0.05, steps: 10000}", ""},
                               {"sizes", "[64, 32]", ""}},
                              infos};
    const std::string text = format_config({env, agent, {"run", {}, {}}}, {"a run", "", "its end"});
    SCOPED_TRACE(text);
    const Config config = parse_config(text, "config.yaml");
    EXPECT_EQ(text_of(config.env, "note"), note);
    EXPECT_EQ(text_of(config.agent, "rate"), "{start: 1, end: 0.05, steps: 10000}");
    EXPECT_EQ(text_of(config.agent, "sizes"), "[64, 32]");
    EXPECT_TRUE(config.run.empty());
  }
}

// Golden text.
TEST(ConfigWriting, PutsTheDocsBesideTheValues) {
  const std::vector<ParamInfo> infos = {{"gamma", "float", "", "", "discount factor"}};
  EXPECT_EQ(
      format_config({{"agent", {{"name", "ppo", ""}, {"gamma", "0.99", ""}}, infos}}, {"top"}),
      "# top\n"
      "agent:\n"
      "  name: ppo\n"
      "  gamma: 0.99                       # discount factor\n");
}

// Fuzz, seeded and bounded: whatever the bytes, the reader returns or throws tern::Error.
TEST(ConfigFuzz, MutatedFilesNeverDoWorseThanError) {
  const std::string words[] = {"[",         "]",
                               "{",         "}",
                               ":",         ": ",
                               "\n",        "\t",
                               "- ",        "? ",
                               "&a ",       "*a",
                               "!!int ",    "|\n",
                               ">\n",       "\"",
                               "'",         "#",
                               "---\n",     "...\n",
                               "%YAML 9\n", std::string(1, '\0'),
                               "\xff",      "\xef\xbb\xbf",
                               "<<: ",      "~",
                               "@",         "`"};
  Rng rng(7, "config fuzz");
  int accepted = 0, refused = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string text = kGood;
    for (std::uint32_t edits = 1 + rng.below(4); edits > 0; --edits) {
      const std::size_t at = rng.below(static_cast<std::uint32_t>(text.size() + 1));
      switch (rng.below(4)) {
        case 0:
          text.erase(at, 1 + rng.below(8));
          break;
        case 1:
          text.insert(at, words[rng.below(std::size(words))]);
          break;
        case 2:
          text.insert(at, text.substr(rng.below(static_cast<std::uint32_t>(at + 1)), 20));
          break;
        default:
          if (at < text.size()) text[at] = static_cast<char>(rng.below(256));
      }
    }
    SCOPED_TRACE(text);
    try {
      EXPECT_FALSE(parse_config(text, "fuzz.yaml").env_id.text.empty());
      ++accepted;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), StartsWith("fuzz.yaml"));
      ++refused;
    }
  }
  EXPECT_GT(accepted, 500);  // the mutations are mild enough to reach behind the parser
  EXPECT_GT(refused, 500);
}

const std::vector<SectionKeys> kSections = {{"env", {"gravity", "max_steps"}},
                                            {"agent", {"gamma", "clip_range", "seed"}},
                                            {"run", {"seed", "total_steps"}}};

std::string placed(const std::string& key) {
  try {
    const SectionValue place = place_in_section({key, "1", "command line"}, kSections);
    return place.section + " " + place.value.key;
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(Assignments, SectionOrABareKeyThatOneSectionHas) {
  EXPECT_EQ(placed("agent.gamma"), "agent gamma");
  EXPECT_EQ(placed("gravity"), "env gravity");
  EXPECT_EQ(placed("run.seed"), "run seed");
}

TEST(Assignments, BareKeyOfTwoSectionsIsAnError) {
  EXPECT_EQ(placed("seed"),
            "command line: 'seed' is a key of agent and run; write 'agent.seed=' or 'run.seed='");
}

TEST(Assignments, UnknownKeySuggestsOverAllSections) {
  EXPECT_EQ(placed("totl_steps"),
            "command line: unknown key 'totl_steps'. Did you mean 'run.total_steps'?");
  EXPECT_EQ(placed("agent.total_step"),
            "command line: unknown key 'agent.total_step'. Did you mean 'run.total_steps'?");
  EXPECT_THAT(placed("xyzzy"), HasSubstr("unknown key 'xyzzy'. ('tern describe'"));
}

TEST(Assignments, UnknownSectionNamesThoseThereAre) {
  EXPECT_EQ(
      placed("agnt.gamma"),
      "command line: 'agnt.gamma' names the section 'agnt'; expected env, agent, run. Did you "
      "mean 'agent'?");
}

}  // namespace
}  // namespace tern
