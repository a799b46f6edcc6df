#include "render/game.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "render/play_episode.h"

namespace tern {

Game::Game(std::unique_ptr<EpisodePlayer> player, const std::string& instead)
    : Viewer(std::move(player), [] { return nullptr; }) {
  if (this->player().frame().key_help.empty()) {
    throw Error(this->player().spec().id + " has no keys for a player. " + instead);
  }
  set_help(true);
}

void Game::play(const PlayerInput& input) {
  steering().hold(input.held);
  if (input.presses.empty() || is_paused()) return;
  if (player().has_ended()) {
    // A key too many is no wish to go on.
    const bool has_enter = std::any_of(input.presses.begin(), input.presses.end(),
                                       [](const Keys& keys) { return keys[Key::kEnter]; });
    if (has_enter && !is_end_held()) next_episode();
    return;
  }
  is_waiting_ = false;
  set_help(false);
  steer(input);
}

void Game::pass(double seconds) {
  if (player().has_ended()) return hold_end(seconds);
  if (is_waiting_ || player().spec().turn_based) return;
  if (counted_ != player().frame().episode) {
    counted_ = player().frame().episode;
    steering().begin();
  }
  pass_steered(seconds);
}

void Game::take_chosen_step() {
  keep_choice();
  Viewer::take_chosen_step();
  keep_step();
}

void Game::keep_choice() {
  if (!sink_) return;
  EpisodePlayer& player = this->player();
  const bool is_new = !kept_ || kept_->number != player.frame().episode;
  if (is_new) kept_ = begin_episode(player);
  kept_->moments.back().action = player.frame().action;
}

void Game::keep_step() {
  if (!kept_) return;
  add_moment(*kept_, player());
  kept_->moments.back().action.clear();  // none was chosen yet
  if (!player().has_ended()) return;
  try {
    show_notice(sink_(*kept_));
  } catch (const Error& error) {  // a full disk does not end the game
    show_notice(error.what());
  }
  kept_.reset();
}

void Game::leave() {
  const bool is_present = kept_ && kept_->number == player().frame().episode;
  if (is_present && kept_->steps() > 0) sink_(*kept_);
  kept_.reset();
}

}  // namespace tern
