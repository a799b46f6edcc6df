#pragma once
// Which numbers of an observation an output of a policy rests on. Std only.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/const_views.h"
#include "core/views.h"

namespace tern {

/// How an output f is attributed to the features x of an observation, of which x' = 0 is the
/// baseline: no category, a black pixel, the mean where observations are normalised.
enum class AttributionMethod : std::uint8_t {
  /// x_i df/dx_i.
  kGradientTimesInput,
  /// x_i times the mean of df/dx_i along the straight line from the baseline to x; they sum to
  /// f(x) - f(x'). Source: Sundararajan et al. 2017, "Axiomatic Attribution for Deep Networks",
  /// Eq. 1.
  kIntegratedGradients,
  /// f(x) - f(x where feature i is that of the baseline). Of an image square patches, of which
  /// there
  /// are at most 16 along a side, are left out as wholes; each of their pixels gets the patch's.
  /// Source: Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks".
  kOcclusion
};

/// "gradient x input", "integrated gradients", "occlusion".
constexpr const char* attribution_name(AttributionMethod method) {
  switch (method) {
    case AttributionMethod::kGradientTimesInput:
      return "gradient x input";
    case AttributionMethod::kIntegratedGradients:
      return "integrated gradients";
    case AttributionMethod::kOcclusion:
      break;
  }
  return "occlusion";
}

/// Why does a policy do this? Memory of the caller.
struct AttributionQuestion {
  ConstObsRow obs;         // raw, of the env that the policy was trained on
  ConstMaskRow mask;       // [M]; empty for Box actions
  Row<const float> state;  // [Policy::state_size()] before this step, held fixed; empty: the start
  ActionRow action;        // as the env is handed it, held fixed
  std::size_t output = 0;  // of Policy::attributable_outputs()
  AttributionMethod method = AttributionMethod::kIntegratedGradients;
};

struct Attribution {
  std::vector<double>
      scores;         // [obs.size()], in units of the output; of a category that of the index
  double output = 0;  // f(x)
  double baseline_output = 0;  // f(x')
};

}  // namespace tern
