// Two episodes side by side in a viewer: the futures of a branch, or those of two policies.

#include <utility>

#include "core/error.h"
#include "render/viewer.h"

namespace tern {

void Viewer::compare_with(Rival rival) {
  pair_ = std::make_unique<Pair>();
  pair_->second = std::move(rival.player);
  pair_->second_source = std::move(rival.source);
  pair_->names = std::move(rival.names);
  pair_->second_policy = pair_->second_source();
  pair_->second->start_as(*player_, pair_->second_policy.get());
  time_line_ = TimeLine();
  time_line_.begin(*player_, second(), pair_->names);
  has_changed_ = true;
}

Policy* Viewer::policy_in_panel() const {
  const bool is_rival = pair_ && !pair_->is_branch && frame_.is_second;
  return is_rival ? pair_->second_policy.get() : policy_.get();
}

bool Viewer::have_ended() {
  return first().has_ended() && (!pair_ || pair_->second->has_ended());
}

void Viewer::set_other_side() {
  FrameData other =
      is_live() ? second()->frame() : time_line_.frame_in(*time_line_.second_episode());
  other.side = time_line_.second_episode()->side;
  time_line_.set_place(other);
  if (shows_second_) std::swap(frame_, other);
  frame_.is_second = shows_second_;
  frame_.other = std::make_shared<const FrameData>(std::move(other));
}

void Viewer::branch_numbered(std::size_t number) {
  const std::optional<ActionChange> change = numbered_change(frame(), number);
  if (!change)
    return show_notice("there is no action " + std::to_string(number + 1) + " to branch with");
  branch(*change);
}

void Viewer::branch(const ActionChange& change) {
  if (player_->frame().is_by_hand) return;
  if (player_->is_taken_over()) return show_notice("tab hands back; then there are branches");
  if (pair_ && !pair_->is_branch) {
    return show_notice("two policies play side by side already: watch one alone to branch");
  }
  const bool is_second = shows_second_ && time_line_.second_episode() != nullptr;
  const Episode& past = is_second ? *time_line_.second_episode() : time_line_.episode();
  const std::size_t t = time_line_.now_of(past);
  auto pair = std::make_unique<Pair>();
  pair->is_branch = true;
  pair->second_source = source_;
  pair->second_policy = policy_ = source_();
  try {
    for (auto* each : {&pair->first, &pair->second}) {
      *each =
          std::make_unique<EpisodePlayer>(player_->entry(), player_->params(), player_->options());
      (*each)->go_on_from(past, t, policy_.get());
    }
  } catch (const Error& error) {
    return show_notice(std::string("no branch: ") + error.what());
  }
  const FrameData& decided = pair->first->frame();
  const std::optional<std::vector<float>> action = changed_action(decided, change);
  if (!action) return show_notice(change_text(decided, change) + " is not allowed now");
  if (*action == decided.action) {
    return show_notice(change_text(decided, change) + " is what is done anyway");
  }
  pair->second->decide_on(*action);
  pair->names = {"as decided: " + action_label(decided),
                 "instead: " + change_text(decided, change)};
  time_line_.begin_branch(past, t, *pair->first, *pair->second, pair->names);
  pair_ = std::move(pair);
  shows_second_ = is_paused_ = false;
  due_ = 0;
  has_changed_ = true;
}

}  // namespace tern
