#pragma once
// Games of Connect Four whose boards are written down.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "tests/envs/game_on_a_board.h"

namespace tern {

constexpr int kRows = 6, kColumns = 7, kCells = 42;
constexpr std::size_t kAgentField = 42, kLastColumnField = 43;

inline ParamValues against(const std::string& opponent) {
  return {{"opponent", opponent, "test"}};
}

/// A game whose board is given in letters, six rows from the top: x the agent's stones (in
/// self-play those of who moved first), o the others. The agent is to move.
struct FourOnABoard : GameOnABoard {
  FourOnABoard(const std::string& opponent, const std::string& letters)
      : GameOnABoard("ConnectFour-v1", against(opponent)), is_self_play(opponent == "none") {
    const auto count = [&](char c) { return std::count(letters.begin(), letters.end(), c); };
    const bool agent_is_first = is_self_play || count('x') == count('o');
    DoubleVec state(44, 0.0);
    std::size_t cell = 0;
    for (const char c : letters) {
      if (c == 'x') state[cell] = agent_is_first ? 1 : 2;
      if (c == 'o') state[cell] = agent_is_first ? 2 : 1;
      cell += c == '.' || c == 'x' || c == 'o' ? 1 : 0;
    }
    EXPECT_EQ(cell, 42u);
    const bool is_turn_of_first = count('x') == count('o');
    state[kAgentField] = is_self_play ? (is_turn_of_first ? 1 : 2) : (agent_is_first ? 1 : 2);
    state[kLastColumnField] = -1;
    set(state);
  }
  /// The six rows.
  std::string board() const {
    const std::string all = text(14, 8);  // below them are the numbers
    return all.substr(0, all.find('1'));
  }
  bool is_self_play;
};

}  // namespace tern
