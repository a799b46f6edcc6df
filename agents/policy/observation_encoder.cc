#include "agents/policy/observation_encoder.h"

#include <algorithm>
#include <cmath>

namespace tern {
namespace {

constexpr double kVarianceFloor = 1e-8;
constexpr float kClip = 10.0f;  // of a normalised value

}  // namespace

ObservationEncoder::ObservationEncoder(const ObsSpace& space, bool normalize, bool has_convolutions)
    : space_(space),
      normalize_(normalize && space.num_floats() > 0),
      moments_(normalize_ ? space.num_floats() : 0),
      shift_(space.size(), 0.0f),
      scale_(space.size(), 1.0f) {
  for (const Field& field : space.fields()) {
    Element element;
    element.categories = field.categories;
    element.first = field.first;
    element.is_pixel = has_convolutions && field.is_image() && field.categories == 0;
    element.divisor = field.high > 0 ? static_cast<float>(field.high) : 1.0f;
    if (element.is_pixel) {
      const double range = field.high - field.low;
      const bool is_bounded = std::isfinite(range) && range > 0;
      element.low = is_bounded ? static_cast<float>(field.low) : 0.0f;
      element.divisor = is_bounded ? static_cast<float>(range) : 1.0f;
    }
    for (std::size_t i = 0; i < field.size(); ++i) {
      element.offset = size_;
      elements_.push_back(element);
      size_ += field.categories > 0 ? static_cast<std::size_t>(field.categories) : 1;
    }
  }
}

void ObservationEncoder::encode(const ObsRows& rows, float* out, std::size_t stride) const {
  if (stride == 0) stride = size_;
  for (std::size_t i = 0; i < rows.count(); ++i, out += stride) encode(rows[i], out);
}

void ObservationEncoder::encode(ConstObsRow row, float* out) const {
  encode_floats(row.floats(), out);
  encode_bytes(row.bytes(), out);
}

void ObservationEncoder::encode_floats(Row<const float> row, float* out) const {
  for (std::size_t j = 0; j < row.size(); ++j) {
    const Element& element = elements_[j];
    if (element.categories > 0) {
      std::fill_n(out + element.offset, element.categories, 0.0f);
      // What is no category, NaN included, sets none of them.
      const float index = row[j] - static_cast<float>(element.first);
      const bool is_category = index >= 0 && index < static_cast<float>(element.categories);
      if (is_category) out[element.offset + static_cast<std::size_t>(index)] = 1;
    } else if (element.is_pixel) {
      out[element.offset] = (row[j] - element.low) / element.divisor;
    } else if (normalize_) {
      out[element.offset] = std::clamp((row[j] - shift_[j]) * scale_[j], -kClip, kClip);
    } else {
      out[element.offset] = row[j];
    }
  }
}

void ObservationEncoder::encode_bytes(Row<const std::uint8_t> row, float* out) const {
  for (std::size_t j = 0; j < row.size(); ++j) {
    const Element& element = elements_[space_.num_floats() + j];
    if (element.categories > 0) {
      std::fill_n(out + element.offset, element.categories, 0.0f);
      const int index = row[j] - element.first;
      if (index >= 0 && index < element.categories) out[element.offset + index] = 1;
    } else {
      out[element.offset] = (static_cast<float>(row[j]) - element.low) / element.divisor;
    }
  }
}

void ObservationEncoder::update(const ObsRows& rows) {
  if (!normalize_) return;
  moments_.add(reinterpret_cast<const float*>(rows.data()), rows.count(),
               rows.row_bytes() / sizeof(float));
  for (std::size_t j = 0; j < space_.num_floats(); ++j) {
    shift_[j] = static_cast<float>(moments_.mean(j));
    scale_[j] = static_cast<float>(1 / std::sqrt(moments_.variance(j) + kVarianceFloor));
  }
}

void ObservationEncoder::save(StateWriter& out) const {
  moments_.save(out);
  out.write(shift_, scale_);
}

void ObservationEncoder::load(StateReader& in) {
  moments_.load(in);
  in.read(Row<float>(shift_));
  in.read(Row<float>(scale_));
}

}  // namespace tern
