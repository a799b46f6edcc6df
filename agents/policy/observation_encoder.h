#pragma once
// From raw observation rows to what a network reads. Std only.

#include <cstddef>
#include <vector>

#include "agents/policy/running_moments.h"
#include "core/const_views.h"
#include "core/space.h"
#include "core/state_io.h"
#include "envs/batch_views.h"

namespace tern {

/// Encodes raw rows as float32 features, in their order: a categorical field becomes one-hot, uint8
/// values are divided by their field's upper bound, every other number is normalised if asked for:
///   (x - mean) / sqrt(variance + 1e-8), clipped to [-10, 10].
/// Images that convolutions read are scaled from their declared range to 0..1 instead, whatever
/// their type, and left as they are where it is not bounded.
/// It belongs to the policy: it is stored in every checkpoint and frozen while a policy is used.
class ObservationEncoder {
 public:
  ObservationEncoder(const ObsSpace& space, bool normalize, bool has_convolutions = false);

  /// Features in an encoded row.
  std::size_t size() const { return size_; }
  /// Of raw rows.
  const ObsSpace& space() const { return space_; }
  /// Where the features of element i of a raw row begin; those of the last one end at size().
  std::size_t first_feature(std::size_t i) const {
    return i < elements_.size() ? elements_[i].offset : size_;
  }
  /// rows: [N, space.size()]; out: rows of size(), `stride` floats apart (0: dense).
  void encode(const ObsRows& rows, float* out, std::size_t stride = 0) const;
  /// One row.
  void encode(ConstObsRow row, float* out) const;
  /// Takes rows into the running moments; does nothing without normalisation.
  void update(const ObsRows& rows);

  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  void encode_floats(Row<const float> row, float* out) const;
  void encode_bytes(Row<const std::uint8_t> row, float* out) const;

  /// What becomes of one element of a raw row.
  struct Element {
    int categories = 0;      // > 0: one-hot of that many
    int first = 0;           // the lowest of them
    std::size_t offset = 0;  // of its first feature
    bool is_pixel = false;   // read by convolutions
    float low = 0;           // what is taken from a byte or a pixel
    float divisor = 1;       // what the rest of it is divided by
  };

  ObsSpace space_;
  bool normalize_;
  std::size_t size_ = 0;
  std::vector<Element> elements_;  // one for each value of a raw row
  RunningMoments moments_;         // over all floats; those of categorical ones are not used
  std::vector<float> shift_, scale_;  // of the moments at the last update
};

}  // namespace tern
