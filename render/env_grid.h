#pragma once
// Several envs at once: where the tile of each lies, and what stands above it.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "core/canvas.h"
#include "render/frame_data.h"

namespace tern {

/// Where one env of a grid is drawn, in pixels.
struct TilePlace {
  Rectangle env, caption;
  Rectangle whole() const { return {env.low, caption.high}; }
};

/// Width by height of the view that an env asked for; 1 of one that asked for none.
float aspect_of(const RecordingCanvas& env);

/// The number of columns for which pictures of width : height = aspect become largest in a grid of
/// `count` tiles that fills width x height, each below a caption of that height; rather none is
/// left empty. count > 0.
std::size_t grid_columns(std::size_t count, float width, float height, float caption, float aspect);

/// The tiles of FrameData::tiles in `area`, row by row from the top, as large as the env's shape
/// lets them be.
std::vector<TilePlace> tile_places(const Rectangle& area, float scale, const FrameData& frame);

/// What stands above a tile that has room for `width` characters or pixels, as `measure` counts
/// them: seed and step at the left, the return at the right, as much of it as fits.
struct TileCaption {
  std::string left, right;
};
TileCaption tile_caption(const Tile& tile, float width,
                         const std::function<float(const std::string&)>& measure);

/// The captions, and a frame around the tile that the panel shows.
void draw_tile_captions(Canvas& canvas, const std::vector<TilePlace>& places, float scale,
                        const FrameData& frame);

}  // namespace tern
