#pragma once
// Transitions from a file, for a replay buffer to begin with. Std only.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/files/json.h"
#include "envs/batch_views.h"
#include "envs/env.h"
#include "replay/replay_buffer.h"

namespace tern {

/// Steps of episodes in one env, as somebody or something played them.
class Demonstrations {
 public:
  /// Reads documents as `tern rollout ENV --json` prints them, one on each line: "reset_obs", then
  /// "steps" with "action", "obs" that it led to, "reward", "terminated", "truncated", "mask" and,
  /// where an episode ended, "next_reset_obs" and "next_reset_mask". Masks only where the env has
  /// any. Throws Error, naming file, line and step, for what is not of this env: another id or
  /// size, a value that is not finite, an action that is none or forbidden.
  Demonstrations(const std::string& path, const EnvSpec& spec);

  std::size_t size() const { return rewards_.size(); }

  /// Adds them in order: whole episodes, each to the env that has got the least. The last episode
  /// of an env is cut, as by a time limit, so that all envs get as many steps; what is over is left
  /// out. convert: called with each action, from what the env takes to what the buffer keeps.
  /// Returns how many were added. Throws Error where the buffer cannot hold them or an env would
  /// get none.
  std::size_t add_to(ReplayBuffer& replay,
                     const std::function<void(MutableActionRow)>& convert) const;

 private:
  struct Episode {
    std::size_t begin, end;  // steps
  };

  void read_document(const Json& document);
  void read_step(const Json& step);
  void read_obs(const Json& values, const std::string& name, std::vector<std::uint8_t>& to) const;
  void read_mask(const Json& values, const std::string& name, std::vector<std::uint8_t>& to) const;
  void read_action(const Json& value);
  [[noreturn]] void refuse(const std::string& what) const;
  std::vector<std::vector<std::size_t>> shares(std::size_t num_envs) const;

  std::string path_;
  std::size_t line_ = 0, step_ = 0;  // that is read, for errors
  EnvSpec spec_;
  std::vector<std::uint8_t> obs_, mask_;             // to act on: of the step that is read next
  std::vector<std::uint8_t> all_obs_, all_masks_;    // of each step
  std::vector<std::uint8_t> next_obs_, next_masks_;  // what it led to
  std::vector<std::uint8_t> actions_, terminated_, truncated_;
  std::vector<float> rewards_;
  std::vector<Episode> episodes_;
};

}  // namespace tern
