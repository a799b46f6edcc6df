#pragma once
// Episodes for the page, played when they are asked for.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "agents/run/manifest.h"
#include "core/policy.h"
#include "envs/env_entry.h"
#include "render/episode.h"
#include "render/episode_player.h"

namespace tern::cli {

struct EpisodeWish {
  std::string run;              // its folder
  std::int64_t checkpoint = 0;  // step; one that the run has
  int number = 1;               // of the episodes that this policy plays, from 1 on
};

/// Thread-safe; plays one episode at a time.
class EpisodeMaker {
 public:
  struct Options {
    std::uint64_t seed = 0;         // of episode 1; of each one after it one more
    bool stochastic = false;        // draw actions as in training instead of taking the best
    bool explains = false;          // the steps, also where it takes long (render/episode_why.h)
    int cut_after = 5000;           // steps of an episode
    std::set<std::string> trusted;  // folders of runs whose plugin may be loaded, now and later
    std::map<std::string, std::string> plugins;  // where that of a run lies now, by its folder
  };
  explicit EpisodeMaker(Options options) : options_(std::move(options)) {}

  /// {"checkpoint", "number", "seed", "warning", "page": episode_page_data()}. The episode is that
  /// of `tern record RUN@checkpoint --seed seed`. Throws Error that says why there is none: a
  /// checkpoint that is gone or damaged, a plugin that is missing or not trusted.
  std::shared_ptr<const std::string> make(const EpisodeWish& wish);

 private:
  struct Made {
    std::string key;
    std::shared_ptr<const std::string> text;
  };

  std::string play(const EpisodeWish& wish, const Manifest& manifest);
  const EnvEntry& find_env(const EpisodeWish& wish, const Manifest& manifest);
  std::shared_ptr<const std::string> find(const std::string& key) const;
  void keep(const std::string& key, std::shared_ptr<const std::string> text);

  /// Waits until nobody else plays; ends with this object.
  class Turn;

  const Options options_;
  std::mutex mutex_;
  std::condition_variable free_;
  bool is_taken_ = false;  // guarded by the mutex
  // Below: of whose turn it is.
  std::set<std::string> placed_;  // runs whose plugin was loaded from Options::plugins
  std::deque<Made> made_;  // the last ones
  std::string policy_key_;
  std::shared_ptr<Policy> policy_;  // that played last
};

/// The player's next episode, to its end or until its drawings take so many bytes. policy: null for
/// random actions.
Episode play_for_page(EpisodePlayer& player, Policy* policy, std::size_t most_bytes);

}  // namespace tern::cli
