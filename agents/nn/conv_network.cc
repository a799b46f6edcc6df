// Convolutions below an MLP as a Network. The convolutions are LibTorch's, called without a tape on
// views of the flat buffers, channels last as images lie in memory; above them the fused kernels.
// docs/performance.md has the measurements.

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mkldnn_convolution.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/threshold_backward.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "agents/nn/conv_layout.h"
#include "agents/nn/network.h"

namespace tern {
namespace {

// Convolutions go in at most kMaxChunks chunks of a multiple of so many rows: of small images many,
// since each chunk costs some 25 us of calls a layer and direction.
constexpr std::size_t kRowsOfSmallImages = 64, kRowsOfBigImages = 16;
constexpr int kBigImage = 4096;  // numbers

MlpSpec with_inputs(MlpSpec spec, int inputs) {
  spec.inputs = inputs;
  return spec;
}

/// What a chunk's convolutions read and gave, for their backward pass.
struct Passed {
  std::vector<at::Tensor> inputs, outputs;  // one of each for each layer, [n, C, H, W]
};

class ConvNetwork final : public Network {
 public:
  ConvNetwork(const ConvSpec& convolutions, const MlpSpec& spec)
      : Network(with_inputs(spec, joined_features(convolutions)), conv_layout(convolutions)),
        conv_(convolutions),
        mlp_(spec_),
        conv_size_(parameter_count(conv_layout(convolutions))),
        joined_size_(static_cast<std::size_t>(spec_.inputs)),
        convolved_size_(static_cast<std::size_t>(conv_output(convolutions).size())),
        joined_on_(1) {}

  using Network::accumulate_gradient;
  using Network::infer;

  void infer(const BatchInputs& inputs, float* outputs) override {
    grow(joined_, inputs.rows * joined_size_);
    for_chunks(chunks_of(inputs.rows),
               [&](const Chunk& chunk) { join(inputs, chunk, joined_.data(), nullptr); });
    mlp_.infer(mlp_parameters(), {joined_.data(), inputs.rows}, outputs);
  }

  void infer_on(std::size_t thread, const BatchInputs& inputs, float* outputs) override {
    std::vector<float>& joined = joined_on_[thread];
    grow(joined, inputs.rows * joined_size_);
    for (const Chunk& chunk : chunks_of(inputs.rows)) join(inputs, chunk, joined.data(), nullptr);
    mlp_.infer_on(thread, mlp_parameters(), {joined.data(), inputs.rows}, outputs);
  }

  /// Forward through the convolutions, then all of the MLP's pass, then back: each cut into chunks
  /// of its own, whose gradients are added in the order of their rows.
  void accumulate_gradient(const BatchInputs& inputs, ChunkLoss loss) override {
    const std::vector<Chunk> chunks = chunks_of(inputs.rows);
    std::vector<Passed> passed(chunks.size());
    grow(joined_, inputs.rows * joined_size_);
    grow(joined_gradient_, inputs.rows * joined_size_);
    if (partial_.size() < chunks.size()) partial_.resize(chunks.size(), at::Tensor());
    for_chunks(chunks, [&](const Chunk& chunk) {
      join(inputs, chunk, joined_.data(), &passed[chunk.index]);
    });
    mlp_.accumulate_gradient(mlp_parameters(), {joined_.data(), inputs.rows}, loss,
                             gradient_row().data() + conv_size_, joined_gradient_.data());
    for_chunks(chunks, [&](const Chunk& chunk) {
      at::Tensor& gradient = partial_[chunk.index];
      if (!gradient.defined()) gradient = at::empty({static_cast<std::int64_t>(conv_size_)});
      backward(chunk, passed[chunk.index], &gradient, /*of_images=*/nullptr);
    });
    for (const Chunk& chunk : chunks) {
      add_floats(partial_[chunk.index].data_ptr<float>(), conv_size_, gradient_row().data());
    }
  }

  void use_threads(TaskPool* pool) override {
    pool_ = pool;
    mlp_.use_threads(pool);
    joined_on_.resize(pool == nullptr ? 1 : pool->threads());
  }

  at::Tensor input_gradient(const at::Tensor& inputs, const at::Tensor& weights) override {
    const auto rows = static_cast<std::size_t>(inputs.size(0));
    const at::Tensor dense = weights.contiguous(), gradient = at::empty(inputs.sizes());
    const Chunk all{0, 0, rows};
    Passed passed;
    grow(joined_, rows * joined_size_);
    grow(joined_gradient_, rows * joined_size_);
    join({inputs.data_ptr<float>(), rows}, all, joined_.data(), &passed);
    mlp_.input_gradient(
        mlp_parameters(), {joined_.data(), rows},
        [&](const Chunk& chunk, HeadRows, HeadRows out) {
          copy_to_heads(spec_, dense.data_ptr<float>(), chunk, out);
        },
        joined_gradient_.data());
    at::Tensor of_images;
    backward(all, passed, nullptr, &of_images);
    const at::Tensor pixels = of_images.permute({0, 2, 3, 1}).contiguous();
    const float* pixel = pixels.data_ptr<float>();
    for (std::size_t r = 0; r < rows; ++r) {
      const float* others = joined_gradient_.data() + r * joined_size_ + convolved_size_;
      float* out = gradient.data_ptr<float>() + r * features();
      out = std::copy_n(others, offset(), out);
      out = std::copy_n(pixel + r * pixels_each(), pixels_each(), out);
      std::copy_n(others + offset(), features() - offset() - pixels_each(), out);
    }
    return gradient;
  }

  std::unique_ptr<Network> clone() const override {
    auto copy = std::make_unique<ConvNetwork>(conv_, spec_);
    copy->parameters_.copy_(parameters_);
    return copy;
  }

 private:
  std::vector<Chunk> chunks_of(std::size_t rows) const {
    const std::size_t base = conv_.image.size() < kBigImage ? kRowsOfSmallImages : kRowsOfBigImages;
    const std::size_t least = (rows + kMaxChunks - 1) / kMaxChunks;
    const std::size_t size = std::max<std::size_t>(1, (least + base - 1) / base) * base;
    std::vector<Chunk> chunks;
    for (std::size_t begin = 0; begin < rows; begin += size) {
      chunks.push_back({chunks.size(), begin, std::min(rows, begin + size)});
    }
    return chunks;
  }

  static void grow(std::vector<float>& buffer, std::size_t size) {
    if (buffer.size() < size) buffer.resize(size);
  }

  template <class Task>
  void for_chunks(const std::vector<Chunk>& chunks, const Task& task) {
    if (pool_ == nullptr || chunks.size() <= 1) {
      for (const Chunk& chunk : chunks) task(chunk);
      return;
    }
    pool_->run(chunks.size(), [&](std::size_t i, std::size_t) { task(chunks[i]); });
  }

  const float* mlp_parameters() { return parameter_row().data() + conv_size_; }
  std::size_t features() const { return static_cast<std::size_t>(conv_.features); }
  std::size_t offset() const { return static_cast<std::size_t>(conv_.offset); }
  std::size_t pixels_each() const { return static_cast<std::size_t>(conv_.image.size()); }

  /// Layer i's weight and bias as views of `flat`: parameters or their gradients.
  std::pair<at::Tensor, at::Tensor> views(const at::Tensor& flat, std::size_t i) const {
    const ParameterInfo &weight = layout_[2 * i], &bias = layout_[2 * i + 1];
    return {flat.narrow(0, weight.offset, weight.size).view(weight.shape).permute({0, 3, 1, 2}),
            flat.narrow(0, bias.offset, bias.size)};
  }

  /// The images of a chunk's rows, as they lie there: [n, C, H, W], channels last.
  at::Tensor images(const BatchInputs& inputs, const Chunk& chunk) const {
    const ImageShape& shape = conv_.image;
    const at::Tensor rows = at::empty(
        {static_cast<std::int64_t>(chunk.rows()), shape.height, shape.width, shape.channels});
    float* out = rows.data_ptr<float>();
    for (std::size_t i = chunk.begin; i < chunk.end; ++i) {
      out = std::copy_n(inputs.row(i, features()) + offset(), pixels_each(), out);
    }
    return rows.permute({0, 3, 1, 2});
  }

  /// oneDNN by name: at::convolution takes other arithmetic for single rows, and a row's bits must
  /// not depend on its batch (tests/agents/conv_network_test.cc holds it to that).
  at::Tensor convolution(const at::Tensor& x, std::size_t i) const {
    const auto [weight, bias] = views(parameters_, i);
    const at::DimVector stride(2, conv_.layers[i].stride), no_padding(2, 0), dense(2, 1);
    return at::hasMKLDNN()
               ? at::mkldnn_convolution(x, weight, bias, no_padding, stride, dense, /*groups=*/1)
               : at::convolution(x, weight, bias, stride, no_padding, dense, /*transposed=*/false,
                                 no_padding, /*groups=*/1);
  }

  /// Writes the inputs of the MLP for a chunk's rows: what the convolutions give, then the rest.
  void join(const BatchInputs& inputs, const Chunk& chunk, float* joined, Passed* passed) const {
    const at::NoGradGuard no_grad;
    at::get_num_threads();  // the first call on a thread takes over what set_up_platform said
    at::Tensor x = images(inputs, chunk);
    for (std::size_t i = 0; i < conv_.layers.size(); ++i) {
      at::Tensor y = convolution(x, i);
      at::relu_(y);
      if (passed != nullptr) {
        passed->inputs.push_back(x);
        passed->outputs.push_back(y);
      }
      x = std::move(y);
    }
    const at::Tensor convolved = x.permute({0, 2, 3, 1}).contiguous();
    const float* from = convolved.data_ptr<float>();
    for (std::size_t i = chunk.begin; i < chunk.end; ++i, from += convolved_size_) {
      const float* row = inputs.row(i, features());
      float* out = std::copy_n(from, convolved_size_, joined + i * joined_size_);
      out = std::copy_n(row, offset(), out);
      std::copy_n(row + offset() + pixels_each(), features() - offset() - pixels_each(), out);
    }
  }

  /// From joined_gradient_ down through the layers. gradient: [conv_size_], written over, or null.
  /// of_images: d / d images, or null.
  void backward(const Chunk& chunk, const Passed& passed, const at::Tensor* gradient,
                at::Tensor* of_images) const {
    const at::NoGradGuard no_grad;
    at::get_num_threads();
    const ImageShape top = conv_output(conv_);
    const at::Tensor rows =
        at::empty({static_cast<std::int64_t>(chunk.rows()), top.height, top.width, top.channels});
    float* out = rows.data_ptr<float>();
    for (std::size_t i = chunk.begin; i < chunk.end; ++i) {
      out = std::copy_n(joined_gradient_.data() + i * joined_size_, convolved_size_, out);
    }
    at::Tensor dy = rows.permute({0, 3, 1, 2});
    for (std::size_t i = conv_.layers.size(); i-- > 0;) {
      dy = at::threshold_backward(dy, passed.outputs[i], /*threshold=*/0);
      const at::DimVector stride(2, conv_.layers[i].stride), no_padding(2, 0), dense(2, 1);
      const std::int64_t bias_size = conv_.layers[i].channels;
      auto [dx, dweight, dbias] = at::convolution_backward(
          dy, passed.inputs[i], views(parameters_, i).first, at::IntArrayRef(bias_size), stride,
          no_padding, dense, /*transposed=*/false, no_padding, /*groups=*/1,
          {i > 0 || of_images != nullptr, gradient != nullptr, gradient != nullptr});
      if (gradient != nullptr) {
        const auto [to_weight, to_bias] = views(*gradient, i);
        to_weight.copy_(dweight);
        to_bias.copy_(dbias);
      }
      dy = std::move(dx);
    }
    if (of_images != nullptr) *of_images = dy;
  }

  ConvSpec conv_;
  FusedMlp mlp_;
  std::size_t conv_size_;                     // parameters of the convolutions, the first of all
  std::size_t joined_size_, convolved_size_;  // inputs of the MLP, and those from the image
  TaskPool* pool_ = nullptr;
  std::vector<float> joined_, joined_gradient_;  // [rows, joined_size_], of a whole batch
  std::vector<std::vector<float>> joined_on_;    // the first, one for each thread of infer_on
  std::vector<at::Tensor> partial_;              // [conv_size_] gradients, one for each chunk
};

}  // namespace

std::unique_ptr<Network> make_conv_network(const ConvSpec& convolutions, MlpSpec spec, Rng& rng) {
  auto network = std::make_unique<ConvNetwork>(convolutions, spec);
  float* parameters = network->parameter_row().data();
  initialize_convolutions(convolutions, rng, parameters);
  initialize_mlp(network->spec(), mlp_layout(network->spec()), rng,
                 parameters + parameter_count(conv_layout(convolutions)));
  return network;
}

}  // namespace tern
