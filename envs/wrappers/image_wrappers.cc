#include "envs/wrappers/image_wrappers.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "envs/goal_fields.h"

namespace tern {
namespace {

bool is_picture(const Field& field) { return field.is_image() && !is_goal(field); }
bool is_colored(const Field& field) { return is_picture(field) && field.shape[2] == 3; }

template <class T>
T rounded(float value) {
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    return static_cast<std::uint8_t>(std::lround(value));
  } else {
    return value;
  }
}

/// Calls make(from, to, inner row, seen row) for each field, in the element type of the rows.
template <class Make>
void for_each_field(const ObsSpace& inner_space, const ObsSpace& seen_space, ObsRow inner,
                    ObsRow seen, const Make& make) {
  for (std::size_t i = 0; i < inner_space.fields().size(); ++i) {
    const Field &from = inner_space.fields()[i], &to = seen_space.fields()[i];
    if (from.dtype == DType::kUint8) {
      make(i, from, to, inner.bytes().subrow(from.offset - inner_space.num_floats(), from.size()),
           seen.bytes().subrow(to.offset - seen_space.num_floats(), to.size()));
    } else {
      make(i, from, to, inner.floats().subrow(from.offset, from.size()),
           seen.floats().subrow(to.offset, to.size()));
    }
  }
}

template <class T>
void to_grey(Row<T> colors, Row<T> greys) {
  for (std::size_t i = 0; i < greys.size(); ++i) {
    const auto channel = [&](std::size_t c) { return static_cast<float>(colors[3 * i + c]); };
    greys[i] = rounded<T>(0.299f * channel(0) + 0.587f * channel(1) + 0.114f * channel(2));
  }
}

}  // namespace

Grey::Grey(std::unique_ptr<Env> inner) : ObservationWrapper(std::move(inner)) {
  const ObsSpace& before = inner_->spec().obs;
  spec_.obs = ObsSpace();
  bool has_image = false;
  for (Field field : before.fields()) {
    has_image = has_image || is_colored(field);
    if (is_colored(field)) field.shape[2] = 1;
    spec_.obs.of(field.dtype).add(std::move(field));
  }
  if (!has_image) {
    throw Error("env.grey: the observation of " + spec_.id + " has no image of three colours; "
                "expected one, or pixels=[84, 84] beside it");
  }
}

void Grey::observe(ObsRow inner, ObsRow seen) {
  for_each_field(inner_->spec().obs, spec_.obs, inner, seen,
                 [](std::size_t, const Field& from, const Field&, auto before, auto after) {
                   if (is_colored(from)) {
                     to_grey(before, after);
                   } else {
                     std::copy(before.begin(), before.end(), after.begin());
                   }
                 });
}

Resize::Resize(std::unique_ptr<Env> inner, int height, int width)
    : ObservationWrapper(std::move(inner)) {
  const ObsSpace& before = inner_->spec().obs;
  spec_.obs = ObsSpace();
  bool has_image = false;
  for (Field field : before.fields()) {
    Shares field_shares;
    if (is_picture(field)) {
      field_shares = {shares(field.shape[0], height), shares(field.shape[1], width)};
      field.shape[0] = height;
      field.shape[1] = width;
      has_image = true;
    }
    shares_.push_back(std::move(field_shares));
    spec_.obs.of(field.dtype).add(std::move(field));
  }
  if (!has_image) {
    throw Error("env.resize: the observation of " + spec_.id + " has no image; expected one, or "
                "pixels=[84, 84] beside it");
  }
}

std::vector<Resize::Share> Resize::shares(int before, int after) {
  std::vector<Share> result;
  const double ratio = static_cast<double>(before) / after;  // old pixels in a new one
  for (int i = 0; i < after; ++i) {
    const double begin = i * ratio, end = (i + 1) * ratio;
    Share share;
    share.begin = static_cast<int>(begin);
    for (int k = share.begin; k < before && k < end; ++k) {
      const double covered = std::min(end, k + 1.0) - std::max(begin, static_cast<double>(k));
      share.weights.push_back(static_cast<float>(covered / ratio));
    }
    result.push_back(std::move(share));
  }
  return result;
}

template <class T>
void Resize::shrink(const Field& from, const Field& to, const Shares& shares, Row<T> inner,
                    Row<T> seen) {
  const std::size_t channels = static_cast<std::size_t>(from.shape[2]);
  const std::size_t columns = static_cast<std::size_t>(from.shape[1]);
  std::size_t next = 0;
  for (int y = 0; y < to.shape[0]; ++y) {
    const Share& rows = shares.rows[static_cast<std::size_t>(y)];
    for (const Share& across : shares.columns) {
      for (std::size_t c = 0; c < channels; ++c) {
        float sum = 0;
        for (std::size_t v = 0; v < rows.weights.size(); ++v) {
          const std::size_t row = static_cast<std::size_t>(rows.begin) + v;
          for (std::size_t u = 0; u < across.weights.size(); ++u) {
            const std::size_t column = static_cast<std::size_t>(across.begin) + u;
            sum += rows.weights[v] * across.weights[u] *
                   static_cast<float>(inner[(row * columns + column) * channels + c]);
          }
        }
        seen[next++] = rounded<T>(sum);
      }
    }
  }
}

void Resize::observe(ObsRow inner, ObsRow seen) {
  for_each_field(inner_->spec().obs, spec_.obs, inner, seen,
                 [&](std::size_t i, const Field& from, const Field& to, auto before, auto after) {
                   if (is_picture(from)) {
                     shrink(from, to, shares_[i], before, after);
                   } else {
                     std::copy(before.begin(), before.end(), after.begin());
                   }
                 });
}

}  // namespace tern
