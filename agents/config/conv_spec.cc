#include "agents/config/conv_spec.h"

#include <algorithm>
#include <cstddef>

#include "core/error.h"

namespace tern {
namespace {

// Of 'auto': the smallest image that the default layers leave a pixel of.
constexpr int kLeastRows = 36;

std::string shape_text(const ImageShape& shape) {
  return std::to_string(shape.height) + "x" + std::to_string(shape.width) + "x" +
         std::to_string(shape.channels);
}

int features_of(const Field& field) {
  return static_cast<int>(field.size()) * std::max(1, field.categories);
}

/// The layers, of lists that have been found equally long; throws where the image runs out.
std::vector<ConvLayer> fitting_layers(const EncoderConfig& config, const Field& field,
                                      ImageShape image) {
  std::vector<ConvLayer> layers;
  for (std::size_t i = 0; i < config.cnn_channels.size(); ++i) {
    const ConvLayer layer{config.cnn_channels[i], config.cnn_kernels[i], config.cnn_strides[i]};
    if (layer.kernel > image.height || layer.kernel > image.width) {
      const std::string what = i == 0 ? "the image '" + field.name + "'"
                                      : "what convolution " + std::to_string(i) + " leaves";
      throw Error(
          "agent.cnn_kernels: " + std::to_string(layer.kernel) + " is larger than " + what + ", " +
          shape_text(image) +
          "; for small images write cnn_channels: [16], cnn_kernels: [3], cnn_strides: [1]");
    }
    layers.push_back(layer);
    image = conv_output(image, layer);
  }
  return layers;
}

}  // namespace

ImageShape conv_output(const ImageShape& image, const ConvLayer& layer) {
  return {(image.height - layer.kernel) / layer.stride + 1,
          (image.width - layer.kernel) / layer.stride + 1, layer.channels};
}

ImageShape conv_output(const ConvSpec& spec) {
  ImageShape shape = spec.image;
  for (const ConvLayer& layer : spec.layers) shape = conv_output(shape, layer);
  return shape;
}

int joined_features(const ConvSpec& spec) {
  return conv_output(spec).size() + spec.features - spec.image.size();
}

std::optional<ConvSpec> chosen_convolutions(const EncoderConfig& config, const ObsSpace& space,
                                            Init init) {
  if (config.encoder == "flat" || config.encoder == "fourier") return std::nullopt;
  ConvSpec spec;
  spec.init = init;
  const Field* image = nullptr;
  int images = 0;
  for (const Field& field : space.fields()) {
    if (field.is_image() && field.categories == 0) {
      ++images;
      image = &field;
      spec.offset = spec.features;
      spec.image = {field.shape[0], field.shape[1], field.shape[2]};
    }
    spec.features += features_of(field);
  }
  const bool is_big = images == 1 && image->dtype == DType::kUint8 &&
                      std::min(spec.image.height, spec.image.width) >= kLeastRows;
  if (config.encoder == "auto" && !is_big) return std::nullopt;
  if (images != 1) {
    throw Error("agent.encoder: cnn needs one image, and the observation has " +
                std::string(images == 0 ? "none" : std::to_string(images)) +
                "; write encoder: flat");
  }
  const std::size_t count = config.cnn_channels.size();
  if (count == 0 || config.cnn_kernels.size() != count || config.cnn_strides.size() != count) {
    throw Error("agent.cnn_channels, cnn_kernels and cnn_strides have " + std::to_string(count) +
                ", " + std::to_string(config.cnn_kernels.size()) + " and " +
                std::to_string(config.cnn_strides.size()) +
                " entries; expected one each for every convolution");
  }
  spec.layers = fitting_layers(config, *image, spec.image);
  return spec;
}

}  // namespace tern
