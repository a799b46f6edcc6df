// Proof: closed forms on a lake without slipping, laws over all tabular envs, error texts, and that
// each source of the picture changes it.

#include "render/state_board.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/drawing/raster_canvas.h"
#include "envs/registry/registry.h"
#include "render/board_overlay.h"
#include "render/frame_layout.h"
#include "render/viewer.h"
#include "tests/core/canvas_scene.h"
#include "tests/error_of.h"

namespace tern {
namespace {

constexpr double kGamma = 0.9;

ParamValues lake(const std::string& slippery, const std::string& map = "4x4") {
  return {{"slippery", slippery, "test"}, {"map", map, "test"}};
}

/// Knows the table: its action values are the optimum's, but for one state where it is changed.
class TablePolicy final : public Policy {
 public:
  TablePolicy(const std::string& id, const ParamValues& params, double gamma) {
    TransitionTable table;
    registry().find(id).make(params)->transitions(table);
    optimum = solve_transitions(table, gamma);
  }
  void act(Row<const ActRow> rows, bool) override {
    for (const ActRow& row : rows) {
      row.action.discrete() = optimum.best_actions[static_cast<std::size_t>(row.obs[0])];
    }
  }
  Inspection inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float>) override {
    ++calls;
    Inspection inspection;
    inspection.action_values = optimum.action_values.at(static_cast<std::size_t>(obs[0]));
    last_mask.assign(mask.begin(), mask.end());
    return inspection;
  }
  std::int64_t step() const override { return 1000; }
  std::string agent() const override { return "dqn"; }

  TabularOptimum optimum;
  std::vector<std::uint8_t> last_mask;
  int calls = 0;
};

StateBoard lake_board() {
  return StateBoard(registry().find("FrozenLake-v1"), lake("false"), 0, kGamma);
}

const BoardCell& cell_of(const BoardValues& values, int state) {
  for (const BoardCell& cell : values.cells) {
    if (cell.thought.state == state) return cell;
  }
  ADD_FAILURE() << "no cell of state " << state;
  return values.cells.front();
}

TEST(StateBoard, HasTheOptimumOfEachCellWhereItIsDrawn) {
  StateBoard board = lake_board();
  const BoardValues values = board.values({4}, nullptr);
  // 16 cells, of which four are holes and one is the goal.
  EXPECT_EQ(values.cells.size(), 11u);
  EXPECT_EQ(values.num_states, 11u);
  for (const BoardCell& cell : values.cells) {
    EXPECT_EQ(cell.at.low.x, static_cast<float>(cell.thought.state % 4));
    EXPECT_EQ(cell.at.low.y, static_cast<float>(3 - cell.thought.state / 4));
    EXPECT_FALSE(cell.thought.value.has_value());
    EXPECT_FALSE(cell.thought.action.has_value());
  }
  EXPECT_NEAR(cell_of(values, 0).thought.optimum, std::pow(kGamma, 5), 1e-9);
  EXPECT_NEAR(cell_of(values, 14).thought.optimum, 1, 1e-9);
  EXPECT_EQ(cell_of(values, 14).thought.best_action, 2);  // right
  ASSERT_TRUE(values.here.has_value());
  EXPECT_EQ(values.here->state, 4);
}

TEST(StateBoard, APolicyThatKnowsTheTableIsRightEverywhere) {
  StateBoard board = lake_board();
  const auto policy = std::make_shared<TablePolicy>("FrozenLake-v1", lake("false"), kGamma);
  const BoardValues values = board.values({0}, policy);
  EXPECT_EQ(values.num_best_actions, 11u);
  EXPECT_NEAR(values.largest_difference.value(), 0, 1e-12);
  for (const BoardCell& cell : values.cells) {
    EXPECT_NEAR(cell.thought.value.value(), cell.thought.optimum, 1e-12);
    EXPECT_TRUE(cell.thought.is_action_best);
  }
}

TEST(StateBoard, AWrongActionAndAWrongValueAreFound) {
  StateBoard board = lake_board();
  const auto policy = std::make_shared<TablePolicy>("FrozenLake-v1", lake("false"), kGamma);
  policy->optimum.action_values[14] = {1.5, 0, 1, 0};  // left, and too hopeful
  const BoardValues values = board.values({0}, policy);
  EXPECT_EQ(values.num_best_actions, 10u);
  EXPECT_EQ(values.state_of_largest, 14);
  EXPECT_NEAR(values.largest_difference.value(), 0.5, 1e-9);
  EXPECT_FALSE(cell_of(values, 14).thought.is_action_best);
  EXPECT_EQ(cell_of(values, 14).thought.action, 0);
}

TEST(StateBoard, ThePolicyIsAskedOnceForEachState) {
  StateBoard board = lake_board();
  const auto policy = std::make_shared<TablePolicy>("FrozenLake-v1", lake("false"), kGamma);
  for (int i = 0; i < 5; ++i) board.values({static_cast<float>(i % 3)}, policy);
  EXPECT_EQ(policy->calls, 11);
  board.values({0}, std::make_shared<TablePolicy>("FrozenLake-v1", lake("false"), kGamma));
  board.values({0}, policy);
  EXPECT_EQ(policy->calls, 22);
}

TEST(StateBoard, ATaxisCellsKeepThePresentPassengerAndDestination) {
  StateBoard board(registry().find("Taxi-v3"), {}, 0, kGamma);
  const auto policy = std::make_shared<TablePolicy>("Taxi-v3", ParamValues(), kGamma);
  for (const auto& [passenger, destination] : {std::pair(2, 1), std::pair(0, 3), std::pair(4, 2)}) {
    const int state = ((3 * 5 + 1) * 5 + passenger) * 4 + destination;
    const BoardValues values = board.values({static_cast<float>(state)}, policy);
    EXPECT_EQ(values.cells.size(), 25u);
    for (const BoardCell& cell : values.cells) {
      const int s = cell.thought.state;
      EXPECT_EQ(s / 4 % 5, passenger) << s;
      EXPECT_EQ(s % 4, destination) << s;
      EXPECT_EQ(cell.at.low.x, static_cast<float>(s / 20 % 5));
      EXPECT_EQ(cell.at.low.y, static_cast<float>(4 - s / 100));
    }
  }
  EXPECT_EQ(policy->last_mask.size(), 6u);
  EXPECT_TRUE(std::count(policy->last_mask.begin(), policy->last_mask.end(), 0) > 0);
}

TEST(StateBoard, WhenTheEpisodeIsOverTheCellsStay) {
  StateBoard board(registry().find("Taxi-v3"), {}, 0, kGamma);
  const auto states = [&](int now) {
    std::set<int> all;
    for (const BoardCell& cell : board.values({static_cast<float>(now)}, nullptr).cells) {
      all.insert(cell.thought.state);
    }
    return all;
  };
  const int driving = ((0 * 5 + 0) * 5 + 4) * 4 + 0, delivered = 0;
  const std::set<int> before = states(driving);
  EXPECT_EQ(before.size(), 25u);
  EXPECT_EQ(states(delivered), before);
  EXPECT_FALSE(board.values({static_cast<float>(delivered)}, nullptr).here.has_value());
}

TEST(StateBoard, CountsVisitsOfStatesAndCellsAtItsLevel) {
  StateBoard lake = lake_board();
  VisitCounts visits;
  for (const int state : {0, 4, 4, 8, 5})
    visits.add(0, state);  // 5 is a hole: nothing is decided there
  visits.add(1, 4);
  const BoardValues values = lake.values({4}, nullptr, visits);
  EXPECT_EQ(cell_of(values, 0).visits, 1);
  EXPECT_EQ(cell_of(values, 4).visits, 2);
  EXPECT_EQ(cell_of(values, 14).visits, 0);
  EXPECT_EQ(values.visits_here, 2);
  EXPECT_EQ(values.num_visits, 4);

  StateBoard taxi(registry().find("Taxi-v3"), {}, 0, kGamma);
  VisitCounts drives;
  for (const int passenger : {1, 1, 2, 4})
    drives.add(0, passenger * 4);  // all in the upper left corner
  const BoardValues cells = taxi.values({2 * 4}, nullptr, drives);
  EXPECT_EQ(cell_of(cells, 2 * 4).visits, 4);
  EXPECT_EQ(cells.visits_here, 1);
}

TEST(VisitCounts, TheFirstOfTooManyLevelsIsForgotten) {
  VisitCounts visits;
  for (std::uint64_t level = 0; level <= VisitCounts::kMostLevels; ++level) visits.add(level, 3);
  visits.add(1, 3);
  EXPECT_EQ(visits.of(0, 3), 0);
  EXPECT_EQ(visits.of(1, 3), 2);
  EXPECT_EQ(visits.of(1, 4), 0);
}

TEST(StateBoard, LevelsHaveBoardsOfTheirOwn) {
  const ParamValues params = lake("true", "generated");
  StateBoard one(registry().find("FrozenLake-v1"), params, 1, kGamma);
  StateBoard two(registry().find("FrozenLake-v1"), params, 2, kGamma);
  std::vector<float> obs(65, 0);
  const auto states = [&](StateBoard& board) {
    std::vector<int> all;
    for (const BoardCell& cell : board.values(obs, nullptr).cells)
      all.push_back(cell.thought.state);
    return all;
  };
  EXPECT_NE(states(one), states(two));
}

TEST(StateBoard, EveryTabularEnvHasOneOrSaysWhyNot) {
  int boards = 0;
  for (const EnvEntry* entry : registry().entries()) {
    try {
      StateBoard board(*entry, {}, 0, kGamma);
      ++boards;
      const std::size_t cells = board.values({0}, nullptr).cells.size();
      EXPECT_GE(cells, 4u) << entry->spec.id;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).rfind("no values to show: " + entry->spec.id, 0), 0u)
          << error.what();
    }
  }
  EXPECT_GE(boards, 3);
  const auto refusal = [](const std::string& id, const ParamValues& params) {
    return error_of([&] { StateBoard(registry().find(id), params, 0, kGamma); }, ExitCode::kUsage);
  };
  EXPECT_EQ(refusal("CartPole-v1", {}), "no values to show: CartPole-v1 has no transition table");
  EXPECT_EQ(refusal("FrozenLake-v1", {{"sticky_actions", "0.5", "test"}}),
            "no values to show: FrozenLake-v1 has no transition table");
  EXPECT_EQ(refusal("DeepSea-v0", {}),
            "no values to show: DeepSea-v0 does not observe its state as one number");
}

class BoardInTheViewer : public testing::Test {
 protected:
  BoardInTheViewer() { viewer_.set_discount(kGamma); }
  std::vector<std::string> words() {
    RecordingCanvas canvas;
    draw_viewer_frame(canvas, 960, 900, viewer_.frame());
    std::vector<std::string> lines;
    for (const DrawCall& call : canvas.calls()) {
      if (call.kind == DrawCall::Kind::kText) lines.push_back(call.line);
    }
    return lines;
  }
  bool says(const std::string& line) {
    const std::vector<std::string> lines = words();
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  }
  static std::uint64_t hash(const FrameData& frame) {
    RasterCanvas canvas(960, 900);
    draw_viewer_frame(canvas, 960, 900, frame);
    return picture_hash(canvas.rgb());
  }

  std::shared_ptr<TablePolicy> policy_ =
      std::make_shared<TablePolicy>("FrozenLake-v1", lake("false"), kGamma);
  Viewer viewer_{std::make_unique<EpisodePlayer>(registry().find("FrozenLake-v1"), lake("false"),
                                                 EpisodeOptions()),
                 [this] { return policy_; }};
};

TEST_F(BoardInTheViewer, TheKeyGoesThroughAllViews) {
  EXPECT_FALSE(says("optimum here"));
  for (const char* title : {"V(s) of the policy", "optimum V*(s)", "V(s) - V*(s)"}) {
    viewer_.press(ViewerKey::kValues);
    EXPECT_TRUE(says(title)) << title;
    EXPECT_TRUE(says("optimum here"));
    EXPECT_TRUE(says("0.59"));  // 0.9^5
    EXPECT_TRUE(says("11 of 11 states"));
    EXPECT_TRUE(says("gamma 0.9"));
  }
  viewer_.press(ViewerKey::kValues);
  EXPECT_TRUE(says("visits of the episodes shown"));
  EXPECT_FALSE(says("gamma 0.9"));
  viewer_.press(ViewerKey::kValues);
  EXPECT_EQ(viewer_.frame().board, nullptr);
  EXPECT_FALSE(says("optimum here"));
}

TEST_F(BoardInTheViewer, VisitsAreThoseOfAllEpisodesShown) {
  for (int i = 0; i < 4; ++i) viewer_.press(ViewerKey::kValues);
  ASSERT_EQ(viewer_.frame().board_view, BoardView::kVisits);
  viewer_.press(ViewerKey::kStep);
  viewer_.press(ViewerKey::kNextEpisode);
  EXPECT_EQ(viewer_.frame().board->visits_here, 2);
  EXPECT_EQ(viewer_.frame().board->num_visits, 3);
  viewer_.press(ViewerKey::kBack);  // to the step before it, of the other episode
  EXPECT_EQ(viewer_.frame().board->visits_here, 1);
  EXPECT_EQ(viewer_.frame().board->num_visits, 3);
}

TEST_F(BoardInTheViewer, WithoutAPolicyThereIsTheOptimumAlone) {
  policy_ = nullptr;
  viewer_.press(ViewerKey::kNextEpisode);
  viewer_.press(ViewerKey::kValues);
  EXPECT_TRUE(says("optimum V*(s)"));
  viewer_.press(ViewerKey::kValues);
  EXPECT_TRUE(says("visits of the episodes shown"));
  viewer_.press(ViewerKey::kValues);
  EXPECT_EQ(viewer_.frame().board, nullptr);
}

TEST_F(BoardInTheViewer, AnEnvWithoutABoardSaysSo) {
  Viewer viewer(std::make_unique<EpisodePlayer>(registry().find("CartPole-v1"), ParamValues(),
                                                EpisodeOptions()),
                [] { return nullptr; });
  viewer.press(ViewerKey::kValues);
  EXPECT_EQ(viewer.frame().notice, "no values to show: CartPole-v1 has no transition table");
  EXPECT_EQ(viewer.frame().board, nullptr);
}

TEST_F(BoardInTheViewer, EachOfItsSourcesChangesThePicture) {
  const std::uint64_t without = hash(viewer_.frame());
  viewer_.press(ViewerKey::kValues);
  for (int i = 0; i < 10; ++i) viewer_.advance(0.4);  // the notice is gone
  viewer_.press(ViewerKey::kBegin);
  const FrameData frame = viewer_.frame();
  const std::uint64_t before = hash(frame);
  EXPECT_NE(before, without);
  const auto changed = [&](const auto& change, BoardView view) {
    FrameData other = frame;
    auto board = std::make_shared<BoardValues>(*frame.board);
    change(board->cells[3]);
    FrameData plain = frame;
    plain.board_view = other.board_view = view;
    other.board = board;
    return hash(other) != hash(plain);
  };
  for (const BoardView view : {BoardView::kPolicy, BoardView::kDifference}) {
    EXPECT_TRUE(changed([](BoardCell& c) { c.thought.value = -0.3; }, view));
    EXPECT_TRUE(
        changed([](BoardCell& c) { c.thought.action = (*c.thought.action + 1) % 4; }, view));
    EXPECT_TRUE(changed([](BoardCell& c) { c.thought.is_action_best = false; }, view));
  }
  EXPECT_TRUE(changed([](BoardCell& c) { c.thought.optimum = 0.1; }, BoardView::kOptimum));
  EXPECT_TRUE(changed([](BoardCell& c) { c.thought.best_action = (c.thought.best_action + 1) % 4; },
                      BoardView::kOptimum));
  EXPECT_TRUE(changed([](BoardCell& c) { c.thought.value = std::nan(""); }, BoardView::kPolicy));
  EXPECT_TRUE(changed([](BoardCell& c) { c.visits = 7; }, BoardView::kVisits));
}

}  // namespace
}  // namespace tern
