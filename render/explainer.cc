#include "render/explainer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "core/error.h"
#include "render/episode_replay.h"

namespace tern {
namespace {

/// The policy's, also where a person steers.
const std::vector<float>& explained_action(const FrameData& frame) {
  return frame.policy_action.empty() ? frame.action : frame.policy_action;
}

/// The moment's row and action as a policy reads them.
class AskedMoment {
 public:
  explicit AskedMoment(const FrameData& frame) : frame_(frame) {
    const std::size_t floats = frame.spec->obs.num_floats();
    row_.resize(frame.spec->obs.bytes() / sizeof(float) + 1);
    obs_ = ObsRow(row_.data(), floats, frame.spec->obs.num_bytes());
    for (std::size_t i = 0; i < frame.obs.size(); ++i) {
      if (i < floats) {
        obs_.floats()[i] = frame.obs[i];
      } else {
        obs_.bytes()[i - floats] = static_cast<std::uint8_t>(frame.obs[i]);
      }
    }
    const ActionSpace& space = frame.spec->action;
    reals_.resize(space.is_box() ? space.size() : 0);
    choices_.resize(space.is_box() ? 0 : space.size());
    set_action(space, explained_action(frame), action());
  }

  AttributionQuestion question(AttributionMethod method, std::size_t output,
                               std::size_t state_size) {
    AttributionQuestion question;
    question.obs = obs_;
    question.mask = frame_.mask;
    if (frame_.policy_state.size() == state_size) question.state = frame_.policy_state;
    question.action = action();
    question.output = output;
    question.method = method;
    return question;
  }

 private:
  MutableActionRow action() {
    return reals_.empty() ? MutableActionRow(Row<std::int32_t>(choices_))
                          : MutableActionRow(Row<float>(reals_));
  }

  const FrameData& frame_;
  std::vector<float> row_, reals_;
  std::vector<std::int32_t> choices_;
  ObsRow obs_;
};

bool has_scores(const FrameData& frame) {
  return frame.why != nullptr && !frame.obs.empty() &&
         frame.why->attribution.scores.size() == frame.obs.size();
}

std::vector<ScoreBar> all_bars(const FrameData& frame) {
  std::vector<ScoreBar> bars;
  if (!has_scores(frame)) return bars;
  const std::vector<double>& scores = frame.why->attribution.scores;
  const bool is_occlusion = frame.why->method == AttributionMethod::kOcclusion;
  for (const Field& field : frame.spec->obs.fields()) {
    if (field.is_image()) {
      bars.push_back({field.name, image_score(scores, field, is_occlusion)});
      continue;
    }
    for (std::size_t i = 0; i < field.size(); ++i) {
      const std::string name = field.size() > 1 ? field.name + " " + std::to_string(i) : field.name;
      bars.push_back({name, scores[field.offset + i]});
    }
  }
  return bars;
}

}  // namespace

void Explainer::show_next_method() {
  if (!method_) {
    method_ = AttributionMethod::kGradientTimesInput;
  } else if (*method_ == AttributionMethod::kGradientTimesInput) {
    method_ = AttributionMethod::kIntegratedGradients;
  } else if (*method_ == AttributionMethod::kIntegratedGradients) {
    method_ = AttributionMethod::kOcclusion;
  } else {
    method_.reset();
  }
}

std::shared_ptr<const Explanation> Explainer::explain(Policy* policy, const FrameData& frame) {
  if (!method_) return explanation_ = nullptr;
  Question question{
      policy,     method_,          output_, frame.obs, explained_action(frame), frame.policy_state,
      frame.mask, frame.policy_step};
  if (explanation_ != nullptr && question == question_) return explanation_;
  question_ = std::move(question);
  return explanation_ = std::make_shared<const Explanation>(answer(policy, frame));
}

Explanation Explainer::answer(Policy* policy, const FrameData& frame) const {
  Explanation explanation;
  explanation.method = *method_;
  if (policy == nullptr) {
    explanation.refusal = "random actions have no reasons";
    return explanation;
  }
  const std::vector<std::string> outputs = policy->attributable_outputs();
  const std::size_t output = outputs.empty() ? 0 : output_ % outputs.size();
  if (!outputs.empty()) explanation.output = outputs[output];
  if (frame.action.empty()) {
    explanation.refusal = "the episode is over: nothing is decided";
  } else if (policy->step() != frame.policy_step) {
    explanation.refusal = "decided by the policy of step " + count_text(frame.policy_step) +
                          "; now that of " + count_text(policy->step()) + " plays";
  } else {
    try {
      explanation.attribution = attribution_of(*policy, frame, *method_, output);
    } catch (const Error& error) {
      explanation.refusal = error.what();
    }
  }
  return explanation;
}

Attribution attribution_of(Policy& policy, const FrameData& frame, AttributionMethod method,
                           std::size_t output) {
  AskedMoment moment(frame);
  return policy.attribute(moment.question(method, output, policy.state_size()));
}

double image_score(const std::vector<double>& scores, const Field& field, bool is_occlusion) {
  double sum = 0, largest = 0;
  for (std::size_t i = field.offset; i < field.offset + field.size(); ++i) {
    sum += scores[i];
    if (std::fabs(scores[i]) > std::fabs(largest)) largest = scores[i];
  }
  return is_occlusion ? largest : sum;
}

std::vector<ScoreBar> score_bars(const FrameData& frame, std::size_t most) {
  std::vector<ScoreBar> bars = all_bars(frame);
  double largest = 0;
  for (const ScoreBar& bar : bars) {
    if (std::isfinite(bar.score)) largest = std::max(largest, std::fabs(bar.score));
  }
  for (ScoreBar& bar : bars) {
    if (largest > 0 && std::isfinite(bar.score)) {
      bar.to = static_cast<float>(0.5 + 0.5 * bar.score / largest);
    }
  }
  if (bars.size() <= most) return bars;
  std::stable_sort(bars.begin(), bars.end(), [](const ScoreBar& a, const ScoreBar& b) {
    return std::fabs(a.to - 0.5f) > std::fabs(b.to - 0.5f);
  });
  bars.resize(most);
  return bars;
}

std::size_t num_scores(const FrameData& frame) {
  std::size_t count = 0;
  for (const Field& field : frame.spec->obs.fields()) count += field.is_image() ? 1 : field.size();
  return has_scores(frame) ? count : 0;
}

std::string score_text(double score) {
  if (score == 0 || !(std::fabs(score) < 0.01)) return short_number(score);
  char text[32];
  std::snprintf(text, sizeof text, "%.1e", score);
  return text;
}

std::string method_label(const FrameData& frame) {
  return frame.why == nullptr ? "" : attribution_name(frame.why->method);
}

}  // namespace tern
