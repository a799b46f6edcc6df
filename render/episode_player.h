#pragma once
// Plays episodes of one env with a policy and describes every moment of them.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/policy.h"
#include "core/rng.h"
#include "envs/batch_views.h"
#include "envs/episode_limit.h"
#include "envs/registry/registry.h"
#include "render/episode_options.h"
#include "render/frame_data.h"
#include "render/player_keys.h"

namespace tern {

struct Episode;
struct Moment;

/// One env of its own, never one that is trained on. It sees the random streams of a VecEnv of
/// one env with the same seed, so that both play the same episodes; unlike there, the state that an
/// episode ended in can still be drawn. A null policy means random actions. Not thread-safe.
class EpisodePlayer {
 public:
  /// entry must outlive this. Throws Error for parameters that the env does not take.
  EpisodePlayer(const EnvEntry& entry, const ParamValues& params, const EpisodeOptions& options);

  /// Starts the next episode and decides on its first action.
  void start(Policy* policy);
  /// Takes the action that was decided on; then, unless that ended the episode, decides on the
  /// next. Does nothing between the end of an episode and start().
  void step(Policy* policy);

  /// The same with the beginning of another player's episode, of an env made alike.
  void start_as(const EpisodePlayer& other, Policy* policy);
  /// Goes on from a moment of an episode that was recorded from this env: exactly its state,
  /// reached by its actions; then `policy`, which remembers what it would if it had played it,
  /// decides on the next. Takes the steps in between. Throws Error if the episode's beginning was
  /// not kept, or if it ended there.
  void go_on_from(const Episode& episode, std::size_t t, Policy* policy);
  /// Decides on this action instead. values: of FrameData::action, allowed by its mask.
  void decide_on(const std::vector<float>& values);

  /// From now on a person decides, by choose(). The policy goes on as if it had decided: it is
  /// inspected, remembers and draws, and what it would do is FrameData::policy_action. An action
  /// that a person chose stays in sight until the next. False, and nothing: the env has no keys.
  bool take_over();
  bool has_keys() const { return !key_meanings(*env_).empty(); }
  /// The policy decides again, on the present moment as it would have.
  void hand_back();
  bool is_taken_over() const { return frame_.is_taken_over; }

  /// What a player's keys came to.
  enum class Choice { kNone, kForbidden, kChosen };
  /// By hand, or taken over: decides on the next action by what the keys mean to the env. kNone:
  /// nothing; kForbidden: an action that is masked out. The action that step() takes is the last
  /// chosen one.
  Choice choose(const Keys& keys);

  /// The next step takes an action of EpisodeOptions::script. A script ends before its last action
  /// where the episode does, or with an action that this env does not take.
  bool is_scripted() const { return is_scripted_ && !has_ended(); }
  bool has_ended() const { return frame_.terminated || frame_.truncated; }
  /// The episode was ended by no rule but by EpisodeOptions::cut_after.
  bool is_cut() const { return frame_.is_cut; }
  const EnvSpec& spec() const { return *frame_.spec; }
  /// What the env was made from.
  const EnvEntry& entry() const { return entry_; }
  const ParamValues& params() const { return params_; }
  const EpisodeOptions& options() const { return options_; }
  /// What the present episode began with: with the same actions it can be played again.
  struct Beginning {
    Rng rng;  // before the reset
    std::uint64_t level = 0;
    Rng action_rng;  // before the first decision
  };
  const Beginning& beginning() const { return beginning_; }
  /// What the present decision and all later ones are drawn from.
  const Rng& action_rng() const { return decision_rng_; }
  /// See state_hash() of an env; of the present moment.
  std::uint64_t state_hash() const;
  /// The present moment, drawn; the fields for people (speed and the like) keep their defaults.
  const FrameData& frame();

 private:
  void add_player_rewards(int mover, float reward);
  void begin(Policy* policy);
  /// One of an episode's steps again, for the state alone.
  void take_again(const Moment& moment, Policy* policy);
  void decide(Policy* policy);
  void show_action();
  /// Decides on what the script says, if it says something that can be done.
  void take_scripted_action();

  const EnvEntry& entry_;
  ParamValues params_;
  EpisodeOptions options_;
  std::unique_ptr<Env> env_;
  FrameData frame_;
  StepBuffers buffers_;  // one row of each
  Rng rng_, level_rng_, action_rng_;
  std::vector<float> policy_state_;  // what the policy remembers of this episode
  Beginning beginning_{Rng(0, "env"), 0, Rng(0, "watch policy")};
  Rng decision_rng_{0, "watch policy"};
  int cut_after_ = 0;
  bool is_drawn_ = false;
  bool has_started_ = false;
  bool is_scripted_ = false;
};

}  // namespace tern
