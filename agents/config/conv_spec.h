#pragma once
// Which convolutions read an observation's image, and what comes out of them. Std only.

#include <optional>
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

/// Convolutions of the image in a row of features. What they give is put before the row's other
/// features, which stay in their order; together they are the inputs of the dense layers.
struct ConvSpec {
  int features = 0;  // in a row, the image's included
  int offset = 0;    // of the image's first feature
  ImageShape image;
  std::vector<ConvLayer> layers;
  Init init = Init::kOrthogonal;
};

/// What a layer makes of an image: (extent - kernel) / stride + 1 rows and columns, rounded down.
ImageShape conv_output(const ImageShape& image, const ConvLayer& layer);
/// After all layers.
ImageShape conv_output(const ConvSpec& spec);
/// Inputs of the dense layers.
int joined_features(const ConvSpec& spec);

/// The convolutions that `config` asks for in envs of this space; none: the image is a row of
/// numbers like any other. Throws Error, which starts with the key at fault, if the lists differ in
/// length, the image is too small for its kernels, or 'cnn' finds no image or several.
std::optional<ConvSpec> chosen_convolutions(const EncoderConfig& config, const ObsSpace& space,
                                            Init init = Init::kOrthogonal);

}  // namespace tern
