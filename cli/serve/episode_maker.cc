#include "cli/serve/episode_maker.h"

#include <chrono>
#include <exception>
#include <new>
#include <utility>

#include "agents/run/checkpoint.h"
#include "agents/run/run_env.h"
#include "cli/process/agents_library.h"
#include "core/error.h"
#include "core/files/json.h"
#include "render/episode_page.h"
#include "render/episode_why.h"
#include "render/play_episode.h"

namespace tern::cli {
namespace {

constexpr std::chrono::seconds kLongestWait{30};
constexpr double kMostExplaining = 10;                             // seconds of an episode
constexpr std::size_t kMostDrawingBytes = std::size_t{128} << 20;  // a page of about 25 MB
constexpr std::size_t kMostBytes = std::size_t{64} << 20;  // of the episodes that are kept

std::string policy_key(const EpisodeWish& wish, const Manifest& manifest) {
  return wish.run + "@" + std::to_string(wish.checkpoint) + " " + manifest.parameters_sha256;
}

/// What a person should know of the episode; change: of the plugin.
std::string warning_of(const std::string& change, const Episode& episode, bool has_ended) {
  if (has_ended) return change;
  return change + (change.empty() ? "" : ". ") + "The episode is shown up to step " +
         std::to_string(episode.steps()) + ": its pictures are large.";
}

/// The run's options, as those of `tern record`.
EpisodeOptions episode_options(const RunConfig& config, std::uint64_t seed, bool stochastic,
                               int cut_after) {
  EpisodeOptions options;
  options.seed = seed;
  options.stochastic = stochastic;
  options.cut_after = cut_after;
  options.level_begin = static_cast<std::uint64_t>(config.run.eval_level_begin);
  options.level_end = static_cast<std::uint64_t>(config.run.eval_level_end);
  return options;
}

}  // namespace

Episode play_for_page(EpisodePlayer& player, Policy* policy, std::size_t most_bytes) {
  player.start(policy);
  Episode episode = begin_episode(player);
  while (!player.has_ended() && episode.drawings.bytes() < most_bytes) {
    player.step(policy);
    add_moment(episode, player);
  }
  return episode;
}

class EpisodeMaker::Turn {
 public:
  explicit Turn(EpisodeMaker& maker) : maker_(maker) {
    std::unique_lock<std::mutex> lock(maker_.mutex_);
    if (!maker_.free_.wait_for(lock, kLongestWait, [&] { return !maker_.is_taken_; })) {
      throw Error::failure("another episode is still being played; try again");
    }
    maker_.is_taken_ = true;
  }
  ~Turn() {
    const std::lock_guard<std::mutex> lock(maker_.mutex_);
    maker_.is_taken_ = false;
    maker_.free_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  EpisodeMaker& maker_;
};

std::shared_ptr<const std::string> EpisodeMaker::make(const EpisodeWish& wish) {
  const Turn turn(*this);
  const Manifest manifest = Checkpoint(wish.run, wish.checkpoint).manifest();
  const std::string key = policy_key(wish, manifest) + " " + std::to_string(wish.number);
  if (auto text = find(key)) return text;
  std::shared_ptr<const std::string> text;
  try {
    text = std::make_shared<const std::string>(play(wish, manifest));
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw Error::failure("there is not enough memory for this episode");
  } catch (const std::exception& error) {  // of a library, or of an env
    throw Error::failure(std::string("the episode could not be played: ") + error.what());
  }
  keep(key, text);
  return text;
}

const EnvEntry& EpisodeMaker::find_env(const EpisodeWish& wish, const Manifest& manifest) {
  RunEnvWords words{"serve", "", options_.trusted.count(wish.run) > 0};
  const auto plugin = options_.plugins.find(wish.run);
  const bool is_elsewhere = plugin != options_.plugins.end() && placed_.count(wish.run) == 0;
  if (is_elsewhere) words.env = plugin->second;
  const EnvEntry& entry = find_run_env({wish.run, wish.checkpoint}, manifest, words);
  if (is_elsewhere) placed_.insert(wish.run);
  return entry;
}

std::string EpisodeMaker::play(const EpisodeWish& wish, const Manifest& manifest) {
  const EnvEntry& entry = find_env(wish, manifest);
  const std::string change = plugin_change(wish.run, manifest, entry);
  if (const std::string key = policy_key(wish, manifest); key != policy_key_) {
    policy_ = agents_library().load_policy(wish.run + "@" + std::to_string(wish.checkpoint));
    policy_key_ = key;
  }
  const std::uint64_t seed = options_.seed + static_cast<std::uint64_t>(wish.number - 1);
  EpisodePlayer player(
      entry, manifest.config.env,
      episode_options(manifest.config, seed, options_.stochastic, options_.cut_after));
  Episode episode = play_for_page(player, policy_.get(), kMostDrawingBytes);
  explain_episode(episode, policy_.get(), {options_.explains, kMostExplaining});
  const Json facts = {{"checkpoint", wish.checkpoint},
                      {"number", wish.number},
                      {"seed", std::to_string(seed)},
                      {"warning", warning_of(change, episode, player.has_ended())}};
  std::string text = facts.dump();
  text.pop_back();  // the brace: the episode follows
  return text + ",\"page\":" + episode_page_data({episode}) + "}";
}

std::shared_ptr<const std::string> EpisodeMaker::find(const std::string& key) const {
  for (const Made& made : made_) {
    if (made.key == key) return made.text;
  }
  return nullptr;
}

void EpisodeMaker::keep(const std::string& key, std::shared_ptr<const std::string> text) {
  made_.push_back({key, std::move(text)});
  std::size_t bytes = 0;
  for (const Made& made : made_) bytes += made.text->size();
  while (bytes > kMostBytes) {
    bytes -= made_.front().text->size();
    made_.pop_front();
  }
}

}  // namespace tern::cli
