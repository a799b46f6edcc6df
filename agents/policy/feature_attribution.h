#pragma once
// Attributes an output of a policy to the numbers of an observation: what all policies share.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agents/nn/network.h"
#include "agents/policy/observation_encoder.h"
#include "core/attribution.h"

namespace tern {

/// A number that follows from features: log pi(a | s), V(s). features: [rows, F], dense. Writes it
/// to `values`, [rows], and unless `gradients` is null d value / d features, [rows, F].
using FeatureOutput =
    std::function<void(std::size_t rows, const float* features, double* values, float* gradients)>;

/// A number that follows from a row of a network's heads, dense. gradient: d number / d heads, all
/// 0 to begin with; empty where it is not asked for.
using HeadOutput =
    std::function<double(std::size_t row, Row<const float> heads, Row<float> gradient)>;

/// The same as a function of features. rest: what stands behind them in each row that the network
/// reads, late inputs and state, held fixed; as many numbers as its rows are longer than features.
FeatureOutput feature_output(Network& network, std::vector<float> rest, HeadOutput output);

/// "mean of torque", one for each Box component.
std::vector<std::string> mean_outputs(const ActionSpace& space);
/// Throws Error unless there is an output of that number.
void check_attributable(std::size_t output, const std::vector<std::string>& outputs);

/// The choice of each component. Throws Error unless they are those of `space`.
std::vector<std::int32_t> checked_choices(ActionRow action, const ActionSpace& space);
/// The same of real components, as they are.
std::vector<float> checked_reals(ActionRow action, const ActionSpace& space);

/// Attributes `output` to the elements of an observation. Throws Error where features or the output
/// are not finite. Integrated gradients take as many points of the line as it needs for them to add
/// up to the difference of the outputs but for 0.4 %, at most 4096 at each of five tries (of more
/// than 4096 features 1024).
Attribution attribute_features(const ObservationEncoder& encoder, ConstObsRow obs,
                               AttributionMethod method, const FeatureOutput& output);

}  // namespace tern
