// Proof: worked examples and error texts: names of plugins, what the registry keeps of them, how
// long they live, and borders of other sizes than ours.

#include "envs/plugin_host/plugin_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/files/sha256.h"
#include "envs/conformance/conformance.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/error_of.h"
#include "tests/plugin/same_env.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

std::string usage_error(const std::string& name) {
  return error_of([&] { registry().find(name); }, ExitCode::kUsage);
}

TEST(PluginName, PathsAreToldFromIds) {
  for (const char* name : {"./lib.so", "lib.so", "lib.so:A-v1", "build/lib", "/lib.so"}) {
    EXPECT_TRUE(is_plugin_name(name)) << name;
  }
  for (const char* name : {"CartPole-v1", "Some-v0", "so", ""}) {
    EXPECT_FALSE(is_plugin_name(name)) << name;
  }
}

TEST(PluginName, IdStandsBehindTheLastColon) {
  const auto parse = [](const std::string& name) {
    const PluginName parsed = parse_plugin_name(name);
    return parsed.path + " | " + parsed.id;
  };
  EXPECT_EQ(parse("./lib.so"), "./lib.so | ");
  EXPECT_EQ(parse("./lib.so:A-v1"), "./lib.so | A-v1");
  EXPECT_EQ(parse("./lib.so:"), "./lib.so | ");
  EXPECT_EQ(parse("./a:b.so"), "./a:b.so | ");
  EXPECT_EQ(parse("./a:b.so:A-v1"), "./a:b.so | A-v1");
  EXPECT_EQ(parse("./a:b/lib"), "./a:b/lib | ");
}

TEST(PluginHost, MissingFileSuggestsTheNearest) {
  const TemporaryFolder folder;
  std::ofstream(folder / "libpendel.so");
  std::ofstream(folder / "notes.txt");
  EXPECT_THAT(usage_error(folder / "libpendl.so"),
              AllOf(HasSubstr("there is no file '" + folder.path() + "/libpendl.so'"),
                    HasSubstr("Did you mean '" + folder.path() + "/libpendel.so'?")));
  EXPECT_THAT(usage_error(folder / "quite_other.so:Id"),
              HasSubstr("'" + folder.path() + "' holds 'libpendel.so'."));
  EXPECT_THAT(usage_error(folder.path()),
              AllOf(HasSubstr("is a folder"), HasSubstr("libpendel.so")));
  EXPECT_THAT(usage_error(folder / "biuld/lib.so"),
              HasSubstr("There is no folder '" + folder.path() + "/biuld' either"));
}

TEST(PluginHost, UnknownIdSuggestsTheNearest) {
  const std::string path = test_plugin("several");
  EXPECT_THAT(usage_error(path + ":Byte-v0"), AllOf(HasSubstr(path + ": offers no 'Byte-v0'"),
                                                    HasSubstr("Did you mean 'Bytes-v0'?"),
                                                    HasSubstr("It has 'Mirror-v3', 'Bytes-v0'")));
}

TEST(PluginHost, SeveralEnvsNeedAnId) {
  const std::string path = test_plugin("several");
  EXPECT_THAT(usage_error(path),
              AllOf(HasSubstr("offers 2 envs"),
                    HasSubstr("'" + path + ":Mirror-v3', '" + path + ":Bytes-v0'")));
  EXPECT_EQ(registry().find(path + ":Bytes-v0").spec.id, "Bytes-v0");
  EXPECT_EQ(registry().find(path + ":Mirror-v3").spec.id, "Mirror-v3");
}

TEST(PluginHost, BytesAndRealActionsCross) {
  const EnvEntry& entry = registry().find(test_plugin("several") + ":Bytes-v0");
  const std::unique_ptr<Env> env = entry.make({});
  EXPECT_EQ(env->spec().action.components()[1].unit, "rad");
  std::vector<std::uint8_t> obs(4);
  Rng rng(1, "test");
  ResetContext ctx{rng, 0};
  env->reset(ctx, ObsRow(Row<std::uint8_t>(obs)));
  const std::vector<float> action = {-0.5f, 0.25f};
  const StepResult result =
      env->step(ActionRow(Row<const float>(action)), rng, ObsRow(Row<std::uint8_t>(obs)));
  EXPECT_THAT(obs, ElementsAre(75, 50, 7, 8));
  EXPECT_EQ(result.reward, -0.25f);
}

TEST(PluginHost, EntryTellsPathAndChecksum) {
  const std::string path = test_plugin("cartpole");
  const EnvEntry& entry = registry().find(path);
  EXPECT_EQ(entry.origin, fs::canonical(path).string());
  EXPECT_EQ(entry.checksum, sha256_of_file(path));
  EXPECT_EQ(entry.spec.id, "CartPole-v1");
}

TEST(PluginHost, EveryWayToWriteAPathIsOneEntry) {
  const fs::path path = test_plugin("cartpole");
  const EnvEntry& entry = registry().find(path.string());
  EXPECT_EQ(&registry().find((path.parent_path() / "." / path.filename()).string()), &entry);
  EXPECT_EQ(&registry().find(fs::relative(path).string()), &entry);
  const auto ids = registry().ids();  // a plugin's env does not take a built-in's place
  EXPECT_EQ(std::count(ids.begin(), ids.end(), "CartPole-v1"), 1);
}

TEST(PluginHost, EnvOutlivesItsRegistry) {
  std::unique_ptr<Env> env;
  {
    EnvRegistry table;
    env = table.find(test_plugin("mirror")).make({});
  }
  std::vector<float> obs(env->spec().obs.size());
  Rng rng(1, "test");
  ResetContext ctx{rng, 2};
  env->reset(ctx, ObsRow(FloatRow(obs)));  // would run in unmapped memory otherwise
  EXPECT_NEAR(obs[0], 2, 1);
}

TEST(PluginHost, RebuiltPluginIsLoadedAfresh) {
  const TemporaryFolder folder;
  const std::string path = folder / "libenv.so";
  const auto id_of = [&](const std::string& source) {
    fs::remove(path);
    fs::copy_file(test_plugin(source), path);
    EnvRegistry table;
    return table.find(path).spec.id;
  };
  EXPECT_EQ(id_of("cartpole"), "CartPole-v1");
  EXPECT_EQ(id_of("catch"), "Catch-v0");
}

// What `cp` and some linkers do: the inode that is mapped gets other content.
TEST(PluginHost, OverwritingTheFileInPlaceHurtsNothingThatRuns) {
  const TemporaryFolder folder;
  const std::string path = folder / "libenv.so";
  fs::copy_file(test_plugin("cartpole"), path);
  EnvRegistry table;
  const EnvEntry& entry = table.find(path);
  const std::uint64_t before = trajectory_hash(entry, {}, 2, 100);
  const auto size = fs::file_size(path);
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file << std::string(size, '\0');
  }
  EXPECT_EQ(trajectory_hash(entry, {}, 2, 300),
            trajectory_hash(registry().find("CartPole-v1"), {}, 2, 300));
  EXPECT_EQ(trajectory_hash(entry, {}, 2, 100), before);
}

TEST(PluginHost, AFileLargerThanAnyPluginIsNotRead) {
  const TemporaryFolder folder;
  const std::string path = folder / "libenv.so";
  std::ofstream(path) << "\177ELF";
  fs::resize_file(path, std::uintmax_t{1} << 40);  // a hole
  EXPECT_THAT(usage_error(path), HasSubstr("no plugin is larger than"));
}

TEST(PluginHost, CPluginSpeaksPlainC) {
  const EnvEntry& entry = registry().find(test_plugin("tiny_env"));
  EXPECT_EQ(entry.params.size(), 1u);
  EXPECT_EQ(entry.make({{"length", "1_2", "test"}})->spec().obs.fields()[0].high, 12);
  EXPECT_THAT(error_of(
                  [&] {
                    entry.make({{"length", "2000", "a.yaml:3"}});
                  },
                  ExitCode::kUsage),
              "a.yaml:3: env.length: 2000 is out of range; expected [1, 1000] (Line-v0)");
  EXPECT_THAT(error_of(
                  [&] {
                    entry.make({{"length", "long", "a.yaml:3"}});
                  },
                  ExitCode::kUsage),
              "a.yaml:3: env.length: 'long' is not a whole number (Line-v0)");
  // The functions that it does not have are Env's.
  const std::unique_ptr<Env> env = entry.make({});
  std::vector<std::uint8_t> mask(2);
  env->action_mask(MaskRow(mask));
  EXPECT_THAT(mask, ElementsAre(1, 1));
  TransitionTable table;
  EXPECT_FALSE(env->transitions(table));
  EXPECT_EQ(env->relabel({}, {}), 0);
}

TEST(PluginHost, OlderTableEndsWhereItSays) {
  const EnvEntry& entry = registry().find(test_plugin("older_table"));
  EXPECT_FALSE(entry.spec.has_masks);
  EXPECT_EQ(entry.spec.num_levels, 0u);
  EXPECT_EQ(entry.spec.frames_per_second, 30);
  struct NoCanvas final : Canvas {
    void set_view(Point, Point, Color) override {}
    void polygon(const Point*, std::size_t, Color) override {}
    void circle(Point, float, Color) override {}
    void capsule(Point, Point, float, Color) override {}
    void line(Point, Point, float, Color) override {}
    void cells(Point, float, int, int, const std::uint8_t*, const CellStyle*,
               std::size_t) override {}
    void image(Point, Point, int, int, const std::uint8_t*) override {}
    void text(Point, float, std::string_view, Color, Align) override {}
    void push(Point, float, float) override {}
    void pop() override {}
  } canvas;
  entry.make({})->draw(canvas);  // the function beyond the table's end would abort
  EXPECT_NE(trajectory_hash(entry, {}, 2, 100), 0u);
}

// The first header knew nothing of players, and its table ended before them.
TEST(PluginHost, PluginsOfTheFirstHeaderRunAsBefore) {
  const EnvEntry& first = registry().find(test_plugin("first_abi"));
  EXPECT_EQ(first.spec.players, 1);
  EXPECT_EQ(first.make({})->current_player(), 0);
  EXPECT_FALSE(first.make({})->player_rewards(FloatRow()));
  EXPECT_THAT(first.spec.info, testing::IsEmpty());
  first.make({})->info(FloatRow());
  const EnvEntry& present = registry().find(test_plugin("tiny_env"));
  EXPECT_EQ(trajectory_hash(first, {}, 4, 300), trajectory_hash(present, {}, 4, 300));
}

TEST(PluginHost, APluginInCMayHaveRowsOfFloatsAndBytes) {
  VecEnvOptions two;
  two.num_envs = 2;
  VecEnv envs(registry().find(test_plugin("mixed_rows")), {}, two);
  const ObsSpace& space = envs.spec().obs;
  ASSERT_EQ(space.fields().size(), 4u);
  EXPECT_EQ(space.fields()[0].name, "place");
  EXPECT_EQ(space.fields()[1].name, "gear");
  EXPECT_EQ(space.fields()[1].first, 5);
  EXPECT_EQ(space.fields()[2].name, "word");
  EXPECT_EQ(space.fields()[2].size(), 4u);
  EXPECT_EQ(space.fields()[2].categories, 6);
  EXPECT_EQ(space.fields()[3].name, "camera");
  EXPECT_EQ(space.fields()[3].dtype, DType::kUint8);
  EXPECT_EQ(space.num_floats(), 6u);
  EXPECT_EQ(space.num_bytes(), 3u);
  StepBuffers buffers(space, envs.spec().action, 0, 2);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  for (std::size_t i = 0; i < 2; ++i) {
    const ObsRow row = buffers.batch.obs[i];
    const auto lit = static_cast<std::size_t>(row[0] + 6) % 3;
    for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(row.bytes()[k], k == lit ? 255 : 7);
    EXPECT_GE(row[1], 5);
    EXPECT_LE(row[1], 7);
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_EQ(row[2 + k],
                static_cast<float>((static_cast<int>(row[0]) + 4 + static_cast<int>(k)) % 6));
    }
  }
}

TEST(PluginHost, PlayersOfAPluginInCTakeTurns) {
  VecEnv envs(registry().find(test_plugin("two_players")), {}, {});
  ASSERT_EQ(envs.spec().players, 2);
  StepBuffers buffers(envs.spec().obs, envs.spec().action, 0, 1, 2);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  std::vector<int> movers;
  for (const int stones : {2, 2, 2, 1}) {  // of seven: player 1 takes the last one
    movers.push_back(envs.env(0).current_player());
    buffers.actions[0].discrete() = stones - 1;
    envs.step(buffers.actions, buffers.batch);
  }
  EXPECT_THAT(movers, ElementsAre(0, 1, 0, 1));
  EXPECT_TRUE(buffers.batch.terminated[0]);
  EXPECT_EQ(buffers.batch.episode_player_returns[0], -1);
  EXPECT_EQ(buffers.batch.episode_player_returns[1], 1);
}

/// For both moves and each card of the player to move: which rows it sees as the other's card
/// varies.
std::map<std::vector<float>, std::set<std::vector<float>>> rows_by_own_view(
    const std::string& shows) {
  VecEnv envs(registry().find(test_plugin("hidden_cards")), {{"shows", shows, "test"}}, {});
  StepBuffers buffers(envs.spec().obs, envs.spec().action, 0, 1, 2, 2);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  std::map<std::vector<float>, std::set<std::vector<float>>> seen;
  for (int t = 0; t < 400; ++t) {
    std::vector<float> cards(2);
    envs.env(0).info(FloatRow(cards));
    const auto player = static_cast<std::size_t>(envs.env(0).current_player());
    const ObsRow row = buffers.batch.obs[0];
    seen[{static_cast<float>(player), cards[player], row[2]}].insert({row[0], row[1], row[2]});
    buffers.actions[0].discrete() = t / 3 % 2;
    envs.step(buffers.actions, buffers.batch);
  }
  return seen;
}

// An observation is the view of the player who moves next: it does not depend on what only the
// other sees. That the test can see it, a wrong env shows.
TEST(PluginHost, APlayerSeesItsOwnHandAlone) {
  const auto own = rows_by_own_view("own");
  EXPECT_EQ(own.size(), 9u);  // three cards: first to move, or after a fold or a bet
  for (const auto& [view, rows] : own) EXPECT_EQ(rows.size(), 1u);
  std::size_t most = 0;
  for (const auto& [view, rows] : rows_by_own_view("both")) most = std::max(most, rows.size());
  EXPECT_EQ(most, 2u);
}

TEST(PluginHost, TheViewOfAnotherPlayerIsFound) {
  ConformanceOptions options;
  options.bench_seconds = 0;
  options.only = {"players"};
  const ConformanceReport report = check_conformance(registry().find(test_plugin("hidden_cards")),
                                                     {{"shows", "mover", "test"}}, options);
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_THAT(report.findings[0].message,
              HasSubstr("but player 1 moves next; write the row after"));
}

TEST(PluginHost, NewerStructsAreReadAtTheirOwnSize) {
  const EnvEntry& entry = registry().find(test_plugin("newer_table"));
  const EnvSpec& spec = entry.spec;
  EXPECT_EQ(spec.obs.fields().at(1).name, "second");
  EXPECT_EQ(spec.action.components().at(1).name, "two");
  EXPECT_EQ(entry.params.at(1).name, "beta");
  EXPECT_NE(trajectory_hash(entry, {}, 2, 100), 0u);
}

}  // namespace
}  // namespace tern
