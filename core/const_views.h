#pragma once
// Read-only views of observations and masks, as a policy gets them.

#include <cstddef>
#include <cstdint>

#include "core/views.h"

namespace tern {

/// A MaskRow to be read only.
using ConstMaskRow = Row<const std::uint8_t>;

/// An ObsRow to be read only.
class ConstObsRow {
 public:
  ConstObsRow() = default;
  explicit ConstObsRow(Row<const float> row) : floats_(row) {}
  explicit ConstObsRow(Row<const std::uint8_t> row) : bytes_(row) {}
  ConstObsRow(ObsRow row) : floats_(row.floats()), bytes_(row.bytes()) {}

  float operator[](std::size_t i) const { return floats_[i]; }
  Row<const float> floats() const { return floats_; }
  Row<const std::uint8_t> bytes() const { return bytes_; }
  std::size_t size() const { return floats_.size() + bytes_.size(); }

 private:
  Row<const float> floats_;
  Row<const std::uint8_t> bytes_;
};

}  // namespace tern
