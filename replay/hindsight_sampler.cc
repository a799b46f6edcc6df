#include "replay/hindsight_sampler.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/number_text.h"

namespace tern {
namespace {

const Field& goal_field(const EnvSpec& spec, const char* name) {
  for (const Field& field : spec.obs.fields()) {
    if (field.name == name) return field;
  }
  throw Error(spec.id + ": hindsight needs an observation with the fields \"achieved goal\" and "
                        "\"desired goal\"; there is no \"" + name + "\"");
}

}  // namespace

HindsightStrategy hindsight_strategy(const std::string& name) {
  if (name == "future") return HindsightStrategy::kFuture;
  if (name == "final") return HindsightStrategy::kFinal;
  if (name == "episode") return HindsightStrategy::kEpisode;
  throw Error("'" + name + "' is no strategy of hindsight; expected future, final or episode");
}

HindsightSampler::HindsightSampler(const EnvSpec& spec, Reward reward, HindsightStrategy strategy,
                                   double ratio, double gamma)
    : reward_(std::move(reward)),
      strategy_(strategy),
      ratio_(ratio),
      gamma_(gamma),
      row_((spec.obs.bytes() + sizeof(float) - 1) / sizeof(float)),
      env_(spec.id) {
  const Field &achieved = goal_field(spec, "achieved goal"), &desired = goal_field(spec, "desired goal");
  if (achieved.size() != desired.size()) {
    throw Error(spec.id + ": the achieved goal has " + std::to_string(achieved.size()) +
                " numbers and the desired one " + std::to_string(desired.size()) +
                "; hindsight needs as many");
  }
  if (achieved.dtype != DType::kFloat32 || desired.dtype != DType::kFloat32 ||
      spec.frame_stack > 1) {
    throw Error(spec.id + ": hindsight needs float32 goals in observations that are not stacked");
  }
  achieved_ = achieved.offset;
  desired_ = desired.offset;
  size_ = achieved.size();
}

std::int64_t HindsightSampler::step_of_goal(const ReplayBuffer::Reader& reader, std::int64_t slot,
                                            Rng& rng) const {
  const std::size_t n = reader.env_of(slot);
  const std::int64_t newest = reader.written(n) - 1, oldest = newest + 1 - reader.stored(n);
  std::int64_t first = reader.step_of(slot), last = first;
  while (last < newest && !reader.ended(reader.slot_of(n, last))) ++last;
  if (strategy_ == HindsightStrategy::kFinal) return last;
  if (strategy_ == HindsightStrategy::kEpisode) {
    while (first > oldest && !reader.begins(reader.slot_of(n, first))) --first;
  }
  return first + rng.below(static_cast<std::uint32_t>(last - first + 1));
}

void HindsightSampler::check_rewards(const ReplayRows& rows) const {
  for (std::size_t k = 0; k < rows.index.size(); ++k) {
    const FloatRow next = rows.next_obs[k].floats();
    const float paid = rows.reward[k];
    const float said =
        reward_(GoalView(next.data() + achieved_, size_), GoalView(next.data() + desired_, size_));
    if (std::abs(paid - said) <= 1e-5f * (1 + std::abs(paid))) continue;
    throw Error(env_ + ": a step paid " + format_number(static_cast<double>(paid)) +
                ", and relabel says " + format_number(static_cast<double>(said)) +
                " of its goals. Hindsight needs a relabel that gives what step() does, and rewards "
                "that no wrapper changes");
  }
}

void HindsightSampler::sample(const ReplayBuffer& buffer, Rng& rng, const ReplayRows& rows) {
  const ReplayBuffer::Reader reader = buffer.read();
  const auto size = static_cast<std::uint32_t>(reader.size());
  if (size == 0) throw Error::failure("the replay buffer is empty: nothing to sample");
  for (std::int64_t& slot : rows.index) slot = rng.below(size);
  reader.gather(rows, {1, gamma_});
  if (!is_checked_) check_rewards(rows);
  is_checked_ = true;
  for (std::size_t k = 0; k < rows.index.size(); ++k) {
    if (rng.uniform() >= ratio_) continue;
    const std::int64_t step = step_of_goal(reader, rows.index[k], rng);
    reader.next_obs(reader.slot_of(reader.env_of(rows.index[k]), step),
                    reinterpret_cast<std::uint8_t*>(row_.data()));
    const GoalView goal(row_.data() + achieved_, size_);
    const FloatRow obs = rows.obs[k].floats(), next = rows.next_obs[k].floats();
    std::copy(goal.begin(), goal.end(), obs.data() + desired_);
    std::copy(goal.begin(), goal.end(), next.data() + desired_);
    rows.reward[k] = reward_(GoalView(next.data() + achieved_, size_), goal);
  }
}

}  // namespace tern
