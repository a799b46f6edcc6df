#include "render/image_tiles.h"

#include <algorithm>
#include <cmath>

#include "render/widgets.h"

namespace tern {

void draw_image_tiles(PanelColumn& column, const std::vector<ObservedImage>& images,
                      float most_height) {
  constexpr float kGap = 6, kNames = kSmallText + 7;
  for (const ObservedImage& image : images) {
    const auto tiles = static_cast<float>(image.tiles.size());
    const float per_row = std::min(tiles, 4.0f), rows = std::ceil(tiles / per_row);
    // Pixels at scale 1.
    const float room = (column.width() / column.px(1) - kGap * (per_row - 1)) / per_row;
    const float shape = static_cast<float>(image.height) / static_cast<float>(image.width);
    const float width = std::min(room, most_height / shape), height = width * shape;
    if (!image.name.empty()) {
      column.text(kSmallText, image.name, widgets::kLabel);
      column.skip(kNames - kSmallText);
    }
    for (float row = 0; row < rows; ++row) {
      if (column.take(height)) {
        for (float i = row * per_row; i < std::min((row + 1) * per_row, tiles); ++i) {
          const float left = column.left() + column.px((i - row * per_row) * (width + kGap));
          const Point low{left, column.y()};
          const Point high{left + column.px(width), low.y + column.px(height)};
          column.canvas().rectangle({low.x - 1, low.y - 1}, {high.x + 1, high.y + 1},
                                    palette::kMuted);  // white pixels end somewhere
          column.canvas().image(low, high, image.width, image.height,
                                image.tiles[static_cast<std::size_t>(i)].data());
        }
      }
      column.skip(kGap);
    }
    column.skip(8);
  }
}

}  // namespace tern
