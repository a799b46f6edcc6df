// Convolutions as a link: LibTorch's (oneDNN's), called without a tape on views of the flat
// buffers, channels last as images lie in memory. docs/performance.md has the measurements.

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mkldnn_convolution.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/threshold_backward.h>

#include <algorithm>
#include <utility>

#include "agents/nn/conv_layout.h"
#include "agents/nn/encoder.h"
#include "agents/nn/taped_batch.h"

namespace tern {
namespace {

// Rows go in at most kMaxChunks chunks of a multiple of so many: of small images many, since each
// chunk costs some 25 us of calls a layer and direction.
constexpr std::size_t kRowsOfSmallImages = 64, kRowsOfBigImages = 16;
constexpr int kBigImage = 4096;  // numbers

/// What a chunk's convolutions read and gave, for their backward pass.
struct Passed {
  std::vector<at::Tensor> inputs, outputs;  // one of each for each layer, [n, C, H, W]
};

class ConvEncoder final : public Encoder {
 public:
  explicit ConvEncoder(const ConvSpec& spec)
      : spec_(spec),
        layout_(conv_layout(spec)),
        parameters_(parameter_count(layout_)),
        outputs_(static_cast<std::size_t>(joined_features(spec))),
        convolved_(static_cast<std::size_t>(conv_output(spec).size())),
        features_(static_cast<std::size_t>(spec.features)),
        offset_(static_cast<std::size_t>(spec.offset)),
        pixels_(static_cast<std::size_t>(spec.image.size())) {}

  std::size_t outputs() const override { return outputs_; }
  std::vector<ParameterInfo> layout() const override { return layout_; }
  void initialize(Rng& rng, float* parameters) const override {
    initialize_convolutions(spec_, rng, parameters);
  }
  bool rows_are_independent() const override { return at::hasMKLDNN(); }

  void use_threads(TaskPool* pool) override { pool_ = pool; }

  void infer_on(std::size_t, const float* parameters, const EncoderBatch& batch, float* outputs,
                Rows<float>) override {
    for (const Chunk& chunk : chunks_of(batch.rows)) {
      convolve(parameters, batch, chunk, outputs, nullptr);
    }
  }

  void forward(const float* parameters, const EncoderBatch& batch, float* outputs) override {
    const std::vector<Chunk> chunks = chunks_of(batch.rows);
    passed_.assign(chunks.size(), {});
    for_chunks(chunks, [&](const Chunk& chunk) {
      convolve(parameters, batch, chunk, outputs, &passed_[chunk.index]);
    });
  }

  /// Gradients of chunks are added in the order of their rows.
  void backward(const float* parameters, const EncoderBatch& batch, const float* output_gradient,
                const EncoderGradients& to) override {
    const std::vector<Chunk> chunks = chunks_of(batch.rows);
    if (partial_.size() < chunks.size()) partial_.resize(chunks.size());
    for_chunks(chunks, [&](const Chunk& chunk) {
      backward(parameters, chunk, output_gradient, to);
      passed_[chunk.index] = {};
    });
    for (const Chunk& chunk : chunks) {
      if (to.parameters == nullptr) break;
      add_floats(partial_[chunk.index].data(), parameters_, to.parameters);
    }
  }

  at::Tensor on_tape(const std::vector<at::Tensor>& parameters, const TapedBatch& batch,
                     at::Tensor*) const override {
    const at::Tensor& rows = batch.inputs;
    const std::int64_t begin = spec_.offset, end = begin + spec_.image.size();
    at::Tensor x =
        rows.narrow(1, begin, spec_.image.size())
            .view({rows.size(0), spec_.image.height, spec_.image.width, spec_.image.channels})
            .permute({0, 3, 1, 2});
    for (std::size_t i = 0; i < spec_.layers.size(); ++i) {
      x = at::relu(at::conv2d(x, parameters[2 * i].permute({0, 3, 1, 2}), parameters[2 * i + 1],
                              spec_.layers[i].stride));
    }
    return at::cat({x.permute({0, 2, 3, 1}).flatten(1), rows.narrow(1, 0, begin),
                    rows.narrow(1, end, rows.size(1) - end)},
                   /*dim=*/1);
  }

 private:
  std::vector<Chunk> chunks_of(std::size_t rows) const {
    const std::size_t base = spec_.image.size() < kBigImage ? kRowsOfSmallImages : kRowsOfBigImages;
    const std::size_t least = (rows + kMaxChunks - 1) / kMaxChunks;
    const std::size_t size = std::max<std::size_t>(1, (least + base - 1) / base) * base;
    std::vector<Chunk> chunks;
    for (std::size_t begin = 0; begin < rows; begin += size) {
      chunks.push_back({chunks.size(), begin, std::min(rows, begin + size)});
    }
    return chunks;
  }

  template <class Task>
  void for_chunks(const std::vector<Chunk>& chunks, const Task& task) {
    if (pool_ == nullptr || chunks.size() <= 1) {
      for (const Chunk& chunk : chunks) task(chunk);
      return;
    }
    pool_->run(chunks.size(), [&](std::size_t i, std::size_t) { task(chunks[i]); });
  }

  /// Layer i's weight and bias as views of `flat`: parameters or their gradients.
  std::pair<at::Tensor, at::Tensor> views(const float* flat, std::size_t i) const {
    const ParameterInfo &weight = layout_[2 * i], &bias = layout_[2 * i + 1];
    float* data = const_cast<float*>(flat);  // from_blob knows no views to read from
    return {at::from_blob(data + weight.offset, weight.shape).permute({0, 3, 1, 2}),
            at::from_blob(data + bias.offset, bias.shape)};
  }

  /// The images of a chunk's rows, as they lie there: [n, C, H, W], channels last.
  at::Tensor images(const EncoderBatch& batch, const Chunk& chunk) const {
    const ImageShape& shape = spec_.image;
    const at::Tensor rows = at::empty(
        {static_cast<std::int64_t>(chunk.rows()), shape.height, shape.width, shape.channels});
    float* out = rows.data_ptr<float>();
    for (std::size_t i = chunk.begin; i < chunk.end; ++i) {
      out = std::copy_n(batch.inputs[i] + offset_, pixels_, out);
    }
    return rows.permute({0, 3, 1, 2});
  }

  /// oneDNN by name: at::convolution takes other arithmetic for single rows, and a row's bits must
  /// not depend on its batch (tests/agents/conv_network_test.cc checks it).
  at::Tensor convolution(const float* parameters, const at::Tensor& x, std::size_t i) const {
    const auto [weight, bias] = views(parameters, i);
    const at::DimVector stride(2, spec_.layers[i].stride), no_padding(2, 0), dense(2, 1);
    return at::hasMKLDNN()
               ? at::mkldnn_convolution(x, weight, bias, no_padding, stride, dense, /*groups=*/1)
               : at::convolution(x, weight, bias, stride, no_padding, dense, /*transposed=*/false,
                                 no_padding, /*groups=*/1);
  }

  /// Writes a chunk's rows of `outputs`: what the convolutions give, then the rest of the row.
  void convolve(const float* parameters, const EncoderBatch& batch, const Chunk& chunk,
                float* outputs, Passed* passed) const {
    const at::NoGradGuard no_grad;
    at::get_num_threads();  // the first call on a thread takes over what set_up_platform said
    at::Tensor x = images(batch, chunk);
    for (std::size_t i = 0; i < spec_.layers.size(); ++i) {
      at::Tensor y = convolution(parameters, x, i);
      at::relu_(y);
      if (passed != nullptr) {
        passed->inputs.push_back(x);
        passed->outputs.push_back(y);
      }
      x = std::move(y);
    }
    const at::Tensor convolved = x.permute({0, 2, 3, 1}).contiguous();
    const float* from = convolved.data_ptr<float>();
    for (std::size_t i = chunk.begin; i < chunk.end; ++i, from += convolved_) {
      const float* row = batch.inputs[i];
      float* out = std::copy_n(from, convolved_, outputs + i * outputs_);
      out = std::copy_n(row, offset_, out);
      std::copy_n(row + offset_ + pixels_, features_ - offset_ - pixels_, out);
    }
  }

  /// From the gradient of a chunk's outputs down through the layers; the parameters' goes to the
  /// chunk's partial one.
  void backward(const float* parameters, const Chunk& chunk, const float* output_gradient,
                const EncoderGradients& to) {
    const at::NoGradGuard no_grad;
    at::get_num_threads();
    const Passed& passed = passed_[chunk.index];
    std::vector<float>& partial = partial_[chunk.index];
    const bool of_parameters = to.parameters != nullptr, of_inputs = to.inputs.data != nullptr;
    if (of_parameters) partial.resize(parameters_);
    const ImageShape top = conv_output(spec_);
    const at::Tensor rows =
        at::empty({static_cast<std::int64_t>(chunk.rows()), top.height, top.width, top.channels});
    float* out = rows.data_ptr<float>();
    for (std::size_t i = chunk.begin; i < chunk.end; ++i) {
      out = std::copy_n(output_gradient + i * outputs_, convolved_, out);
    }
    at::Tensor dy = rows.permute({0, 3, 1, 2});
    for (std::size_t i = spec_.layers.size(); i-- > 0;) {
      dy = at::threshold_backward(dy, passed.outputs[i], /*threshold=*/0);
      const at::DimVector stride(2, spec_.layers[i].stride), no_padding(2, 0), dense(2, 1);
      const std::int64_t bias_size = spec_.layers[i].channels;
      auto [dx, dweight, dbias] = at::convolution_backward(
          dy, passed.inputs[i], views(parameters, i).first, at::IntArrayRef(bias_size), stride,
          no_padding, dense, /*transposed=*/false, no_padding, /*groups=*/1,
          {i > 0 || of_inputs, of_parameters, of_parameters});
      if (of_parameters) {
        const auto [to_weight, to_bias] = views(partial.data(), i);
        to_weight.copy_(dweight);
        to_bias.copy_(dbias);
      }
      dy = std::move(dx);
    }
    if (!of_inputs) return;
    const at::Tensor pixels = dy.permute({0, 2, 3, 1}).contiguous();
    const float* pixel = pixels.data_ptr<float>();
    for (std::size_t i = chunk.begin; i < chunk.end; ++i, pixel += pixels_) {
      const float* others = output_gradient + i * outputs_ + convolved_;
      float* row = std::copy_n(others, offset_, to.inputs.data + i * to.inputs.stride);
      row = std::copy_n(pixel, pixels_, row);
      std::copy_n(others + offset_, features_ - offset_ - pixels_, row);
    }
  }

  ConvSpec spec_;
  std::vector<ParameterInfo> layout_;
  std::size_t parameters_;
  std::size_t outputs_, convolved_;         // columns that it gives, and those from the image
  std::size_t features_, offset_, pixels_;  // columns that it reads, the image's place and size
  TaskPool* pool_ = nullptr;
  std::vector<Passed> passed_;               // one for each chunk, from forward to backward
  std::vector<std::vector<float>> partial_;  // gradients of parameters, one for each chunk
};

}  // namespace

std::unique_ptr<Encoder> make_conv_encoder(const ConvSpec& spec) {
  return std::make_unique<ConvEncoder>(spec);
}

}  // namespace tern
