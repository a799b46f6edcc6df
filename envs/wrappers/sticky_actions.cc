#include "envs/wrappers/sticky_actions.h"

#include <utility>

namespace tern {

StickyActions::StickyActions(std::unique_ptr<Env> inner, double probability)
    : EnvWrapper(std::move(inner)), probability_(probability), mask_(spec_.action.mask_size()) {}

void StickyActions::reset(ResetContext& ctx, ObsRow obs) {
  has_previous_ = false;
  inner_->reset(ctx, obs);
}

StepResult StickyActions::step(ActionRow action, Rng& rng, ObsRow obs) {
  // The draw is made at every step, so that what follows does not depend on masks.
  const bool sticks = rng.chance(probability_);
  if (!sticks || !has_previous_ || !is_allowed(previous())) {
    previous_choice_.assign(action.ints().begin(), action.ints().end());
    previous_numbers_.assign(action.floats().begin(), action.floats().end());
    has_previous_ = true;
  }
  return inner_->step(previous(), rng, obs);
}

ActionRow StickyActions::previous() const {
  return spec_.action.is_box() ? ActionRow(Row<const float>(previous_numbers_))
                               : ActionRow(Row<const std::int32_t>(previous_choice_));
}

bool StickyActions::is_allowed(ActionRow action) {
  if (!spec_.has_masks) return true;
  inner_->action_mask(MaskRow(mask_));
  std::size_t first = 0;  // flag of the component
  for (std::size_t i = 0; i < action.size(); ++i) {
    if (mask_[first + static_cast<std::size_t>(action.discrete(i))] == 0) return false;
    first += spec_.action.options(i);
  }
  return true;
}

void StickyActions::save(StateWriter& out) const {
  inner_->save(out);
  out.write(has_previous_, previous_choice_, previous_numbers_);
}

bool StickyActions::load(StateReader& in) {
  if (!inner_->load(in)) return false;
  in.read(has_previous_, previous_choice_, previous_numbers_);
  const std::size_t size = has_previous_ ? spec_.action.size() : 0;
  bool fits = !has_previous_ || (spec_.action.is_box() ? previous_numbers_.size() == size
                                                        : previous_choice_.size() == size);
  for (std::size_t i = 0; fits && has_previous_ && i < previous_choice_.size(); ++i) {
    const std::int32_t choice = previous_choice_[i];
    fits = choice >= 0 && static_cast<std::size_t>(choice) < spec_.action.options(i);
  }
  check_saved(fits, "the action before is none of " + spec_.id);
  return true;
}

}  // namespace tern
