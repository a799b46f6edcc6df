#include "envs/wrappers/action_delay.h"

#include <string>
#include <utility>

#include "envs/action_mask.h"
#include "envs/check_action.h"
#include "envs/player_rewards.h"

namespace tern {

ActionDelay::ActionDelay(std::unique_ptr<Env> inner, int delay)
    : EnvWrapper(std::move(inner)),
      delay_(static_cast<std::size_t>(delay)),
      waiting_(static_cast<std::size_t>(spec_.players)),
      mask_(spec_.has_masks ? spec_.action.mask_size() : 0) {}

void ActionDelay::reset(ResetContext& ctx, ObsRow obs) {
  for (Waiting& waiting : waiting_) {
    waiting.choices.clear();
    waiting.numbers.clear();
  }
  inner_->reset(ctx, obs);
}

StepResult ActionDelay::step(ActionRow action, Rng& rng, ObsRow obs) {
  const int mover = spec_.players > 1 ? mover_of(*inner_, spec_) : 0;
  Waiting& waiting = waiting_[static_cast<std::size_t>(mover)];
  while (values(waiting) < delay_ * spec_.action.size()) append(action, waiting);
  append(action, waiting);
  const ActionRow due = row(waiting, 0);
  const StepResult result = inner_->step(may_execute(due) ? due : action, rng, obs);
  drop_first(waiting);
  return result;
}

ActionRow ActionDelay::row(const Waiting& waiting, std::size_t i) const {
  const std::size_t size = spec_.action.size();
  return spec_.action.is_box()
             ? ActionRow(Row<const float>(waiting.numbers).subrow(i * size, size))
             : ActionRow(Row<const std::int32_t>(waiting.choices).subrow(i * size, size));
}

void ActionDelay::append(ActionRow action, Waiting& waiting) const {
  waiting.choices.insert(waiting.choices.end(), action.ints().begin(), action.ints().end());
  waiting.numbers.insert(waiting.numbers.end(), action.floats().begin(), action.floats().end());
}

void ActionDelay::drop_first(Waiting& waiting) const {
  const auto drop = [this](auto& row) {
    if (row.empty()) return;
    row.erase(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(spec_.action.size()));
  };
  drop(waiting.choices);
  drop(waiting.numbers);
}

bool ActionDelay::may_execute(ActionRow action) {
  if (!mask_.empty()) inner_->action_mask(MaskRow(mask_));
  return is_allowed(spec_.action, MaskRow(mask_), action);
}

void ActionDelay::save(StateWriter& out) const {
  inner_->save(out);
  for (const Waiting& waiting : waiting_) out.write(waiting.choices, waiting.numbers);
}

bool ActionDelay::load(StateReader& in) {
  if (!inner_->load(in)) return false;
  for (Waiting& waiting : waiting_) {
    in.read(waiting.choices, waiting.numbers);
    if (values(waiting) == 0) continue;
    const std::size_t of_kind =
        spec_.action.is_box() ? waiting.numbers.size() : waiting.choices.size();
    check_saved(of_kind == values(waiting) && of_kind == delay_ * spec_.action.size(),
                spec_.id + ": delayed actions of " + std::to_string(values(waiting)) +
                    " values; expected " + std::to_string(delay_ * spec_.action.size()));
    for (std::size_t i = 0; i < delay_; ++i) check_action(spec_, row(waiting, i));
  }
  return true;
}

}  // namespace tern
