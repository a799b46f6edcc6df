#include "agents/config/conv_spec.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/error.h"

namespace tern {
namespace {

// Of 'auto': the smallest image that the default layers leave a pixel of.
constexpr int kLeastRows = 36;

std::string shape_text(const ImageShape& shape) {
  return std::to_string(shape.height) + "x" + std::to_string(shape.width) + "x" +
         std::to_string(shape.channels);
}

/// Whether 'auto' takes convolutions for an image.
bool is_big(const Field& field) {
  return field.dtype == DType::kUint8 && field.is_image() &&
         std::min(field.shape[0], field.shape[1]) >= kLeastRows;
}

/// Of fields that are encoded one after the other.
int total_features(std::vector<Field>::const_iterator begin,
                   std::vector<Field>::const_iterator end) {
  int features = 0;
  for (auto field = begin; field != end; ++field) {
    features += static_cast<int>(field->size()) * std::max(1, field->categories);
  }
  return features;
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

std::vector<ConvSpec> chosen_convolutions(const EncoderConfig& config, const ObsSpace& space,
                                          Init init) {
  if (config.encoder == "flat" || config.encoder == "fourier") return {};
  std::vector<const Field*> images;
  for (const Field& field : space.fields()) {
    const bool is_wanted = config.encoder != "auto" || is_big(field);
    if (field.is_image() && field.categories == 0 && is_wanted) images.push_back(&field);
  }
  if (images.empty() && config.encoder == "auto") return {};
  if (images.empty()) {
    throw Error(
        "agent.encoder: cnn needs an image, and the observation has none; write encoder: flat");
  }
  const std::size_t count = config.cnn_channels.size();
  if (count == 0 || config.cnn_kernels.size() != count || config.cnn_strides.size() != count) {
    throw Error("agent.cnn_channels, cnn_kernels and cnn_strides have " + std::to_string(count) +
                ", " + std::to_string(config.cnn_kernels.size()) + " and " +
                std::to_string(config.cnn_strides.size()) +
                " entries; expected one each for every convolution");
  }
  std::vector<ConvSpec> specs;
  int features = total_features(space.fields().begin(), space.fields().end());
  int moved = 0;  // how much further back a feature lies than in the encoded observation
  for (const Field* const image : images) {
    const auto place = space.fields().begin() + (image - space.fields().data());
    ConvSpec spec;
    spec.init = init;
    if (!specs.empty()) spec.name += std::to_string(specs.size() + 1);
    spec.features = features;
    spec.offset = moved + total_features(space.fields().begin(), place);
    spec.image = {image->shape[0], image->shape[1], image->shape[2]};
    spec.layers = fitting_layers(config, *image, spec.image);
    features = joined_features(spec);
    moved += features - spec.features;
    specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace tern
