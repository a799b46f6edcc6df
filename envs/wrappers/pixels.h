#pragma once
// A wrapper whose observation is the picture of the env.

#include <memory>

#include "core/drawing/raster_canvas.h"
#include "envs/wrappers/observation_wrapper.h"

namespace tern {

/// The pixels wrapper: the observation becomes what a person sees, drawn without a display into one
/// uint8 image field "pixels" of [height, width, 3], top row first.
class Pixels final : public ObservationWrapper {
 public:
  Pixels(std::unique_ptr<Env> inner, int height, int width);

 protected:
  void observe(ObsRow inner, ObsRow seen) override;

 private:
  RasterCanvas canvas_;
};

}  // namespace tern
