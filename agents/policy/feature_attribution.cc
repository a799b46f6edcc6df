#include "agents/policy/feature_attribution.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"

namespace tern {
namespace {

constexpr std::size_t kMostRows = 64;           // of a batch
constexpr std::size_t kMostNumbers = 1u << 20;  // features of a batch
constexpr std::size_t kMostPoints = 4096;       // of a line
constexpr std::size_t kMostPointsOfMany = 1024, kManyFeatures = 4096;
constexpr double kCompleteness = 0.004;
constexpr int kPatchesAlong = 16;         // a side of an image
constexpr std::size_t kMostGroups = 512;  // of a field that is no image

/// Elements of a raw row that are left out together.
using ElementGroup = std::vector<std::size_t>;

std::size_t rows_at_once(std::size_t features) {
  return std::clamp<std::size_t>(kMostNumbers / std::max<std::size_t>(features, 1), 4, kMostRows);
}

/// f(x) in units of one row.
double value_at(const FeatureOutput& output, const std::vector<float>& features) {
  double value = 0;
  output(1, features.data(), &value, nullptr);
  if (!std::isfinite(value)) throw Error("not explained: the output is not a finite number");
  return value;
}

std::vector<double> gradient_times_input(const std::vector<float>& x, const FeatureOutput& output) {
  std::vector<float> gradient(x.size());
  double value = 0;
  output(1, x.data(), &value, gradient.data());
  std::vector<double> scores(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) scores[i] = static_cast<double>(gradient[i]) * x[i];
  return scores;
}

double dot(const float* gradient, const std::vector<float>& x) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += static_cast<double>(gradient[i]) * x[i];
  return sum;
}

/// The mean gradient along the line from the baseline to x, piece by piece by the midpoint rule.
/// How far a piece is off is known, from the outputs at its ends: what is off by more than a
/// tolerance is halved.
class PathIntegral {
 public:
  PathIntegral(const std::vector<float>& x, const FeatureOutput& output, double at_baseline,
               double at_x)
      : x_(x),
        output_(output),
        at_baseline_(at_baseline),
        at_x_(at_x),
        at_once_(rows_at_once(x.size())),
        rows_(at_once_ * x.size()),
        gradients_(rows_.size()),
        values_(at_once_) {}

  /// [features], times x.
  std::vector<double> scores(double tolerance) {
    mean_gradient_.assign(x_.size(), 0.0);
    cut_into_pieces();
    const std::size_t most = x_.size() > kManyFeatures ? kMostPointsOfMany : kMostPoints;
    std::size_t points = 0;
    while (!pieces_.empty()) {
      std::vector<Piece> now(
          pieces_.end() - static_cast<std::ptrdiff_t>(std::min(at_once_, pieces_.size())),
          pieces_.end());
      pieces_.resize(pieces_.size() - now.size());
      compute_middles(now);
      points += now.size();
      const bool may_halve = points + pieces_.size() + 2 * now.size() <= most;
      for (std::size_t r = 0; r < now.size(); ++r)
        take(now[r], r, may_halve ? tolerance : HUGE_VAL);
    }
    std::vector<double> scores(x_.size());
    for (std::size_t i = 0; i < x_.size(); ++i) scores[i] = mean_gradient_[i] * x_[i];
    return scores;
  }

 private:
  /// Of the line, on which x is 1; the outputs at its ends.
  struct Piece {
    double begin = 0, end = 1, at_begin = 0, at_end = 0;
    double length() const { return end - begin; }
    double middle() const { return (begin + end) / 2; }
  };

  void set_row(std::size_t row, double alpha) {
    for (std::size_t i = 0; i < x_.size(); ++i) {
      rows_[row * x_.size() + i] = static_cast<float>(alpha * x_[i]);
    }
  }

  void cut_into_pieces() {
    pieces_.clear();
    double begin = 0, at_begin = at_baseline_;
    for (std::size_t done = 0; done < kPieces;) {
      const std::size_t count = std::min(at_once_, kPieces - done);
      const auto end_of = [&](std::size_t r) {
        return static_cast<double>(done + r + 1) / static_cast<double>(kPieces);
      };
      for (std::size_t r = 0; r < count; ++r) set_row(r, end_of(r));
      output_(count, rows_.data(), values_.data(), nullptr);
      for (std::size_t r = 0; r < count; ++r) {
        const double at_end = done + r + 1 == kPieces ? at_x_ : values_[r];
        pieces_.push_back({begin, end_of(r), at_begin, at_end});
        begin = end_of(r);
        at_begin = at_end;
      }
      done += count;
    }
  }

  void compute_middles(const std::vector<Piece>& pieces) {
    for (std::size_t r = 0; r < pieces.size(); ++r) set_row(r, pieces[r].middle());
    output_(pieces.size(), rows_.data(), values_.data(), gradients_.data());
  }

  /// After compute_middles: adds what the gradient in the middle says, or halves the piece.
  void take(const Piece& piece, std::size_t row, double tolerance) {
    const float* const gradient = gradients_.data() + row * x_.size();
    const double rise = piece.at_end - piece.at_begin;
    const bool is_off = std::fabs(rise - piece.length() * dot(gradient, x_)) > tolerance;
    if (is_off && piece.length() > kShortest) {
      pieces_.push_back({piece.begin, piece.middle(), piece.at_begin, values_[row]});
      pieces_.push_back({piece.middle(), piece.end, values_[row], piece.at_end});
      return;
    }
    for (std::size_t i = 0; i < x_.size(); ++i) {
      mean_gradient_[i] += piece.length() * static_cast<double>(gradient[i]);
    }
  }

  static constexpr std::size_t kPieces = 16;  // to begin with
  static constexpr double kShortest = 1e-6;

  const std::vector<float>& x_;
  const FeatureOutput& output_;
  double at_baseline_, at_x_;
  std::size_t at_once_;
  std::vector<float> rows_, gradients_;
  std::vector<double> values_, mean_gradient_;
  std::vector<Piece> pieces_;
};

/// The finer, the more what is added and what is taken away cancel out.
std::vector<double> integrated_gradients(const std::vector<float>& x, const FeatureOutput& output,
                                         double at_baseline, double at_x) {
  constexpr int kMostTries = 5;
  constexpr double kFiner = 1.0 / 8;
  const double difference = at_x - at_baseline;
  PathIntegral integral(x, output, at_baseline, at_x);
  double tolerance = kCompleteness / 8 * std::fabs(difference);
  for (int i = 1;; ++i, tolerance *= kFiner) {
    std::vector<double> scores = integral.scores(tolerance);
    double sum = 0;
    for (const double score : scores) sum += score;
    const bool is_complete = std::fabs(sum - difference) <= kCompleteness * std::fabs(difference);
    if (is_complete || i == kMostTries) return scores;
  }
}

void add_patches(const Field& field, std::vector<ElementGroup>& groups) {
  const int height = field.shape[0], width = field.shape[1], channels = field.shape[2];
  const int side = std::max(1, (std::max(height, width) + kPatchesAlong - 1) / kPatchesAlong);
  for (int top = 0; top < height; top += side) {
    for (int left = 0; left < width; left += side) {
      ElementGroup& patch = groups.emplace_back();
      for (int y = top; y < std::min(top + side, height); ++y) {
        for (int x = left; x < std::min(left + side, width); ++x) {
          const int first = (y * width + x) * channels;
          for (int c = 0; c < channels; ++c) {
            patch.push_back(field.offset + static_cast<std::size_t>(first + c));
          }
        }
      }
    }
  }
}

std::vector<ElementGroup> occluded_groups(const ObsSpace& space) {
  std::vector<ElementGroup> groups;
  for (const Field& field : space.fields()) {
    if (field.is_image()) {
      add_patches(field, groups);
      continue;
    }
    const std::size_t size = (field.size() + kMostGroups - 1) / kMostGroups;
    for (std::size_t begin = 0; begin < field.size(); begin += size) {
      ElementGroup& group = groups.emplace_back();
      for (std::size_t i = begin; i < std::min(begin + size, field.size()); ++i) {
        group.push_back(field.offset + i);
      }
    }
  }
  return groups;
}

/// [elements].
std::vector<double> occlusion(const ObservationEncoder& encoder, const std::vector<float>& x,
                              const FeatureOutput& output, double value) {
  const std::vector<ElementGroup> groups = occluded_groups(encoder.space());
  const std::size_t at_once = rows_at_once(x.size());
  std::vector<double> scores(encoder.space().size(), 0.0), values(at_once);
  std::vector<float> rows(at_once * x.size());
  for (std::size_t begin = 0; begin < groups.size(); begin += at_once) {
    const std::size_t count = std::min(at_once, groups.size() - begin);
    for (std::size_t r = 0; r < count; ++r) {
      float* const row = rows.data() + r * x.size();
      std::copy(x.begin(), x.end(), row);
      for (const std::size_t i : groups[begin + r]) {
        std::fill(row + encoder.first_feature(i), row + encoder.first_feature(i + 1), 0.0f);
      }
    }
    output(count, rows.data(), values.data(), nullptr);
    for (std::size_t r = 0; r < count; ++r) {
      for (const std::size_t i : groups[begin + r]) scores[i] = value - values[r];
    }
  }
  return scores;
}

/// From features to the elements that they encode.
std::vector<double> sums_of_elements(const ObservationEncoder& encoder,
                                     const std::vector<double>& features) {
  std::vector<double> elements(encoder.space().size(), 0.0);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    for (std::size_t k = encoder.first_feature(i); k < encoder.first_feature(i + 1); ++k) {
      elements[i] += features[k];
    }
  }
  return elements;
}

}  // namespace

FeatureOutput feature_output(Network& network, std::vector<float> rest, HeadOutput output) {
  return [&network, rest = std::move(rest), output = std::move(output)](
             std::size_t rows, const float* features, double* values, float* gradients) {
    const MlpSpec& dense = network.spec().dense;
    const std::size_t width = network.row_size(), columns = output_columns(dense);
    const std::size_t size = width - rest.size();  // features of a row
    std::vector<float> inputs(rows * width), heads(rows * columns);
    for (std::size_t r = 0; r < rows; ++r) {
      float* const end = std::copy_n(features + r * size, size, inputs.data() + r * width);
      std::copy(rest.begin(), rest.end(), end);
    }
    if (gradients == nullptr) {
      network.infer_heads({inputs.data(), rows}, heads.data());
      for (std::size_t r = 0; r < rows; ++r) {
        values[r] = output(r, {heads.data() + r * columns, columns}, {});
      }
      return;
    }
    std::vector<float> of_heads(rows * columns, 0.0f), of_inputs(rows * width);
    const auto loss = [&](const Chunk& chunk, HeadRows outputs, HeadRows gradient) {
      copy_from_heads(dense, outputs, chunk, heads.data());
      for (std::size_t r = chunk.begin; r < chunk.end; ++r) {
        values[r] = output(r, {heads.data() + r * columns, columns},
                           {of_heads.data() + r * columns, columns});
      }
      copy_to_heads(dense, of_heads.data(), chunk, gradient);
    };
    network.input_gradient({inputs.data(), rows}, loss, of_inputs.data());
    for (std::size_t r = 0; r < rows; ++r) {
      std::copy_n(of_inputs.data() + r * width, size, gradients + r * size);
    }
  };
}

std::vector<std::string> mean_outputs(const ActionSpace& space) {
  std::vector<std::string> outputs;
  for (std::size_t i = 0; space.is_box() && i < space.size(); ++i) {
    outputs.push_back("mean of " + space.components()[i].name);
  }
  return outputs;
}

void check_attributable(std::size_t output, const std::vector<std::string>& outputs) {
  if (output < outputs.size()) return;
  throw Error("output " + std::to_string(output) + " is not one of the " +
              std::to_string(outputs.size()) + " that this policy explains");
}

std::vector<std::int32_t> checked_choices(ActionRow action, const ActionSpace& space) {
  bool is_possible = !space.is_box() && action.ints().size() == space.size();
  for (std::size_t i = 0; is_possible && i < space.size(); ++i) {
    const std::int32_t choice = action.discrete(i);
    is_possible = choice >= 0 && static_cast<std::size_t>(choice) < space.options(i);
  }
  if (!is_possible) throw Error("not explained: the action is none of this env's");
  return {action.ints().begin(), action.ints().end()};
}

std::vector<float> checked_reals(ActionRow action, const ActionSpace& space) {
  if (!space.is_box() || action.floats().size() != space.size()) {
    throw Error("not explained: the action is none of this env's");
  }
  return {action.floats().begin(), action.floats().end()};
}

Attribution attribute_features(const ObservationEncoder& encoder, ConstObsRow obs,
                               AttributionMethod method, const FeatureOutput& output) {
  std::vector<float> x(encoder.size());
  encoder.encode(obs, x.data());
  if (!std::all_of(x.begin(), x.end(), [](float each) { return std::isfinite(each); })) {
    throw Error("not explained: the observation holds numbers that are not finite");
  }
  Attribution attribution;
  attribution.output = value_at(output, x);
  attribution.baseline_output = value_at(output, std::vector<float>(x.size(), 0.0f));
  switch (method) {
    case AttributionMethod::kGradientTimesInput:
      attribution.scores = sums_of_elements(encoder, gradient_times_input(x, output));
      break;
    case AttributionMethod::kIntegratedGradients:
      attribution.scores = sums_of_elements(
          encoder,
          integrated_gradients(x, output, attribution.baseline_output, attribution.output));
      break;
    case AttributionMethod::kOcclusion:
      attribution.scores = occlusion(encoder, x, output, attribution.output);
      break;
  }
  return attribution;
}

}  // namespace tern
