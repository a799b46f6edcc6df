#pragma once
// Which convolutions read an observation's image, and what comes out of them. Std only.

#include <string>
#include <vector>

#include "agents/config/encoder_config.h"
#include "agents/kernels/mlp_layout.h"
#include "core/space.h"

namespace tern {

/// Rows, then columns, then channels, as in memory.
struct ImageShape {
  int height = 0, width = 0, channels = 0;
  int size() const { return height * width * channels; }
};

/// A square kernel without padding.
struct ConvLayer {
  int channels = 0, kernel = 0, stride = 0;
};

/// Convolutions of an image in a row of features. What they give is put before the row's other
/// features, which stay in their order; together they are what the next link reads.
struct ConvSpec {
  int features = 0;  // in a row, the image's included
  int offset = 0;    // of the image's first feature
  ImageShape image;
  std::vector<ConvLayer> layers;
  Init init = Init::kOrthogonal;
  std::string name = "encoder";  // before the names of its parameters
};

/// What a layer makes of an image: (extent - kernel) / stride + 1 rows and columns, rounded down.
ImageShape conv_output(const ImageShape& image, const ConvLayer& layer);
/// After all layers.
ImageShape conv_output(const ConvSpec& spec);
/// Columns that it gives.
int joined_features(const ConvSpec& spec);

/// The convolutions that `config` asks for in envs of this space, one for each image that they
/// read, each on what the one before gives; none: images are rows of numbers like any other. Throws
/// Error, which starts with the key at fault, if the lists differ in length, an image is too small
/// for its kernels, or 'cnn' finds no image.
std::vector<ConvSpec> chosen_convolutions(const EncoderConfig& config, const ObsSpace& space,
                                          Init init = Init::kOrthogonal);

}  // namespace tern
