#pragma once
// What core/space.h declares. Included by it where libtern_core, which holds this compiled, is not
// linked: in plugins. C++17.

#include <utility>

namespace tern {

TERN_SPACE_INLINE ObsSpace::ObsSpace(DType dtype) : dtype_(dtype) {}
TERN_SPACE_INLINE ObsSpace::ObsSpace(const ObsSpace&) = default;
TERN_SPACE_INLINE ObsSpace::ObsSpace(ObsSpace&&) noexcept = default;
TERN_SPACE_INLINE ObsSpace& ObsSpace::operator=(const ObsSpace&) = default;
TERN_SPACE_INLINE ObsSpace& ObsSpace::operator=(ObsSpace&&) noexcept = default;
TERN_SPACE_INLINE ObsSpace::~ObsSpace() = default;

TERN_SPACE_INLINE ObsSpace& ObsSpace::scalar(const std::string& name, double low, double high,
                                             const std::string& unit) {
  return vector(name, 1, low, high, unit);
}

TERN_SPACE_INLINE ObsSpace& ObsSpace::of(DType dtype) {
  dtype_ = dtype;
  return *this;
}

TERN_SPACE_INLINE ObsSpace& ObsSpace::categorical(const std::string& name, int n, int first) {
  Field field;
  field.name = name;
  field.shape = {1};
  field.low = first;
  field.high = static_cast<double>(first) + n - 1;
  field.categories = n;
  field.first = first;
  return add(std::move(field));
}

TERN_SPACE_INLINE ObsSpace& ObsSpace::vector(const std::string& name, int n, double low,
                                             double high, const std::string& unit) {
  Field field;
  field.name = name;
  field.shape = {n};
  field.low = low;
  field.high = high;
  field.unit = unit;
  return add(std::move(field));
}

TERN_SPACE_INLINE ObsSpace& ObsSpace::image(const std::string& name, int height, int width,
                                            int channels, double low, double high) {
  Field field;
  field.name = name;
  field.shape = {height, width, channels};
  field.low = low;
  field.high = high;
  return add(std::move(field));
}

TERN_SPACE_INLINE ObsSpace& ObsSpace::add(Field field) {
  const std::size_t size = field.size();
  field.dtype = dtype_;
  if (dtype_ == DType::kUint8) {
    field.offset = num_floats_ + num_bytes_;
    num_bytes_ += size;
    fields_.push_back(std::move(field));
    return *this;
  }
  field.offset = num_floats_;
  num_floats_ += size;
  std::size_t i = fields_.size();  // of the first field of bytes
  while (i > 0 && fields_[i - 1].dtype == DType::kUint8) fields_[--i].offset += size;
  fields_.insert(fields_.begin() + static_cast<std::ptrdiff_t>(i), std::move(field));
  return *this;
}

TERN_SPACE_INLINE ActionSpace ActionSpace::discrete(std::vector<std::string> options) {
  ActionComponent component;
  component.name = "action";
  component.options = std::move(options);
  return ActionSpace(Kind::kDiscrete, {std::move(component)});
}

TERN_SPACE_INLINE ActionSpace
ActionSpace::multi_discrete(std::vector<ActionComponent> components) {
  return ActionSpace(Kind::kMultiDiscrete, std::move(components));
}

TERN_SPACE_INLINE ActionSpace ActionSpace::multi_binary(const std::vector<std::string>& names) {
  std::vector<ActionComponent> switches;
  for (const std::string& name : names) {
    ActionComponent component;
    component.name = name;
    component.options = {"off", "on"};
    switches.push_back(std::move(component));
  }
  return multi_discrete(std::move(switches));
}

TERN_SPACE_INLINE ActionSpace ActionSpace::box(std::vector<ActionComponent> components) {
  return ActionSpace(Kind::kBox, std::move(components));
}

TERN_SPACE_INLINE ActionComponent ActionSpace::real(const std::string& name, double low,
                                                    double high, const std::string& unit) {
  ActionComponent component;
  component.name = name;
  component.low = low;
  component.high = high;
  component.unit = unit;
  return component;
}

TERN_SPACE_INLINE ActionComponent ActionSpace::integer(const std::string& name, int low, int high) {
  constexpr std::int64_t kMost = 65536;
  const std::int64_t count = std::int64_t{high} - low + 1;
  if (count < 1 || count > kMost) {
    throw Error("action '" + name + "': " + std::to_string(low) + " to " + std::to_string(high) +
                " is no range of 1 to " + std::to_string(kMost) + " whole numbers");
  }
  ActionComponent component;
  component.name = name;
  for (std::int64_t value = low; value <= high; ++value) {
    component.options.push_back(std::to_string(value));
  }
  return component;
}

TERN_SPACE_INLINE ActionSpace::ActionSpace() = default;
TERN_SPACE_INLINE ActionSpace::ActionSpace(const ActionSpace&) = default;
TERN_SPACE_INLINE ActionSpace::ActionSpace(ActionSpace&&) noexcept = default;
TERN_SPACE_INLINE ActionSpace& ActionSpace::operator=(const ActionSpace&) = default;
TERN_SPACE_INLINE ActionSpace& ActionSpace::operator=(ActionSpace&&) noexcept = default;
TERN_SPACE_INLINE ActionSpace::~ActionSpace() = default;

TERN_SPACE_INLINE ActionSpace::ActionSpace(Kind kind, std::vector<ActionComponent> components)
    : kind_(kind), components_(std::move(components)) {}

}  // namespace tern
