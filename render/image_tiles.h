#pragma once
// Images among the observations in the side panel.

#include <vector>

#include "render/observed_images.h"
#include "render/panel_column.h"

namespace tern {

/// Below their names, unless these are empty, four tiles side by side at most. most_height: of a
/// tile, pixels at scale 1.
void draw_image_tiles(PanelColumn& column, const std::vector<ObservedImage>& images,
                      float most_height);

}  // namespace tern
