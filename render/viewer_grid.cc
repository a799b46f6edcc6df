// Several envs at once in a viewer: one of them is in the panel and on the time line, the others
// keep their own time lines until they are.

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "render/viewer.h"

namespace tern {
namespace {

/// Of the time lines of all envs but the first one shown.
constexpr std::size_t kMostTileBytes = TimeLine::kMostBytes / kMostTiles;

Tile tile_of(const FrameData& frame, std::uint64_t seed) {
  return {frame.env, seed, frame.step, return_text(frame), end_label(frame)};
}

}  // namespace

bool Viewer::is_grid() const {
  return tiles_.size() > 1 && !pair_ && !player_->is_taken_over();
}

void Viewer::show_next_grid() {
  constexpr std::size_t kCounts[] = {4, 9, 16};
  const auto* const next = std::upper_bound(std::begin(kCounts), std::end(kCounts), tiles_.size());
  show_envs(next == std::end(kCounts) ? 1 : *next);
}

void Viewer::show_envs(std::size_t count) {
  if (player_->options().by_hand) return;
  if (player_->is_taken_over()) return show_notice("tab hands back; then there are more envs");
  if (pair_) return show_notice("two episodes play side by side already");
  count = std::clamp<std::size_t>(count, 1, kMostTiles);
  const std::uint64_t first_seed = player_->options().seed - selected_tile_;
  try {
    if (count == 1) {
      tiles_.clear();
      selected_tile_ = 0;
    } else if (count < tiles_.size()) {
      select_tile(std::min(selected_tile_, count - 1));
      tiles_.resize(count);
    } else {
      if (tiles_.empty()) tiles_.emplace_back();  // the one that is shown
      while (tiles_.size() < count) add_tile(first_seed + tiles_.size());
    }
  } catch (const Error& error) {
    show_notice("no more envs: " + std::string(error.what()));
  }
  has_changed_ = true;
}

void Viewer::add_tile(std::uint64_t seed) {
  EpisodeOptions options = player_->options();
  options.seed = seed;
  options.script = nullptr;
  LiveTile tile;
  tile.time_line = TimeLine(kMostTileBytes);
  tile.player = std::make_unique<EpisodePlayer>(player_->entry(), player_->params(), options);
  begin_episode_of(tile);
  tiles_.push_back(std::move(tile));
}

void Viewer::begin_episode_of(LiveTile& tile) {
  tile.player->start(policy_.get());
  tile.time_line.begin(*tile.player);
  tile.hold = kHoldSeconds;
  count_visit(*tile.player);
}

void Viewer::select_tile(std::size_t i) {
  if (i == selected_tile_ || i >= tiles_.size()) return;
  time_line_.go_live();
  LiveTile& now = tiles_[i];
  tiles_[selected_tile_] = {std::exchange(player_, std::move(now.player)),
                            std::exchange(time_line_, std::move(now.time_line)),
                            std::exchange(hold_, now.hold)};
  selected_tile_ = i;
  panel_scroll_ = 0;
  has_changed_ = true;
}

void Viewer::select_neighbour(bool is_next) {
  if (!is_grid()) return show_notice("g shows more envs at once, t goes from one to the next");
  const std::size_t count = tiles_.size();
  select_tile((selected_tile_ + (is_next ? 1 : count - 1)) % count);
}

void Viewer::step_tiles(bool begins_episodes) {
  if (!is_grid()) return;
  std::optional<std::size_t> reached;
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    LiveTile& tile = tiles_[i];
    if (i == selected_tile_) continue;
    if (tile.player->has_ended()) {
      if (begins_episodes) begin_episode_of(tile);
      continue;
    }
    tile.player->step(policy_.get());
    tile.time_line.add(*tile.player);
    count_visit(*tile.player);
    if (!reached && reached_breakpoint(tile.player->frame()) != nullptr) reached = i;
  }
  has_changed_ = true;
  if (!reached || is_paused_) return;
  select_tile(*reached);
  is_paused_ = true;
}

void Viewer::pass_in_tiles(double seconds) {
  if (!is_grid()) return;
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    LiveTile& tile = tiles_[i];
    if (i == selected_tile_ || !tile.player->has_ended()) continue;
    tile.hold -= seconds;
    if (tile.hold > 0) continue;
    policy_ = source_();
    begin_episode_of(tile);
    has_changed_ = true;
  }
}

bool Viewer::is_at_rest() {
  if (!have_ended()) return false;
  if (!is_grid()) return true;
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    if (i != selected_tile_ && !tiles_[i].player->has_ended()) return false;
  }
  return true;
}

void Viewer::set_tiles() {
  frame_.tiles.clear();
  frame_.selected_tile = selected_tile_;
  if (!is_grid()) return;
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    if (i == selected_tile_) {
      frame_.tiles.push_back(tile_of(frame_, player_->options().seed));
    } else {
      EpisodePlayer& player = *tiles_[i].player;
      frame_.tiles.push_back(tile_of(player.frame(), player.options().seed));
    }
  }
}

}  // namespace tern
