// Layout and seeded initialisation of an MLP's flat parameters.

#include "agents/kernels/mlp_layout.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/error.h"

namespace tern {
namespace {

/// Writes a [rows, columns] matrix whose rows or columns, whichever are fewer, are orthogonal and
/// of length `gain`: Gram-Schmidt on Gaussian vectors, in double, with one re-orthogonalisation.
void fill_orthogonal(int rows, int columns, double gain, Rng& rng, float* out) {
  const int count = std::min(rows, columns), length = std::max(rows, columns);
  std::vector<std::vector<double>> basis;
  while (static_cast<int>(basis.size()) < count) {
    std::vector<double> v(static_cast<std::size_t>(length));
    for (double& x : v) x = rng.normal();
    for (int pass = 0; pass < 2; ++pass) {
      for (const auto& b : basis) {
        const double dot = std::inner_product(v.begin(), v.end(), b.begin(), 0.0);
        for (int i = 0; i < length; ++i) v[i] -= dot * b[i];
      }
    }
    const double norm = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
    if (norm < 1e-6) continue;  // nearly dependent on the others: draw again
    for (double& x : v) x /= norm;
    basis.push_back(std::move(v));
  }
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      out[i * columns + j] =
          static_cast<float>(gain * (rows <= columns ? basis[i][j] : basis[j][i]));
    }
  }
}

void fill_uniform(std::int64_t size, double bound, Rng& rng, float* out) {
  for (std::int64_t i = 0; i < size; ++i) out[i] = static_cast<float>(rng.uniform(-bound, bound));
}

class LayoutBuilder {
 public:
  void add(const std::string& name, std::vector<std::int64_t> shape) {
    std::int64_t size = 1;
    for (const std::int64_t extent : shape) size *= extent;
    layout.push_back({name, std::move(shape), offset_, size});
    offset_ += size;
  }
  /// Hidden layers; returns the size of the last one.
  int trunk(const MlpSpec& spec, const std::string& prefix) {
    int inputs = spec.inputs;
    if (spec.batch_norm) norm(prefix, inputs);
    for (std::size_t i = 0; i < spec.hidden_sizes.size(); ++i) {
      const std::string name = prefix + "." + std::to_string(i);
      linear(name, inputs, spec.hidden_sizes[i]);
      inputs = spec.hidden_sizes[i];
      if (spec.layer_norm || spec.batch_norm) norm(name, inputs);
    }
    return inputs;
  }
  void norm(const std::string& of, int columns) {
    add(of + ".norm.gain", {columns});
    add(of + ".norm.shift", {columns});
  }
  void linear(const std::string& name, int inputs, int outputs) {
    add(name + ".weight", {inputs, outputs});
    add(name + ".bias", {outputs});
  }
  std::vector<ParameterInfo> layout;

 private:
  std::int64_t offset_ = 0;
};

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

std::vector<ParameterInfo> mlp_layout(const MlpSpec& spec) {
  if (spec.layer_norm && spec.batch_norm) {
    throw Error::failure("a network has layer_norm or batch_norm, not both");
  }
  LayoutBuilder builder;
  const int shared = spec.share_trunk ? builder.trunk(spec, "trunk") : 0;
  for (const Head& head : spec.heads) {
    const int inputs = spec.share_trunk ? shared : builder.trunk(spec, head.name);
    if (!head.gives_hidden) builder.linear(head.name + ".out", inputs, head.size);
  }
  for (const FreeParameter& free : spec.free) builder.add(free.name, {free.size});
  return std::move(builder.layout);
}

std::vector<ParameterInfo> statistics_layout(const MlpSpec& spec) {
  if (!spec.batch_norm) return {};
  LayoutBuilder builder;
  for (const ParameterInfo& info : mlp_layout(spec)) {
    if (!ends_with(info.name, ".norm.gain")) continue;
    const std::string name = info.name.substr(0, info.name.rfind('.'));
    builder.add(name + ".mean", info.shape);
    builder.add(name + ".variance", info.shape);
  }
  builder.add("batches", {1});
  return std::move(builder.layout);
}

void initialize_statistics(const std::vector<ParameterInfo>& layout, float* statistics) {
  for (const ParameterInfo& info : layout) {
    const float value = ends_with(info.name, ".variance") ? 1 : 0;
    std::fill_n(statistics + info.offset, info.size, value);
  }
}

void initialize_mlp(const MlpSpec& spec, const std::vector<ParameterInfo>& layout, Rng& rng,
                    float* parameters) {
  std::int64_t fan_in = spec.inputs;
  for (const ParameterInfo& info : layout) {
    float* out = parameters + info.offset;
    if (ends_with(info.name, ".weight")) {
      fan_in = info.shape[0];
      double gain = std::sqrt(2.0);
      for (const Head& head : spec.heads) {
        if (info.name == head.name + ".out.weight") gain = head.gain;
      }
      if (spec.init == Init::kOrthogonal) {
        fill_orthogonal(static_cast<int>(info.shape[0]), static_cast<int>(info.shape[1]), gain, rng,
                        out);
      } else {
        fill_uniform(info.size, 1 / std::sqrt(static_cast<double>(fan_in)), rng, out);
      }
    } else if (ends_with(info.name, ".bias")) {
      const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
      if (spec.init == Init::kUniform) {
        fill_uniform(info.size, bound, rng, out);
      } else {
        std::fill(out, out + info.size, 0.0f);
      }
    } else if (ends_with(info.name, ".norm.gain")) {
      std::fill(out, out + info.size, 1.0f);
    } else if (ends_with(info.name, ".norm.shift")) {
      std::fill(out, out + info.size, 0.0f);
    } else {
      for (const FreeParameter& free : spec.free) {
        if (free.name == info.name) {
          std::fill(out, out + info.size, static_cast<float>(free.value));
        }
      }
    }
  }
}

}  // namespace tern
