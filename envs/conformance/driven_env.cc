#include "envs/conformance/driven_env.h"

#include <algorithm>
#include <limits>

#include "envs/player_rewards.h"
#include "envs/random_action.h"

namespace tern {
namespace {

constexpr double kEarlyReset = 0.01;  // probability of a reset in the middle of an episode
constexpr double kWildAction = 0.2;   // probability that a Box action is on the border or beyond

}  // namespace

std::string action_text(ActionRow action) {
  std::string text;
  for (const std::int32_t choice : action.ints()) {
    text += (text.empty() ? "" : ", ") + std::to_string(choice);
  }
  for (const float value : action.floats()) {
    text += (text.empty() ? "" : ", ") + format_number(static_cast<double>(value));
  }
  return action.ints().size() == 1 ? text : "[" + text + "]";
}

DrivenEnv::DrivenEnv(std::unique_ptr<Env> env, std::uint64_t seed, std::uint8_t poison)
    : env_(std::move(env)),
      spec_(env_->spec()),
      poison_(poison),
      rng_(seed, "conformance env"),
      driver_rng_(seed, "conformance actions"),
      obs_(spec_.obs.used_bytes()),
      mask_(spec_.action.mask_size()),
      action_(4 * spec_.action.size()),
      chosen_(action_.size()),
      obs_rows_(obs_.data(), spec_.obs, 1),
      action_rows_(action_.data(), spec_.action, 1),
      terms_(sizeof(float) * spec_.reward_terms.size()),
      metrics_(sizeof(float) * spec_.metrics.size()),
      player_rewards_(spec_.players > 1 ? sizeof(float) * static_cast<std::size_t>(spec_.players)
                                        : 0),
      info_(sizeof(float) * spec_.info.size()) {}

void DrivenEnv::restart(std::uint64_t seed) {
  rng_ = Rng(seed, "conformance env");
  driver_rng_ = Rng(seed, "conformance actions");
  needs_reset_ = true;
  episode_ = 0;
  hash_anew();
}

void DrivenEnv::advance() {
  for (GuardedRow* const row : {&terms_, &metrics_, &player_rewards_, &info_}) {
    const FloatRow values = floats(*row);
    std::fill(values.begin(), values.end(), std::numeric_limits<float>::quiet_NaN());
  }
  was_reset_ = needs_reset_;
  if (was_reset_) {
    reset_env();
  } else {
    step_env();
  }
  std::fill_n(mask_.data(), mask_.size(), poison_);
  if (!mask_.empty()) env_->action_mask(mask());
  hash_.add(obs_.data(), obs_.size());
  hash_.add(mask_.data(), mask_.size());
  if (info_.empty()) return;
  env_->info(floats(info_));
  hash_.add(info());
}

void DrivenEnv::reset_env() {
  ++episode_;
  length_ = 0;
  has_ended_ = needs_reset_ = false;
  std::fill_n(obs_.data(), obs_.size(), poison_);
  const std::uint64_t level = spec_.num_levels == 0 ? 0 : driver_rng_.next() % spec_.num_levels;
  ResetContext ctx{rng_, level};
  env_->reset(ctx, obs());
}

void DrivenEnv::step_env() {
  choose_action();
  std::fill_n(obs_.data(), obs_.size(), poison_);
  std::copy_n(action_.data(), action_.size(), chosen_.begin());
  ++length_;
  if (spec_.players > 1) mover_ = mover_of(*env_, spec_);
  result_ = env_->step(action(), rng_, obs());
  if (!terms_.empty()) env_->reward_terms(floats(terms_));
  if (spec_.players > 1) {
    get_player_rewards(*env_, mover_, result_.reward, floats(player_rewards_));
    hash_.add(mover_);
    hash_.add(player_rewards());
  }
  const bool limit = spec_.max_episode_steps > 0 && length_ >= spec_.max_episode_steps;
  has_ended_ = result_.terminated || result_.truncated || limit;
  if (has_ended_ && !metrics_.empty()) env_->metrics(floats(metrics_));
  needs_reset_ = has_ended_ || driver_rng_.chance(kEarlyReset);

  hash_.add(result_.reward);
  hash_.add(result_.terminated);
  hash_.add(result_.truncated);
  hash_.add(terms());
  hash_.add(metrics());
}

void DrivenEnv::choose_action() {
  const MutableActionRow row = action_rows_[0];
  random_action(spec_.action, mask(), driver_rng_, row);
  if (!spec_.action.is_box() || !driver_rng_.chance(kWildAction)) return;
  const bool is_beyond = driver_rng_.chance(0.5);
  for (std::size_t i = 0; i < spec_.action.size(); ++i) {
    const ActionComponent& component = spec_.action.components()[i];
    const bool is_high = driver_rng_.chance(0.5);
    const double border = is_high ? component.high : component.low;
    if (border == kUnbounded || border == -kUnbounded) continue;
    row[i] = static_cast<float>(border + (is_beyond ? (is_high ? 10 : -10) : 0));
  }
}

std::string DrivenEnv::where() const {
  if (was_reset_) return "reset " + std::to_string(episode_);
  return "step " + std::to_string(length_) + " of episode " + std::to_string(episode_) +
         ", action " + action_text(action());
}

std::string DrivenEnv::damage() const {
  struct Named {
    const char* name;
    const GuardedRow& row;
  };
  for (const auto& [name, row] :
       {Named{"observation", obs_}, Named{"mask", mask_}, Named{"reward terms", terms_},
        Named{"metrics", metrics_}, Named{"players' rewards", player_rewards_},
        Named{"info values", info_}, Named{"action", action_}}) {
    const std::string overrun = row.overrun();
    if (overrun.empty()) continue;
    const bool is_bytes = &row == &mask_ || (&row == &obs_ && spec_.obs.num_bytes() > 0);
    return overrun_text(name, row.size(), is_bytes, overrun);
  }
  if (!was_reset_ && length_ > 0 && !std::equal(chosen_.begin(), chosen_.end(), action_.data())) {
    return "the action that was passed in was changed";
  }
  return "";
}

void DrivenEnv::save(StateWriter& out) const {
  out.write(rng_, driver_rng_, needs_reset_, episode_, length_,
            Row<const std::uint8_t>(mask_.data(), mask_.size()));
  env_->save(out);
}

bool DrivenEnv::load(StateReader& in) {
  in.read(rng_, driver_rng_, needs_reset_, episode_, length_, mask());
  hash_anew();
  return env_->load(in);
}

}  // namespace tern
