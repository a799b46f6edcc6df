// Sorting the words of a command line: worked examples and error texts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/text/command.h"
#include "cli/text/help.h"
#include "tests/error_of.h"

namespace tern::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Command example() {
  Command command;
  command.name = "train";
  command.synopses = {"tern train CONFIG.yaml", "tern train AGENT ENV"};
  command.options = {
      {"--seed", "N", "a number"}, {"--quiet", "", "a flag"}, {"--out", "FILE", "a file", "-o"}};
  command.least_words = 1;
  command.most_words = 2;
  command.takes_assignments = true;
  return command;
}

std::string usage_error(const std::vector<std::string>& words, const Command& command = example()) {
  return error_of([&] { parse_args(command, words); }, ExitCode::kUsage);
}

TEST(Args, SortsWordsAssignmentsAndOptions) {
  const Args args = parse_args(example(), {"ppo", "agent.gamma=0.9", "CartPole-v1", "--seed", "3",
                                           "--quiet", "-o", "x.gif"});
  EXPECT_EQ(args.words, (std::vector<std::string>{"ppo", "CartPole-v1"}));
  ASSERT_EQ(args.assignments.size(), 1u);
  EXPECT_EQ(args.assignments[0].key, "agent.gamma");
  EXPECT_EQ(args.assignments[0].text, "0.9");
  EXPECT_EQ(args.assignments[0].where, "command line");
  EXPECT_EQ(args.integer("--seed", 0, 0), 3);
  EXPECT_TRUE(args.has("--quiet"));
  EXPECT_EQ(args.text("--out"), "x.gif");
  EXPECT_FALSE(args.has("--json"));
  EXPECT_EQ(args.text("--json", "fallback"), "fallback");
}

TEST(Args, OptionValueMayFollowAnEqualsSign) {
  EXPECT_EQ(parse_args(example(), {"a.yaml", "--seed=1_000"}).integer("--seed", 0, 0), 1000);
}

TEST(Args, AShortNameIsTheOption) {
  for (const std::string word : {"-o=x.gif", "--out=x.gif"}) {
    EXPECT_EQ(parse_args(example(), {"a.yaml", word}).text("--out"), "x.gif");
  }
  EXPECT_EQ(usage_error({"a.yaml", "-o", "x", "--out", "y"}), "option --out is given twice");
  EXPECT_EQ(usage_error({"a.yaml", "-o"}), "option --out needs a value: --out FILE");
  EXPECT_THAT(command_help(example()), HasSubstr("\n  -o, --out FILE      a file\n"));
}

TEST(Args, ValueMayBeNegativeOrContainEqualsSigns) {
  EXPECT_EQ(parse_args(example(), {"a.yaml", "--seed", "-3"}).text("--seed"), "-3");
  EXPECT_EQ(parse_args(example(), {"a.yaml", "map=a=b"}).assignments[0].text, "a=b");
}

TEST(Args, PathWithAnEqualsSignIsAWord) {
  for (const std::string path : {"runs/lr=3e-4/config.yaml", "./lr=3e-4.yaml", "/x=1"}) {
    EXPECT_EQ(parse_args(example(), {path}).words, std::vector<std::string>{path});
  }
}

TEST(Args, AfterTwoDashesEverythingIsAWord) {
  const Args args = parse_args(example(), {"--", "--seed", "gamma=1"});
  EXPECT_EQ(args.words, (std::vector<std::string>{"--seed", "gamma=1"}));
}

TEST(ArgsErrors, UnknownOptionSuggestsTheNearest) {
  EXPECT_THAT(usage_error({"a.yaml", "--sed", "3"}),
              StartsWith("unknown option '--sed' of tern train. Did you mean '--seed'?"));
  EXPECT_THAT(usage_error({"a.yaml", "--halp"}), HasSubstr("Did you mean '--help'?"));
}

TEST(ArgsErrors, MissingValueShowsWhatIsExpected) {
  EXPECT_EQ(usage_error({"a.yaml", "--seed"}), "option --seed needs a value: --seed N");
  EXPECT_EQ(usage_error({"a.yaml", "--seed", "--quiet"}), "option --seed needs a value: --seed N");
}

TEST(ArgsErrors, FlagTakesNoValue) {
  EXPECT_EQ(usage_error({"a.yaml", "--quiet=yes"}), "option --quiet takes no value");
}

TEST(ArgsErrors, OptionGivenTwice) {
  EXPECT_EQ(usage_error({"a.yaml", "--seed", "1", "--seed", "2"}), "option --seed is given twice");
}

TEST(ArgsErrors, TooManyAndTooFewWordsShowTheUsage) {
  EXPECT_EQ(usage_error({"a", "b", "c"}),
            "unexpected word 'c'. Usage:\n  tern train CONFIG.yaml\n  tern train AGENT ENV");
  EXPECT_THAT(usage_error({}), StartsWith("tern train needs more words. Usage:"));
}

TEST(ArgsErrors, AssignmentWhereNoneIsTaken) {
  Command command = example();
  command.takes_assignments = false;
  EXPECT_THAT(usage_error({"a.yaml", "gamma=1"}, command),
              StartsWith("tern train takes no key=value words, but was given 'gamma=1'"));
}

TEST(ArgsErrors, NumberOutOfRangeOrNone) {
  const auto integer = [](const std::string& text) {
    return error_of(
        [&] {
          parse_args(example(), {"a", "--seed", text}).integer("--seed", 0, 1);
        },
        ExitCode::kUsage);
  };
  EXPECT_EQ(integer("0"), "option --seed: 0 is out of range; expected >= 1");
  EXPECT_EQ(integer("-9007199254740993"),
            "option --seed: -9007199254740993 is out of range; expected >= 1");
  EXPECT_EQ(integer("three"), "option --seed: 'three' is not a whole number");
  EXPECT_EQ(integer("1.5"), "option --seed: '1.5' is not a whole number");
}

// Between doubles: 2^53 + 1 is none.
TEST(ArgsErrors, LimitsAreWholeNumbers) {
  constexpr std::int64_t kLimit = (std::int64_t{1} << 53) + 1;
  const auto seed = [](std::int64_t value, std::int64_t least, std::int64_t most) {
    return parse_args(example(), {"a", "--seed", std::to_string(value)})
        .integer("--seed", 0, least, most);
  };
  EXPECT_EQ(seed(kLimit, kLimit, kLimit), kLimit);
  for (const std::int64_t beside : {kLimit - 1, kLimit + 1}) {
    EXPECT_EQ(error_of([&] { seed(beside, kLimit, kLimit); }, ExitCode::kUsage),
              "option --seed: " + std::to_string(beside) +
                  " is out of range; expected [9007199254740993, 9007199254740993]");
  }
}

}  // namespace
}  // namespace tern::cli
