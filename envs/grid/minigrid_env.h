#pragma once
// What all MiniGrid envs have in common: observation variants, reward, limits, state, keys.
//
//   `observation=`  fields (one row)                                             element
//   partial         view 7x7x3: object, colour, door state of each seen cell     byte
//   full            board WxHx3: the same of all cells; the agent is object 10,  byte
//                   colour 0, its direction in place of the door state
//   one_hot         view 7x7x20: object (11), colour (6), door state (3), 1 hot  byte
//   flat            view, 147 numbers: partial as a vector                       float32
//   all of them     direction (categorical): 0 right, 1 down, 2 left, 3 up; then the mission's
//                   fields where the mission varies
//
// As in the reference, the first index of an image is the column from the left and the second the
// row from the top; in the view the agent stands in column 3 of row 6 and looks up.
//
// Actions: 0 left, 1 right (turns), 2 forward, 3 pickup, 4 drop, 5 toggle, 6 done (does nothing).
// Reward: 1 - 0.9 * steps / max_steps on success, else 0. Terminates on success and on failure.
// `level` chooses the layout, completely.
//
// Keys: left and right arrow turn, up goes forward, space toggles, P picks up, D drops, Enter: done.

#include <cstdint>
#include <string>
#include <vector>

#include "envs/env.h"
#include "envs/grid/minigrid_view.h"

namespace tern::minigrid {

/// The parameters of every MiniGrid env.
struct CommonParams {
  std::string observation = "partial";
  int max_steps = 0;

  template <class V>
  void visit(V& v) {
    v("observation", observation, "what the agent is shown",
      one_of({"partial", "full", "one_hot", "flat"}));
    v("max_steps", max_steps, "time limit of an episode; 0: the reference's", at_least(0));
  }
};

/// An env of the family, before it has a layout.
struct Facts {
  std::string id;
  std::string summary;
  int width = 0, height = 0;
  int max_steps = 0;                // the reference's limit
  bool sees_through_walls = false;
  bool has_levels = true;           // false: there is one layout
  bool only_moves = false;          // only the first three actions
  std::vector<Field> mission = {};  // categorical
  std::vector<std::string> reward_terms = {};
};

/// What a step led to.
enum class Outcome : std::uint8_t { kGoesOn, kSuccess, kFailure, kCollision };

class MiniGridEnv : public Env {
 public:
  MiniGridEnv(const Facts& facts, const CommonParams& params);

  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext& ctx, ObsRow obs) override;
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override;
  void reward_terms(FloatRow terms) const override;
  void metrics(FloatRow values) const override;
  void draw(Canvas& canvas) const override;
  bool human_action(const Keys& keys, MutableActionRow action) const override;
  /// Position, direction, steps, what is carried, the mission, and every cell: each cell as
  /// object + 256 * colour + 65536 * state, plus 16777216 * tag.
  bool get_state(DoubleVec& state) const override;
  bool set_state(ConstDoubleRow state) override;
  void save(StateWriter& out) const override;
  bool load(StateReader& in) override;

 protected:
  /// Lays out the board, which is clear (walls around it), and places the agent.
  virtual void build(Rng& rng) = 0;
  /// Takes one action.
  virtual Outcome act(int action, Rng& rng) {
    (void)rng;
    return act_in_place(action);
  }
  /// After set_state() or load(): finds again what is derived from the board.
  virtual void board_changed() {}

  /// The rules of the reference's base class: the goal is success, lava failure.
  Outcome act_in_place(int action);

  Board env_;
  std::vector<std::uint8_t> mission_;  // values of the mission's fields

 private:
  enum class Shown : std::uint8_t { kPartial, kFull, kOneHot, kFlat };

  void observe(ObsRow obs) const;
  void check_state(ConstDoubleRow state) const;

  EnvSpec spec_;
  Shown shown_;
  bool sees_through_walls_, has_levels_;
  int max_steps_;
  int steps_ = 0;
  float reward_ = 0;  // of the last step
  Outcome outcome_ = Outcome::kGoesOn;
};

}  // namespace tern::minigrid
