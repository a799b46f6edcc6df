#pragma once
// Hyper-parameters of what reads observations, the same for every agent. Std only.

#include <string>
#include <vector>

#include "core/params.h"

namespace tern {

struct EncoderConfig {
  std::string encoder = "auto";
  // The convolutions of Mnih et al. 2015, which their Atari network and Stable-Baselines3's have.
  std::vector<int> cnn_channels = {32, 64, 64};
  std::vector<int> cnn_kernels = {8, 4, 3};
  std::vector<int> cnn_strides = {4, 2, 1};
  int fourier_octaves = 4;

  template <class V>
  void visit(V& v) {
    v("encoder", encoder,
      "how observations are read: flat, as a row of numbers; cnn, each image by convolutions below "
      "the "
      "hidden layers; fourier, flat with sines and cosines of each number behind; auto, cnn for "
      "images of bytes of at least 36x36, else flat",
      one_of({"auto", "flat", "cnn", "fourier"}));
    v("cnn_channels", cnn_channels, "cnn: channels of each convolution; ReLU after each",
      in_range(1, 4096));
    v("cnn_kernels", cnn_kernels, "cnn: rows and columns of each kernel, without padding",
      in_range(1, 256));
    v("cnn_strides", cnn_strides, "cnn: steps of each kernel", in_range(1, 256));
    v("fourier_octaves", fourier_octaves,
      "fourier: K, of sin(2^k pi x) and cos(2^k pi x) for k from 0 to K-1", in_range(1, 16));
  }
};

}  // namespace tern
