#pragma once
// Env, the interface of every environment. Header-only and C++17: one class compiles unchanged
// in-tree and inside a plugin.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/canvas.h"
#include "core/params.h"
#include "core/rng.h"
#include "core/space.h"
#include "core/state_io.h"
#include "core/views.h"

namespace tern {

/// What one step led to. `reward` is that of the player who moved. `terminated`: the env ended (a fall, a goal), nothing of value follows.
/// `truncated`: the episode was cut (a time limit), the future would have gone on. Never both.
struct StepResult {
  float reward = 0;
  bool terminated = false;
  bool truncated = false;
};

/// What a reset may use.
struct ResetContext {
  Rng& rng;                 // the env's own stream; the same one is passed to step
  std::uint64_t level = 0;  // which procedurally generated variant, below EnvSpec::num_levels
};

/// The facts of an env, all of them known before the first reset.
struct EnvSpec {
  std::string id;         // versioned: "CartPole-v1"; changed behaviour gets a new version
  std::string family;     // "control", "grid", "physics", "games", "probe"; plugins: their own
  std::string summary;    // one line for `tern list`
  std::string reference;  // what it is faithful to
  ObsSpace obs;
  ActionSpace action;
  int max_episode_steps = 0;               // time limit, applied by VecEnv; 0: none
  std::optional<double> reward_threshold;  // mean return that counts as solved
  std::vector<std::string> reward_terms = {};  // names of what reward_terms() writes
  std::vector<std::string> metrics = {};       // names of what metrics() writes
  std::vector<std::string> info = {};          // names of what info() writes
  std::vector<std::string> state_fields = {};  // names of the documented state vector
  std::uint64_t num_levels = 0;            // procedurally generated variants; 0: none
  bool has_masks = false;                  // action_mask() may forbid actions
  int frames_per_second = 30;              // for people who watch or play
  bool turn_based = false;                 // for people: waits for a key
  int players = 1;                         // who take turns; 1: the agent is always the one to move
  int frame_stack = 1;                     // set by that wrapper: frames that obs consists of

  EnvSpec();
  EnvSpec(const EnvSpec&);
  EnvSpec(EnvSpec&&) noexcept;
  EnvSpec& operator=(const EnvSpec&);
  EnvSpec& operator=(EnvSpec&&) noexcept;
  ~EnvSpec();
};

/// One outcome of an action in a tabular env.
struct Transition {
  double probability = 0;
  int next_state = 0;
  double reward = 0;
  bool terminated = false;
};

/// The exact model of a tabular env: outcomes[state][action].
struct TransitionTable {
  std::vector<std::vector<std::vector<Transition>>> outcomes;
  std::vector<double> initial;  // probability of each start state
};

/// The keys that a player holds down.
enum class Key : std::uint8_t {
  kLeft, kRight, kUp, kDown, kSpace, kEnter, kShift,
  kA, kB, kC, kD, kE, kF, kG, kH, kI, kJ, kK, kL, kM, kN, kO, kP, kQ, kR, kS, kT, kU, kV, kW, kX,
  kY, kZ, k0, k1, k2, k3, k4, k5, k6, k7, k8, k9,
};

class Keys {
 public:
  explicit Keys(std::uint64_t bits = 0) : bits_(bits) {}
  bool operator[](Key key) const { return (bits_ >> static_cast<unsigned>(key)) & 1; }
  void press(Key key) { bits_ |= std::uint64_t{1} << static_cast<unsigned>(key); }
  std::uint64_t bits() const { return bits_; }

 private:
  std::uint64_t bits_;
};

/// A goal, in goal-conditioned envs: float32 values.
using GoalView = Row<const float>;

/// One env. No I/O, no clock, no global random numbers. Not thread-safe; different instances
/// share nothing that changes. A class may declare `struct Params` (core/params.h) and is then
/// constructed from one; otherwise it is default-constructed.
class Env {
 public:
  virtual ~Env() = default;

  /// The same object for the life of the env.
  virtual const EnvSpec& spec() const = 0;
  /// Starts an episode and writes the whole first observation.
  virtual void reset(ResetContext& ctx, ObsRow obs) = 0;
  /// One step. `action` is inside the space (Box: finite, possibly out of bounds). Writes the whole
  /// observation. Never called after a step that ended the episode without a reset between.
  virtual StepResult step(ActionRow action, Rng& rng, ObsRow obs) = 0;

  // Optional, each with a sensible default.

  /// Writes 1 for each action that is allowed now; all are.
  virtual void action_mask(MaskRow mask) const {
    for (std::uint8_t& allowed : mask) allowed = 1;
  }
  /// Draws the present state. An env that draws nothing is shown as bars of its named observation.
  virtual void draw(Canvas&) const {}
  /// The parts of the last reward, EnvSpec::reward_terms of them; they sum to it.
  virtual void reward_terms(FloatRow) const {}
  /// Success and the like, EnvSpec::metrics of them; read when an episode ends.
  virtual void metrics(FloatRow) const {}
  /// The action a player means by these keys; false: none (a turn-based env waits).
  virtual bool human_action(const Keys&, MutableActionRow) const { return false; }
  /// The documented state vector, EnvSpec::state_fields; false: there is none.
  virtual bool get_state(DoubleVec&) const { return false; }
  virtual bool set_state(ConstDoubleRow) { return false; }
  /// Everything that the future depends on besides the Rng, so that a load in another instance
  /// continues exactly. load returns false where this is not supported; VecEnv then replays the
  /// episode's actions on a fresh env.
  virtual void save(StateWriter&) const {}
  virtual bool load(StateReader&) { return false; }
  /// The exact model; false: the env is not tabular.
  virtual bool transitions(TransitionTable&) const { return false; }
  /// The reward for having achieved one goal while another was desired (hindsight replay). The
  /// observation of such an env has fields of one size named "achieved goal" and "desired goal".
  virtual float relabel(const GoalView& /*achieved*/, const GoalView& /*desired*/) const {
    return 0;
  }
  /// Whose turn it is, below EnvSpec::players: who sees the observation and whose action the next
  /// step takes. After the step that ended an episode nobody's; any number below will do.
  virtual int current_player() const { return 0; }
  /// What the last step gave each player, EnvSpec::players of them; that of the player who moved is
  /// the step's reward. false: the others got nothing.
  virtual bool player_rewards(FloatRow) const { return false; }
  /// What there is to know of the last step, or of the reset, beside the observation: EnvSpec::info
  /// finite numbers, for people and analyses. Agents do not see them; read only where asked for.
  virtual void info(FloatRow) const {}
};

}  // namespace tern

#ifndef TERN_LINKS_ENVS
#define TERN_SPEC_INLINE inline
#include "envs/env_spec-inl.h"
#endif
