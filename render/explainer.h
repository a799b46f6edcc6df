#pragma once
// Why a policy does what it does at a moment: what a viewer asks of it, and keeps while it is
// shown.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/attribution.h"
#include "core/policy.h"
#include "render/frame_data.h"

namespace tern {

/// Asks only when a moment is shown, and once for each. Not thread-safe.
class Explainer {
 public:
  /// From none to gradient x input, integrated gradients, occlusion, and to none again.
  void show_next_method();
  /// From what the policy does to the next of its outputs.
  void show_next_output() { ++output_; }
  bool is_on() const { return method_.has_value(); }
  /// Null while it is off. A policy that cannot say why has a sentence.
  std::shared_ptr<const Explanation> explain(Policy* policy, const FrameData& frame);

 private:
  /// What an explanation was made of.
  struct Question {
    Policy* policy = nullptr;
    std::optional<AttributionMethod> method;
    std::size_t output = 0;
    std::vector<float> obs, action, state;
    std::vector<std::uint8_t> mask;
    std::int64_t policy_step = 0;
    bool operator==(const Question&) const = default;
  };

  Explanation answer(Policy* policy, const FrameData& frame) const;

  std::optional<AttributionMethod> method_;
  std::size_t output_ = 0;  // counted on; of the policy's, the rest
  Question question_;
  std::shared_ptr<const Explanation> explanation_;
};

/// What the action, or where a person steers what the policy would do instead, owes to each number
/// of the frame's observation. Throws Error as Policy::attribute() does. Reads nothing of the frame
/// but spec, obs, mask, actions and policy_state.
Attribution attribution_of(Policy& policy, const FrameData& frame, AttributionMethod method,
                           std::size_t output);

/// One number of the observation, or one image, and what the output owes to it.
struct ScoreBar {
  std::string name;  // "pole angle", "rays 3"
  double score = 0;  // of an image the sum; by occlusion that of the patch with the largest
  float to = 0.5f;   // of its bar, from 0.5 on, on a scale that all bars have
};

/// ScoreBar::score of an image.
double image_score(const std::vector<double>& scores, const Field& field, bool is_occlusion);
/// In the order of the row, or of more than `most` those with the largest |score|, largest first.
/// Empty without an attribution.
std::vector<ScoreBar> score_bars(const FrameData& frame, std::size_t most);
/// How many of them there are without that limit.
std::size_t num_scores(const FrameData& frame);
/// "0.35", "-2.1e-05".
std::string score_text(double score);
/// "integrated gradients"; "" while nothing is explained.
std::string method_label(const FrameData& frame);

}  // namespace tern
