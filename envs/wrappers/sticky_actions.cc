#include "envs/wrappers/sticky_actions.h"

#include <string>
#include <utility>

#include "envs/action_mask.h"
#include "envs/check_action.h"
#include "envs/player_rewards.h"

namespace tern {

StickyActions::StickyActions(std::unique_ptr<Env> inner, double probability)
    : EnvWrapper(std::move(inner)),
      probability_(probability),
      previous_(static_cast<std::size_t>(spec_.players)),
      mask_(spec_.has_masks ? spec_.action.mask_size() : 0) {}

void StickyActions::reset(ResetContext& ctx, ObsRow obs) {
  for (Previous& previous : previous_) previous.is_there = false;
  inner_->reset(ctx, obs);
}

StepResult StickyActions::step(ActionRow action, Rng& rng, ObsRow obs) {
  const int mover = spec_.players > 1 ? mover_of(*inner_, spec_) : 0;
  Previous& previous = previous_[static_cast<std::size_t>(mover)];
  // The draw is made at every step, so that what follows does not depend on masks.
  const bool sticks = rng.chance(probability_);
  if (!sticks || !previous.is_there || !may_stick(previous)) {
    previous.choice.assign(action.ints().begin(), action.ints().end());
    previous.numbers.assign(action.floats().begin(), action.floats().end());
    previous.is_there = true;
  }
  return inner_->step(row(previous), rng, obs);
}

ActionRow StickyActions::row(const Previous& previous) const {
  return spec_.action.is_box() ? ActionRow(Row<const float>(previous.numbers))
                               : ActionRow(Row<const std::int32_t>(previous.choice));
}

bool StickyActions::may_stick(const Previous& previous) {
  if (!mask_.empty()) inner_->action_mask(MaskRow(mask_));
  return is_allowed(spec_.action, MaskRow(mask_), row(previous));
}

void StickyActions::save(StateWriter& out) const {
  inner_->save(out);
  for (const Previous& previous : previous_) {
    out.write(previous.is_there, previous.choice, previous.numbers);
  }
}

bool StickyActions::load(StateReader& in) {
  if (!inner_->load(in)) return false;
  for (Previous& previous : previous_) {
    in.read(previous.is_there, previous.choice, previous.numbers);
    if (!previous.is_there) continue;
    if (row(previous).size() != spec_.action.size()) {
      throw Error::failure(spec_.id + ": the saved previous action has " +
                           std::to_string(row(previous).size()) + " values; expected " +
                           std::to_string(spec_.action.size()));
    }
    check_action(spec_, row(previous));
  }
  return true;
}

}  // namespace tern
