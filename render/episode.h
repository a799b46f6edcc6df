#pragma once
// One episode as it was played, step by step: the source of films, of the page and of the time line.
// Plain values.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/attribution.h"
#include "core/policy.h"
#include "core/rng.h"
#include "envs/env.h"
#include "render/drawings.h"
#include "render/frame_data.h"

namespace tern {

/// What was seen after t steps, thought of it and done about it.
struct Moment {
  std::vector<float> obs;               // one row, or
  std::vector<std::uint8_t> obs_bytes;  // one of bytes
  std::vector<std::uint8_t> mask;
  std::vector<float> action;  // taken next; empty at the end
  std::vector<float> policy_action;  // what the policy would have done where a person steered
  Inspection inspection;
  std::vector<float> policy_state;  // what the policy remembered before it
  std::int64_t policy_step = 0;     // environment steps that the policy was trained for
  double largest_action_value = 0;  // up to here, FrameData::largest_action_value
  float reward = 0;                 // of the step that led here
  std::vector<float> reward_terms;  // its parts, EnvSpec::reward_terms
  double largest_reward_term = 0;   // up to here, FrameData::largest_reward_term
  std::vector<float> info;          // EnvSpec::info
  int player = 0;                   // whose view `obs` is
  double episode_return = 0;        // up to here
  std::vector<double> player_returns;
  bool terminated = false, truncated = false, is_cut = false;
  std::uint64_t state_hash = 0;  // of all that the future depends on
  Rng action_rng{tern_rng{}};    // what `action` and all later ones are drawn from
};

/// What one output of the policy owes to each number of the observations, at every moment.
struct EpisodeWhy {
  AttributionMethod method = AttributionMethod::kIntegratedGradients;
  std::string output;                // "log pi(a | s)"
  std::vector<Attribution> moments;  // [steps + 1]; without scores where nothing is explained
};

struct Episode {
  std::shared_ptr<const EnvSpec> spec;
  std::string agent;  // "": random actions, or a person's
  std::string side;   // of two side by side, which one this is
  bool is_by_hand = false;
  int number = 1;         // counted from 1
  int max_steps = 0;      // time limit; 0: none
  std::uint64_t level = 0;
  Rng rng{0, "env"};      // the env's stream before the reset
  std::vector<double> past_returns;  // of the episodes before
  int first_step = 0;                // of moments[0]; more where the beginning was not kept
  std::vector<Moment> moments;       // [steps + 1]
  std::vector<StepRange> steered;    // by a person, in order, as FrameData::step counts
  Drawings drawings;                 // one of each moment
  std::vector<EpisodeWhy> why;       // empty: nobody asked

  int steps() const { return static_cast<int>(moments.size()) - 1; }
};

/// The action that the last moment ended up with: the player's, and whether a person took it.
void set_last_action(Episode& episode, const FrameData& frame);

/// The episode up to moment t. Throws Error if there is none.
Episode prefix_of(const Episode& episode, std::size_t t);

/// The episode's moment t as windows and films show it. Throws Error if there is none.
FrameData frame_of(const Episode& episode, std::size_t t);

}  // namespace tern
