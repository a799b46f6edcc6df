#include "render/episode_why.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "core/error.h"
#include "render/explainer.h"

namespace tern {
namespace {

constexpr std::size_t kMostCheapNumbers = 64;
constexpr std::size_t kMostOutputs = 6, kMethods = 3;
constexpr std::size_t kMostScores = 120'000;  // of small observations, about 0.8 MB of a page

/// As much of a frame as an explanation reads.
FrameData asked_frame(const Episode& episode, const Moment& moment) {
  FrameData frame;
  frame.spec = episode.spec;
  frame.obs = moment.obs;
  frame.obs.insert(frame.obs.end(), moment.obs_bytes.begin(), moment.obs_bytes.end());
  frame.mask = moment.mask;
  frame.action = moment.action;
  frame.policy_action = moment.policy_action;
  frame.policy_state = moment.policy_state;
  return frame;
}

std::size_t num_explained_outputs(const Episode& episode, bool is_cheap) {
  const std::size_t scores = kMethods * episode.moments.size() * episode.spec->obs.size();
  return is_cheap ? std::clamp<std::size_t>(kMostScores / std::max<std::size_t>(scores, 1), 1,
                                            kMostOutputs)
                  : 1;
}

/// One of each that is explained, still without moments, and the number of its output.
std::vector<std::pair<EpisodeWhy, std::size_t>> plan_of(const std::vector<std::string>& outputs,
                                                        std::size_t most, bool is_cheap) {
  std::vector<std::pair<EpisodeWhy, std::size_t>> plan;
  const std::size_t count = std::min(outputs.size(), most);
  for (std::size_t output = 0; output < count; ++output) {
    for (const AttributionMethod method :
         {AttributionMethod::kGradientTimesInput, AttributionMethod::kIntegratedGradients,
          AttributionMethod::kOcclusion}) {
      if (!is_cheap && method != AttributionMethod::kIntegratedGradients) continue;
      plan.push_back({{method, outputs[output], {}}, output});
    }
  }
  return plan;
}

}  // namespace

bool is_cheap_to_explain(const EnvSpec& spec) {
  const std::vector<Field>& fields = spec.obs.fields();
  return spec.obs.size() <= kMostCheapNumbers &&
         std::none_of(fields.begin(), fields.end(),
                      [](const Field& field) { return field.is_image(); });
}

void explain_episode(Episode& episode, Policy* policy, const WhyOptions& options) {
  using Clock = std::chrono::steady_clock;
  const bool is_cheap = is_cheap_to_explain(*episode.spec);
  if (policy == nullptr || !(is_cheap || options.is_wanted)) return;
  const Clock::time_point began = Clock::now();
  auto plan =
      plan_of(policy->attributable_outputs(), num_explained_outputs(episode, is_cheap), is_cheap);
  for (const Moment& moment : episode.moments) {
    const FrameData frame = asked_frame(episode, moment);
    const bool is_late =
        std::chrono::duration<double>(Clock::now() - began).count() > options.most_seconds;
    for (auto& [why, output] : plan) {
      Attribution& attribution = why.moments.emplace_back();
      if (is_late || moment.action.empty()) continue;
      try {
        attribution = attribution_of(*policy, frame, why.method, output);
      } catch (const Error&) {
        attribution = {};  // its features or the output are not finite
      }
    }
  }
  for (auto& [why, output] : plan) episode.why.push_back(std::move(why));
}

}  // namespace tern
