#include "envs/wrappers/pixels.h"

#include <algorithm>
#include <utility>

#include "envs/observation_bars.h"

namespace tern {

Pixels::Pixels(std::unique_ptr<Env> inner, int height, int width)
    : ObservationWrapper(std::move(inner)), canvas_(width, height) {
  spec_.obs = ObsSpace(DType::kUint8).image("pixels", height, width, 3, 0, 255);
}

void Pixels::observe(ObsRow inner, ObsRow seen) {
  draw_env(*inner_, inner_->spec(), inner, canvas_);
  std::copy(canvas_.rgb().begin(), canvas_.rgb().end(), seen.bytes().begin());
}

}  // namespace tern
