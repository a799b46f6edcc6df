#pragma once
// The last episodes that a window showed, and the place in them that it shows now.

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "render/episode.h"
#include "render/episode_player.h"

namespace tern {

/// What two episodes side by side are called.
struct SideNames {
  std::string first, second;
};

/// Of episodes side by side the shorter one stays at its end until the longer one is over. Not
/// thread-safe.
class TimeLine {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20;

  /// Beyond `most_bytes` the oldest episodes are forgotten; of one that is larger by itself, its
  /// beginning.
  explicit TimeLine(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  /// The player began an episode, and `other` one beside it; from now on that is shown.
  void begin(EpisodePlayer& player, EpisodePlayer* other = nullptr, const SideNames& names = {});
  /// Both went on from moment t of one episode (EpisodePlayer::go_on_from) and decided differently:
  /// its copy up to there, and the two futures.
  void begin_branch(const Episode& past, std::size_t t, EpisodePlayer& player, EpisodePlayer& other,
                    const SideNames& names);
  /// The player took a step, and so did `other`, unless their episodes were over. Shown at once,
  /// unless an earlier moment was.
  void add(EpisodePlayer& player, EpisodePlayer* other = nullptr);

  /// One went on from moment t of an episode (EpisodePlayer::go_on_from): its copy up to there, and
  /// what comes.
  void begin_from(const Episode& past, std::size_t t, EpisodePlayer& player);
  /// The player decided on another action at the newest moment.
  void set_action(EpisodePlayer& player);

  /// The newest moment is shown.
  bool is_live() const;
  const Episode& episode() const { return shown().first; }
  /// The one beside it; null: there is none.
  const Episode* second_episode() const { return shown().second ? &*shown().second : nullptr; }
  /// The first step of both at which their states or actions differ.
  std::optional<int> first_difference() const { return shown().first_difference; }
  /// The moment that is shown, and the last one that there is.
  std::size_t now() const { return now_; }
  std::size_t last() const { return shown().last(); }
  /// The moment of an episode that stands there while `now` is shown.
  std::size_t now_of(const Episode& episode) const;
  std::size_t num_episodes() const { return episodes_.size(); }
  /// What is shown of an episode, which is one of the two.
  FrameData frame_in(const Episode& episode) const;
  FrameData frame() const { return frame_in(episode()); }
  /// Sets where the time line of a frame begins, ends and stands.
  void set_place(FrameData& frame) const;

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
  /// One episode, or two side by side.
  struct Shown {
    Episode first;
    std::optional<Episode> second;
    std::optional<int> first_difference;

    int first_step() const;
    std::size_t last() const;
    std::size_t bytes() const;
    void set_names(const SideNames& names);
    void compare(std::size_t t);
  };
  const Shown& shown() const { return episodes_[shown_]; }
  void forget();

  std::size_t most_bytes_;
  std::deque<Shown> episodes_;
  std::size_t shown_ = 0, now_ = 0;
};

}  // namespace tern
