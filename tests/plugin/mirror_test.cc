// Proof: law. The same class in-tree and as a plugin shows the same through every function of Env,
// every fact and every parameter; and what it throws arrives as text with the right exit code.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "core/canvas.h"
#include "envs/conformance/conformance.h"
#include "envs/registry/registry.h"
#include "tests/error_of.h"
#include "tests/plugin/envs/mirror_env.h"
#include "tests/plugin/same_env.h"

namespace tern {
namespace {

using testing::HasSubstr;

const EnvEntry& plugin_entry() { return registry().find(test_plugin("mirror")); }

const EnvEntry& built_in_entry() {
  static EnvRegistry* table = [] {
    auto* made = new EnvRegistry;  // lives as long as the process, like the process's own
    made->add<MirrorEnv>();
    return made;
  }();
  return table->find("Mirror-v3");
}

/// All facts as text.
std::string facts(const EnvSpec& spec) {
  std::ostringstream out;
  out << spec.id << '|' << spec.family << '|' << spec.summary << '|' << spec.reference << '\n';
  out << spec.obs.num_floats() << ' ' << spec.obs.num_bytes() << '\n';
  for (const Field& field : spec.obs.fields()) {
    out << field.name << '|' << field.unit << '|' << field.low << '|' << field.high << '|'
        << field.categories << '|' << field.first << '|' << static_cast<int>(field.dtype) << '|'
        << field.advisory << '|' << field.offset << '|';
    for (const int extent : field.shape) out << extent << ' ';
    out << '\n';
  }
  out << static_cast<int>(spec.action.kind()) << '\n';
  for (const ActionComponent& part : spec.action.components()) {
    out << part.name << '|' << part.unit << '|' << part.low << '|' << part.high << '|';
    for (const std::string& option : part.options) out << option << ' ';
    out << '\n';
  }
  out << spec.max_episode_steps << '|' << spec.reward_threshold.value_or(1e9) << '|'
      << spec.num_levels << '|' << spec.has_masks << '|' << spec.frames_per_second << '|'
      << spec.turn_based << '|' << spec.players << '\n';
  for (const auto* names : {&spec.reward_terms, &spec.metrics, &spec.state_fields, &spec.info}) {
    for (const std::string& name : *names) out << name << ' ';
    out << '\n';
  }
  return out.str();
}

/// Writes down every call.
class LoggingCanvas final : public Canvas {
 public:
  void set_view(Point low, Point high, Color background) override {
    log << "view " << low << high << background;
  }
  void polygon(const Point* corners, std::size_t count, Color color) override {
    log << "polygon ";
    for (std::size_t i = 0; i < count; ++i) log << corners[i];
    log << color;
  }
  void circle(Point center, float radius, Color color) override {
    log << "circle " << center << radius << color;
  }
  void capsule(Point a, Point b, float radius, Color color) override {
    log << "capsule " << a << b << radius << color;
  }
  void line(Point a, Point b, float width, Color color) override {
    log << "line " << a << b << width << color;
  }
  void cells(Point top_left, float cell_size, int rows, int columns, const std::uint8_t* kind,
             const CellStyle* styles, std::size_t count) override {
    log << "cells " << top_left << cell_size << ' ' << rows << 'x' << columns << ' ';
    for (int i = 0; i < rows * columns; ++i) log << int{kind[i]};
    for (std::size_t i = 0; i < count; ++i) log << styles[i].glyph << styles[i].color;
  }
  void image(Point low, Point high, int width, int height, const std::uint8_t* rgb) override {
    log << "image " << low << high << width << 'x' << height;
    for (int i = 0; i < 3 * width * height; ++i) log << ' ' << int{rgb[i]};
  }
  void text(Point at, float height, std::string_view line, Color color, Align align) override {
    log << "text " << at << height << ' ' << line << color << static_cast<int>(align);
  }
  void push(Point move, float angle, float scale) override {
    log << "push " << move << angle << ' ' << scale << '\n';
  }
  void pop() override { log << "pop\n"; }
  Rectangle shown(Point low, Point high) const override {
    return {{low.x - 1, low.y - 2}, {high.x + 3, high.y + 4}};
  }

  class Log {
   public:
    Log& operator<<(Point p) { return *this << '(' << p.x << ' ' << p.y << ')'; }
    Log& operator<<(Color c) {
      return *this << '#' << int{c.r} << ' ' << int{c.g} << ' ' << int{c.b} << ' ' << int{c.a}
                   << '\n';
    }
    template <class T>
    Log& operator<<(const T& value) {
      text << value;
      return *this;
    }
    std::ostringstream text;
  };
  Log log;
};

/// An env of either kind with memory for its rows.
struct Stage {
  Stage(const EnvEntry& entry, const ParamValues& params) : env(entry.make(params)), spec(env->spec()) {
    obs.resize(spec.obs.bytes());
    mask.resize(spec.action.mask_size());
  }
  ObsRow row() { return ObsRows(obs.data(), spec.obs, 1)[0]; }
  void reset(std::uint64_t level) {
    ResetContext ctx{rng, level};
    env->reset(ctx, row());
  }
  StepResult step(std::int32_t move, std::int32_t honk) {
    const std::vector<std::int32_t> action = {move, honk};
    return env->step(ActionRow(Row<const std::int32_t>(action)), rng, row());
  }

  std::unique_ptr<Env> env;
  const EnvSpec& spec;
  Rng rng = Rng(5, "stage");
  std::vector<std::uint8_t> obs, mask;
};

class Mirror : public testing::Test {
 protected:
  static ParamValues given(std::initializer_list<ParamValue> values) { return values; }
};

TEST_F(Mirror, ShowsTheSameFacts) {
  for (const ParamValues& params : {ParamValues{}, ParamValues{{"size", "7", "test"}}}) {
    EXPECT_EQ(facts(plugin_entry().make(params)->spec()),
              facts(built_in_entry().make(params)->spec()));
  }
  EXPECT_EQ(facts(plugin_entry().spec), facts(built_in_entry().spec));
}

TEST_F(Mirror, ListsTheSameParameters) {
  const auto& ours = built_in_entry().params;
  const auto& theirs = plugin_entry().params;
  ASSERT_EQ(theirs.size(), ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_EQ(theirs[i].name, ours[i].name);
    EXPECT_EQ(theirs[i].type, ours[i].type);
    EXPECT_EQ(theirs[i].default_value, ours[i].default_value);
    EXPECT_EQ(theirs[i].range, ours[i].range);
    EXPECT_EQ(theirs[i].doc, ours[i].doc);
  }
}

TEST_F(Mirror, GivesTheSameTrajectoryForEveryParameter) {
  const std::vector<ParamValues> settings = {
      {},
      {{"gain", "1_0e-1", "test"}, {"windy", "yes", "test"}},
      {{"gain", "2", "test"}, {"gain", "0.3333333333333333", "test"}},
      {{"size", "+08", "test"}, {"walls", "1, 2", "test"}},
      {{"mood", "stormy", "test"}},  // cannot load: action logs
  };
  std::vector<std::uint64_t> hashes;
  for (const ParamValues& params : settings) {
    const std::uint64_t hash = trajectory_hash(built_in_entry(), params, 4, 400);
    EXPECT_EQ(trajectory_hash(plugin_entry(), params, 4, 400), hash);
    EXPECT_THAT(hashes, testing::Not(testing::Contains(hash)));  // the parameter does something
    hashes.push_back(hash);
  }
}

TEST_F(Mirror, RefusesTheSameParametersInTheSameWords) {
  const std::vector<ParamValue> wrong = {
      {"gain", "11", "a.yaml:7"},   {"gain", "much", "a.yaml:7"}, {"size", "2.5", "command line"},
      {"windy", "perhaps", "test"}, {"mood", "clam", "test"},     {"walls", "1, -2", "test"},
  };
  for (const ParamValue& value : wrong) {
    const auto message = [&](const EnvEntry& entry) {
      return error_of([&] { entry.make({value}); }, ExitCode::kUsage);
    };
    EXPECT_EQ(message(plugin_entry()), message(built_in_entry()));
  }
  EXPECT_THAT(error_of([] { plugin_entry().make({{"gian", "1", "a.yaml:7"}}); }, ExitCode::kUsage),
              testing::AllOf(HasSubstr("a.yaml:7: unknown key 'env.gian'"),
                             HasSubstr("Did you mean 'gain'?"), HasSubstr("libmirror.so")));
}

TEST_F(Mirror, ShowsTheSameThroughEveryOtherFunction) {
  Stage ours(built_in_entry(), {}), theirs(plugin_entry(), {});
  for (Stage* stage : {&ours, &theirs}) {
    stage->reset(4);
    stage->step(2, 1);
  }
  const auto both = [&](auto&& look) {
    const auto expected = look(ours);
    EXPECT_EQ(look(theirs), expected);
    return expected;
  };
  both([](Stage& s) { return s.obs; });
  both([](Stage& s) {
    std::vector<float> terms(2);
    s.env->reward_terms(FloatRow(terms));
    return terms;
  });
  both([](Stage& s) {
    std::vector<float> metrics(3);
    s.env->metrics(FloatRow(metrics));
    return metrics;
  });
  both([](Stage& s) {
    DoubleVec state;
    EXPECT_TRUE(s.env->get_state(state));
    return state;
  });
  both([](Stage& s) {
    LoggingCanvas canvas;
    s.env->draw(canvas);
    EXPECT_GT(canvas.log.text.str().size(), 300u);
    return canvas.log.text.str();
  });
  both([](Stage& s) {
    TransitionTable table;
    EXPECT_TRUE(s.env->transitions(table));
    std::ostringstream out;
    for (const auto& actions : table.outcomes) {
      for (const auto& outcomes : actions) {
        for (const Transition& o : outcomes) {
          out << o.probability << ' ' << o.next_state << ' ' << o.reward << ' ' << o.terminated
              << ", ";
        }
        out << "| ";
      }
      out << '\n';
    }
    for (const double p : table.initial) out << p << ' ';
    return out.str();
  });
  both([](Stage& s) {
    const std::vector<float> achieved = {1, 2, 3}, desired = {0.5f};
    return s.env->relabel(GoalView(achieved), GoalView(desired));
  });
  both([](Stage& s) { return s.env->current_player(); });
  both([](Stage& s) {
    std::vector<float> info(3);
    s.env->info(FloatRow(info));
    return info;
  });
  both([](Stage& s) {
    std::vector<float> rewards(2, -99);
    EXPECT_TRUE(s.env->player_rewards(FloatRow(rewards)));
    return rewards;
  });
  both([](Stage& s) {
    std::vector<std::int32_t> chosen;
    for (const std::vector<Key>& pressed :
         {std::vector<Key>{}, {Key::kLeft}, {Key::kD, Key::k9}, {Key::kZ}}) {
      Keys keys;
      for (const Key key : pressed) keys.press(key);
      std::vector<std::int32_t> action = {-1, -1};
      const bool has_action = s.env->human_action(keys, MutableActionRow(Row<std::int32_t>(action)));
      chosen.insert(chosen.end(), {has_action, action[0], action[1]});
    }
    return chosen;
  });
}

TEST_F(Mirror, TakesAStateAndRefusesOneOfAnotherLength) {
  Stage theirs(plugin_entry(), {});
  theirs.reset(0);
  const DoubleVec state = {-7.5, 2};
  EXPECT_TRUE(theirs.env->set_state(state));
  DoubleVec back;
  EXPECT_TRUE(theirs.env->get_state(back));
  EXPECT_EQ(back, state);
  EXPECT_THAT(
      error_of([&] { theirs.env->set_state(ConstDoubleRow(state.data(), 1)); }, ExitCode::kUsage),
      HasSubstr("a state of 1 values; expected 2"));

  Stage windy(plugin_entry(), {{"windy", "true", "test"}});
  windy.reset(0);
  EXPECT_FALSE(windy.env->set_state(state));
  EXPECT_TRUE(windy.env->get_state(back));
  EXPECT_EQ(back.size(), 100u);  // more than it has names for
  EXPECT_EQ(back[99], 0.5);
}

TEST_F(Mirror, LoadTakesOnlyItsOwnBytes) {
  Stage saved(plugin_entry(), {}), loaded(built_in_entry(), {});
  saved.reset(3);
  saved.step(2, 1);
  StateWriter out;
  saved.env->save(out);
  out.write(std::string("what follows"));
  StateReader in(out.bytes());
  EXPECT_TRUE(loaded.env->load(in));  // a plugin's state in the built-in env, and back
  StateReader again(out.bytes());
  EXPECT_TRUE(saved.env->load(again));
  std::string rest;
  again.read(rest);
  EXPECT_EQ(rest, "what follows");
  loaded.rng = saved.rng;
  EXPECT_EQ(saved.step(2, 0).reward, loaded.step(2, 0).reward);
  EXPECT_EQ(saved.obs, loaded.obs);

  Stage stormy(plugin_entry(), {{"mood", "stormy", "test"}});
  StateReader third(out.bytes());
  EXPECT_FALSE(stormy.env->load(third));
  EXPECT_EQ(third.remaining(), out.bytes().size());
}

TEST_F(Mirror, ErrorsOfEachFunctionNameFileEnvAndFunction) {
  const auto call = [](const std::string& function, Stage& s) {
    std::vector<float> floats(3);
    std::vector<std::int32_t> ints(2);
    DoubleVec doubles = {0, 0};
    StateWriter out;
    StateReader in((Row<const std::uint8_t>()));
    TransitionTable table;
    LoggingCanvas canvas;
    if (function == "reset") s.reset(0);
    if (function == "step") s.step(0, 0);
    if (function == "action_mask") s.env->action_mask(MaskRow(s.mask));
    if (function == "draw") s.env->draw(canvas);
    if (function == "reward_terms") s.env->reward_terms(FloatRow(floats));
    if (function == "metrics") s.env->metrics(FloatRow(floats));
    if (function == "human_action") {
      s.env->human_action(Keys(1), MutableActionRow(Row<std::int32_t>(ints)));
    }
    if (function == "get_state") s.env->get_state(doubles);
    if (function == "set_state") s.env->set_state(doubles);
    if (function == "save") s.env->save(out);
    if (function == "load") s.env->load(in);
    if (function == "transitions") s.env->transitions(table);
    if (function == "relabel") s.env->relabel(GoalView(floats), GoalView(floats));
    if (function == "current_player") s.env->current_player();
    if (function == "player_rewards") s.env->player_rewards(FloatRow(floats));
    if (function == "info") s.env->info(FloatRow(floats));
  };
  for (const std::string function :
       {"reset", "step", "action_mask", "draw", "reward_terms", "metrics", "human_action",
        "get_state", "set_state", "save", "load", "transitions", "relabel", "current_player",
        "player_rewards", "info"}) {
    Stage stage(plugin_entry(), {{"fails", function, "test"}});
    const std::string message = error_of([&] { call(function, stage); });
    EXPECT_THAT(message, HasSubstr("libmirror.so: 'Mirror-v3': " + function +
                                   " failed: no " + function + " today"));
  }
}

TEST_F(Mirror, WhateverIsThrownBecomesText) {
  const auto message = [](const std::string& kind, ExitCode code) {
    Stage stage(plugin_entry(), {{"fails", "reset", "test"}, {"with", kind, "test"}});
    return error_of([&] { stage.reset(0); }, code);
  };
  EXPECT_THAT(message("error", ExitCode::kFailure), HasSubstr("no reset today"));
  EXPECT_THAT(message("usage", ExitCode::kFailure), HasSubstr("no reset today"));
  EXPECT_THAT(message("std", ExitCode::kFailure), HasSubstr("no reset today"));
  EXPECT_THAT(message("int", ExitCode::kFailure), HasSubstr("no std::exception"));
  EXPECT_THAT(error_of([] { plugin_entry().make({{"fails", "create", "test"}}); }),
              HasSubstr("libmirror.so: 'Mirror-v3': create failed: no create today"));
}

/// Fails like a full memory would.
class ThrowingCanvas final : public Canvas {
 public:
  void set_view(Point, Point, Color) override {}
  void polygon(const Point*, std::size_t, Color) override { throw Error::failure("no paint"); }
  void circle(Point, float, Color) override { ++calls_after; }
  void capsule(Point, Point, float, Color) override { ++calls_after; }
  void line(Point, Point, float, Color) override { ++calls_after; }
  void cells(Point, float, int, int, const std::uint8_t*, const CellStyle*, std::size_t) override {
    ++calls_after;
  }
  void image(Point, Point, int, int, const std::uint8_t*) override { ++calls_after; }
  void text(Point, float, std::string_view, Color, Align) override { ++calls_after; }
  void push(Point, float, float) override { ++calls_after; }
  void pop() override { ++calls_after; }
  int calls_after = 0;
};

TEST_F(Mirror, WhatTheCanvasThrowsPassesBesideThePlugin) {
  Stage stage(plugin_entry(), {});
  ThrowingCanvas canvas;
  EXPECT_EQ(error_of([&] { stage.env->draw(canvas); }), "no paint");
  EXPECT_EQ(canvas.calls_after, 0);
}

// Proof: conformance, for the envs that were made to keep the contract.
TEST(PluginConformance, PluginsPass) {
  for (const std::string name : {"tiny_env", "first_abi", "two_players", "mixed_rows",
                                 "hidden_cards", "cartpole", "frozen_lake"}) {
    ConformanceOptions options;
    options.bench_seconds = 0;
    const ConformanceReport report =
        check_conformance(registry().find(test_plugin(name)), {}, options);
    // The files of built-in envs have their ids, which a plugin of somebody else's may not take.
    const bool has_our_id = name == "cartpole" || name == "frozen_lake";
    for (const Finding& finding : report.findings) {
      EXPECT_EQ(finding.passed, !has_our_id || finding.rule != "spec")
          << name << ": " << finding.rule << ": " << finding.message;
    }
  }
}

}  // namespace
}  // namespace tern
