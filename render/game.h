#pragma once
// A person plays: the viewer whose env waits for keys instead of asking a policy.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "render/episode.h"
#include "render/viewer.h"

namespace tern {

/// A turn-based env takes a step for each key that means something to it; another one runs in real
/// time with what is held down, after a countdown. The first episode begins with the help, and at a
/// key; the end of one stays until enter is pressed. The best return stays in sight.
class Game final : public Viewer {
 public:
  /// `player` is one by hand (EpisodeOptions::by_hand). Throws Error if its env has no keys, with
  /// `instead`, a sentence that says what to do then.
  explicit Game(std::unique_ptr<EpisodePlayer> player, const std::string& instead = "");

  void play(const PlayerInput& input) override;

  /// Keeps what is played from now on: calls `sink` with each episode that has ended. One that the
  /// person gives up for a new one is not kept. What the sink returns is shown as a notice, and so
  /// is the Error that it throws.
  using EpisodeSink = std::function<std::string(const Episode&)>;
  void keep_episodes(EpisodeSink sink) { sink_ = std::move(sink); }
  /// The person has left: the episode that was being played is kept as far as it went. Throws what
  /// the sink throws.
  void leave();

 protected:
  void pass(double seconds) override;
  void take_chosen_step() override;

 private:
  void keep_choice();
  void keep_step();

  bool is_waiting_ = true;  // for a key to begin
  int counted_ = 0;         // the last episode with a countdown
  EpisodeSink sink_;        // none: nothing is kept
  std::optional<Episode> kept_;  // the present episode up to now; none: no step was taken
};

}  // namespace tern
