#pragma once
// The last episodes that a window showed, and the place in them that it shows now.

#include <cstddef>
#include <deque>

#include "render/episode.h"
#include "render/episode_player.h"

namespace tern {

/// Not thread-safe.
class TimeLine {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20;

  /// Beyond `most_bytes` the oldest episodes are forgotten; of one that is larger by itself, its
  /// beginning.
  explicit TimeLine(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  /// The player began an episode; from now on that is shown.
  void begin(EpisodePlayer& player);
  /// The player took a step. Shown at once, unless an earlier moment was.
  void add(EpisodePlayer& player);

  /// The newest moment is shown.
  bool is_live() const;
  const Episode& episode() const { return episodes_[shown_]; }
  /// The moment of episode() that is shown, and the last one that there is.
  std::size_t now() const { return now_; }
  std::size_t last() const { return episode().moments.size() - 1; }
  std::size_t num_episodes() const { return episodes_.size(); }
  FrameData frame() const;

  /// To a moment of the episode that is shown, at most the last.
  void go_to(std::size_t t);
  void go_live();
  /// One moment forth or back, over the ends of episodes. False: there is none.
  bool go_forth();
  bool go_back();
  /// To the first moment of the episode after or before the one that is shown. False: there is none.
  bool go_to_following();
  bool go_to_previous();

 private:
  std::size_t bytes() const;
  void forget();

  std::size_t most_bytes_;
  std::deque<Episode> episodes_;
  std::size_t shown_ = 0, now_ = 0;
};

}  // namespace tern
