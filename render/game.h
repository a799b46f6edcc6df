#pragma once
// A person plays: the viewer whose env waits for keys instead of asking a policy.

#include <memory>
#include <string>
#include <vector>

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

 protected:
  void pass(double seconds) override;

 private:
  void take_step(const Keys& keys);

  Keys down_;               // now
  Keys pressed_;            // since the last step
  bool is_waiting_ = true;  // for a key to begin
  int counted_ = 0;         // the last episode with a countdown
  double countdown_ = 0;    // seconds that are left of it
};

}  // namespace tern
