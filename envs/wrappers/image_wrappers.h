#pragma once
// Wrappers that change the images of an observation, field by field, and leave its other fields and
// its goals (which Env::relabel reads).

#include <memory>
#include <vector>

#include "envs/wrappers/observation_wrapper.h"

namespace tern {

/// The grey wrapper: images of three channels (red, green, blue) become images of one, their
/// luma after ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, rounded to the nearest in uint8.
class Grey final : public ObservationWrapper {
 public:
  /// Throws Error if the observation has no such image.
  explicit Grey(std::unique_ptr<Env> inner);

 protected:
  void observe(ObsRow inner, ObsRow seen) override;
};

/// The resize wrapper: every image becomes height x width. A pixel is the mean of the area of the
/// old picture that it covers, rounded to the nearest in uint8.
class Resize final : public ObservationWrapper {
 public:
  /// Throws Error if the observation has no image.
  Resize(std::unique_ptr<Env> inner, int height, int width);

 protected:
  void observe(ObsRow inner, ObsRow seen) override;

 private:
  /// Old pixels [begin, begin + weights.size()) make one new pixel along an axis; weights sum to 1.
  struct Share {
    int begin = 0;
    std::vector<float> weights;
  };
  struct Shares {
    std::vector<Share> rows, columns;
  };
  static std::vector<Share> shares(int before, int after);
  template <class T>
  static void shrink(const Field& from, const Field& to, const Shares& shares, Row<T> inner,
                     Row<T> seen);

  std::vector<Shares> shares_;  // of each field; empty for those that are no images
};

}  // namespace tern
