#pragma once
// Images among the observations, and what outputs of the policy owe to them, in the data of a page.

#include <cstddef>
#include <vector>

#include "render/episode.h"
#include "render/page_writer.h"

namespace tern {

/// "images": [{"name", "width", "height", "rows", "sheets", "at"}], one of each image field, with
/// the tiles of observed_images(): each different one once, `rows` of them from top to bottom in
/// each of the PNG files `sheets`, in base64; at[t]: the numbers of those of moment t. Leaves out a
/// field whose sheets take more than 8 MB: "sheets" is empty then.
void write_images(PageWriter& out, const Episode& episode);

/// "why": [{"method", "output", "here", "baseline", "scores", "sums", "heat"}], one of each
/// EpisodeWhy; null for a moment that is not explained. here and
/// baseline stand in the first one of each output only. scores[t]: of the observation's numbers at
/// `places`, three significant digits. sums[t]: of each image, as ScoreBar::score. heat: of each
/// image
/// {"width", "height", "tiles", "pixels"}; pixels[t] is base64 of width * height bytes for each
/// tile, 128 + 127 times the score over the largest |score| of the image. Blocks of pixels are one
/// where an image is larger than 28 pixels.
void write_why(PageWriter& out, const Episode& episode, const std::vector<std::size_t>& places);

}  // namespace tern
