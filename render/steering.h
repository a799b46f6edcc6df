#pragma once
// The keys of a person who steers an env, between its steps. Std only.

#include <algorithm>
#include <cmath>

#include "render/player_keys.h"

namespace tern {

/// Of an env in real time: what is down, and what went down since the last step, however short.
class Steering {
 public:
  /// A person has a moment to lay hands on the keys; what was pressed before is no move.
  void begin() {
    countdown_ = kCountdown;
    pressed_ = Keys();
  }
  void hold(const Keys& down) { down_ = down; }
  void press(const Keys& keys) { pressed_ = Keys(pressed_.bits() | keys.bits()); }
  void forget_presses() { pressed_ = Keys(); }

  bool is_counting_down() const { return countdown_ > 0; }
  /// The number that is left to be shown: 3, 2, 1, 0.
  int count_down(double seconds) {
    countdown_ = std::max(countdown_ - seconds, 0.0);
    return static_cast<int>(std::ceil(2 * countdown_));
  }
  /// Those of the next step.
  Keys take_keys() {
    const Keys keys(down_.bits() | pressed_.bits());
    pressed_ = Keys();
    return keys;
  }

 private:
  static constexpr double kCountdown = 1.5;  // seconds

  Keys down_, pressed_;
  double countdown_ = 0;
};

}  // namespace tern
