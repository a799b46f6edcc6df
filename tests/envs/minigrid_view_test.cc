// What MiniGrid's agent sees: golden views, and the laws that tie the four observations together.

#include <gtest/gtest.h>

#include "envs/random_action.h"
#include "envs/registry/registry.h"
#include "tests/envs/minigrid_board.h"

namespace tern::minigrid {
namespace {

/// The view after a step that changes nothing.
std::string view_of(const std::string& id, const std::string& rows, Cell carried = kNothing) {
  BoardOfText board(id, rows, {}, carried);
  board.step(kDone);
  return board.view();
}

TEST(MiniGridView, IsTurnedSoThatTheAgentLooksUp) {
  BoardOfText board("MiniGrid-Empty-5x5-v0", R"(
##########
##Kr. Og##
##. > . ##
##. . G ##
##########
)");
  board.step(kDone);
  EXPECT_EQ(board.view(), R"(
#######
#######
#######
#######
#######
##O.G##
##...##
)");
  board.step(kTurnLeft);  // it looks up
  EXPECT_EQ(board.view(), R"(
#######
#######
#######
#######
#######
##K.O##
##...##
)");
  board.step(kTurnLeft);  // to the left: the key is on its right
  EXPECT_EQ(board.view(), R"(
#######
#######
#######
#######
#######
##..K##
##...##
)");
  board.step(kTurnLeft);
  EXPECT_EQ(board.view(), R"(
#######
#######
#######
#######
#######
##G..##
##...##
)");
}

TEST(MiniGridView, AClosedDoorHidesWhatIsBehind) {
  const std::string front = R"(
################
##. . Bg. . . ##
##. . . . . . ##
)", back = R"(##########D####
##. Kr. . . Ob##
##. . . . . . ##
##. . . . ^ G ##
################
)";
  std::string closed = back, open = back;
  closed.replace(10, 1, "Dr");
  open.replace(10, 1, "_r");
  EXPECT_EQ(view_of("MiniGrid-DoorKey-8x8-v0", front + closed), R"(
???????
???????
???????
###D##?
K...O#?
.....#?
....G#?
)");
  EXPECT_EQ(view_of("MiniGrid-DoorKey-8x8-v0", front + open), R"(
######?
.B...#?
.....#?
###D##?
K...O#?
.....#?
....G#?
)");
}

TEST(MiniGridView, AWallAtTheSideHidesWhatIsBesideItUntilItEnds) {
  EXPECT_EQ(view_of("MiniGrid-DoorKey-8x8-v0", R"(
################
##. . . Ky. . ##
##. . . . . . ##
##. . ##. . . ##
##. . ##. . . ##
##. . ##. . . ##
##. ^ ##. . G ##
################
)"), R"(
?######
?#...K.
?#.....
?#..#??
?#..#??
?#..#??
?#..#??
)");
}

TEST(MiniGridView, ShowsWhatIsCarriedInTheAgentsPlace) {
  const std::string view = view_of("MiniGrid-DoorKey-8x8-v0", R"(
################
##. . . Ky. . ##
##. . . . . . ##
##. . ######. ##
##. Or. . . . ##
##. ##. ##. . ##
##. . ^ . . G ##
################
)", make_cell(kKey, kPurple));
  EXPECT_EQ(view, R"(
#######
#...K..
#......
#..###.
#.O....
#.#.#..
#..K..G
)");
}

TEST(MiniGridView, CellsHaveObjectColorAndDoorState) {
  BoardOfText board("MiniGrid-DoorKey-5x5-v0", R"(
##########
##. Lp. ##
##> DgG ##
##Ky_b. ##
##########
)");
  board.step(kDone);
  const auto cell = [&](int column, int row) {
    const std::uint8_t* at = &board.bytes[3 * view_index(column, row)];
    return std::vector<int>{at[0], at[1], at[2]};
  };
  EXPECT_EQ(cell(2, 5), (std::vector<int>{4, 3, 2}));  // a locked purple door
  EXPECT_EQ(cell(3, 5), (std::vector<int>{4, 1, 1}));  // a closed green one
  EXPECT_EQ(cell(4, 5), (std::vector<int>{4, 2, 0}));  // an open blue one
  EXPECT_EQ(cell(4, 6), (std::vector<int>{5, 4, 0}));  // a yellow key
  EXPECT_EQ(cell(1, 6), (std::vector<int>{2, 5, 0}));  // a wall is grey
  EXPECT_EQ(cell(3, 6), (std::vector<int>{1, 0, 0}));  // the agent's place, nothing carried
  EXPECT_EQ(cell(3, 4), (std::vector<int>{8, 1, 0}));  // the goal, past the open door's corner
}

/// The same env in its four forms, in the same episode.
struct Forms {
  explicit Forms(const std::string& id) {
    for (const char* form : {"partial", "full", "one_hot", "flat"}) {
      envs.push_back(registry().find(id).make({{"observation", form, "test"}}));
      rows.emplace_back(envs.back()->spec().obs.bytes());
      rngs.emplace_back(5, "forms");
    }
  }
  ObsRow obs(std::size_t i) { return ObsRows(rows[i].data(), envs[i]->spec().obs, 1)[0]; }
  std::vector<std::unique_ptr<Env>> envs;
  std::vector<std::vector<std::uint8_t>> rows;
  std::vector<Rng> rngs;
};

void expect_same_facts(Forms& forms) {
  const std::vector<std::uint8_t>& partial = forms.rows[0];
  const FloatRow flat = forms.obs(3).floats();
  ASSERT_EQ(flat.size(), partial.size());
  for (std::size_t k = 0; k < partial.size(); ++k) ASSERT_EQ(flat[k], partial[k]) << k;

  for (std::size_t cell = 0; cell < kViewCells; ++cell) {
    if (partial[3 * cell] == kUnseen) {
      ASSERT_EQ(partial[3 * cell + 1] + partial[3 * cell + 2], 0);
    }
    std::vector<std::uint8_t> hot(20);
    hot[partial[3 * cell]] = hot[11 + partial[3 * cell + 1]] = hot[17 + partial[3 * cell + 2]] = 1;
    const auto at = forms.rows[2].begin() + static_cast<std::ptrdiff_t>(20 * cell);
    ASSERT_TRUE(std::equal(hot.begin(), hot.end(), at)) << cell;
  }
  // direction and mission, after the image
  ASSERT_TRUE(std::equal(partial.begin() + 147, partial.end(), forms.rows[2].begin() + 980));
  const std::size_t tail = partial.size() - 147, board = forms.rows[1].size() - tail;
  ASSERT_TRUE(std::equal(partial.begin() + 147, partial.end(),
                         forms.rows[1].begin() + static_cast<std::ptrdiff_t>(board)));

  DoubleVec state;
  forms.envs[1]->get_state(state);
  const int width = forms.envs[1]->spec().obs.fields()[0].shape[0];
  const int height = forms.envs[1]->spec().obs.fields()[0].shape[1];
  for (int x = 0; x < width; ++x) {
    for (int y = 0; y < height; ++y) {
      const auto index = state.size() - static_cast<std::size_t>(width * height - y * width - x);
      Cell cell = seen(static_cast<Cell>(state[index]));
      if (x == state[0] && y == state[1]) {
        cell = kAgent | static_cast<Cell>(state[2]) << 16;
      }
      const std::uint8_t* shown = &forms.rows[1][static_cast<std::size_t>(3 * (x * height + y))];
      ASSERT_EQ(shown[0] | shown[1] << 8 | shown[2] << 16, cell) << x << " " << y;
    }
  }
}

TEST(MiniGridView, AllFormsShowTheSameEnv) {
  for (const char* id : {"MiniGrid-Empty-Random-6x6-v0", "MiniGrid-DoorKey-6x6-v0",
                         "MiniGrid-KeyCorridorS3R3-v0", "MiniGrid-MultiRoom-N4-S5-v0",
                         "MiniGrid-Dynamic-Obstacles-8x8-v0"}) {
    SCOPED_TRACE(id);
    Forms forms(id);
    Rng rng(1, "actions");
    bool has_ended = true;
    for (int t = 0; t < 300; ++t) {
      const std::uint64_t level = rng.below(1000);
      std::int32_t action = 0;
      random_action(forms.envs[0]->spec().action, {}, rng,
                    MutableActionRow(Row<std::int32_t>(&action, 1)));
      const bool resets = has_ended;
      for (std::size_t i = 0; i < 4; ++i) {
        if (resets) {
          ResetContext ctx{forms.rngs[i], level};
          forms.envs[i]->reset(ctx, forms.obs(i));
          has_ended = false;
        } else {
          has_ended = forms.envs[i]
                          ->step(ActionRow(Row<const std::int32_t>(&action, 1)), forms.rngs[i],
                                 forms.obs(i))
                          .terminated;
        }
      }
      expect_same_facts(forms);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(MiniGridView, FormsHaveTheReferencesShapes) {
  const auto field = [](const char* form) {
    return registry()
        .find("MiniGrid-DoorKey-6x6-v0")
        .make({{"observation", form, "test"}})
        ->spec()
        .obs.fields()[0]
        .shape;
  };
  EXPECT_EQ(field("partial"), (std::vector<int>{7, 7, 3}));
  EXPECT_EQ(field("full"), (std::vector<int>{6, 6, 3}));
  EXPECT_EQ(field("one_hot"), (std::vector<int>{7, 7, 20}));
  EXPECT_EQ(field("flat"), (std::vector<int>{147}));
}

}  // namespace
}  // namespace tern::minigrid
