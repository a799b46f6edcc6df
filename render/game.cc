#include "render/game.h"

#include <utility>

#include "core/error.h"

namespace tern {

Game::Game(std::unique_ptr<EpisodePlayer> player)
    : Viewer(std::move(player), [] { return nullptr; }) {
  if (this->player().frame().key_help.empty()) {
    throw Error(this->player().spec().id +
                " has no keys for a player. See it with random actions: tern watch " +
                this->player().spec().id);
  }
  set_help(true);
}

void Game::play(const PlayerInput& input) {
  down_ = input.held;
  if (input.presses.empty() || is_paused()) return;
  for (const Keys& press : input.presses) pressed_ = Keys(pressed_.bits() | press.bits());
  if (player().has_ended()) {
    if (is_end_held()) return;  // a key too many is no wish to go on
    next_episode();
  }
  is_waiting_ = false;
  set_help(false);
  if (!player().spec().turn_based) return;
  for (const Keys& press : input.presses) take_step(press);
  pressed_ = Keys();
}

void Game::pass(double seconds) {
  if (player().has_ended()) return hold_end(seconds);
  if (is_waiting_ || player().spec().turn_based) return;
  run_env(seconds, [this] {
    take_step(Keys(down_.bits() | pressed_.bits()));
    pressed_ = Keys();
  });
}

void Game::take_step(const Keys& keys) {
  if (player().has_ended()) return;
  switch (player().choose(keys)) {
    case EpisodePlayer::Choice::kNone:
      return;
    case EpisodePlayer::Choice::kForbidden:
      show_notice("not allowed now");
      return;
    case EpisodePlayer::Choice::kChosen:
      step();
  }
}

}  // namespace tern
