#pragma once
// Observation and action spaces: fields, shapes, bounds, names. Header-only and C++17.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/error.h"

namespace tern {

/// The type of a field's elements.
enum class DType : std::uint8_t { kFloat32, kUint8 };

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

/// A named part of an observation row.
struct Field {
  std::string name;         // "pole angle"
  std::vector<int> shape;   // {1} a scalar, {n} flat, {height, width, channels} an image
  double low = -kUnbounded;
  double high = kUnbounded;
  std::string unit;         // "rad"; "10 m" where a 1 means ten metres; "" where there is none
  int categories = 0;       // n > 0: one element holding an index, one-hot for networks
  int first = 0;            // the lowest index: it lies in [first, first + n)
  bool advisory = false;    // the bounds are usual values, not promises
  DType dtype = DType::kFloat32;  // of its elements; set by ObsSpace
  std::size_t offset = 0;   // of the first element in the row; set by ObsSpace

  std::size_t size() const {
    std::size_t n = 1;
    for (const int extent : shape) n *= static_cast<std::size_t>(extent);
    return n;
  }
  bool is_image() const { return shape.size() == 3; }
};

/// The layout of one observation row: first all fields of float32, then all of bytes, each in the
/// order in which they were added. So a row is some floats and some bytes, of which there may be
/// none.
///   ObsSpace().scalar("angle", -3.2, 3.2, "rad").scalar("speed", -8, 8, "rad/s")
///   ObsSpace().vector("joints", 6, -3.2, 3.2).of(DType::kUint8).image("camera", 84, 84, 3, 0, 255)
class ObsSpace {
 public:
  /// Of fields of this type, unless of() says otherwise.
  explicit ObsSpace(DType dtype = DType::kFloat32);
  ObsSpace(const ObsSpace&);
  ObsSpace(ObsSpace&&) noexcept;
  ObsSpace& operator=(const ObsSpace&);
  ObsSpace& operator=(ObsSpace&&) noexcept;
  ~ObsSpace();

  /// The fields that are added from now on are of this type.
  ObsSpace& of(DType dtype);
  ObsSpace& scalar(const std::string& name, double low, double high, const std::string& unit = "");
  /// An index in [first, first + n): Discrete observations. One in a byte lies in [0, 256).
  ObsSpace& categorical(const std::string& name, int n, int first = 0);
  ObsSpace& vector(const std::string& name, int n, double low, double high,
                   const std::string& unit = "");
  /// Rows, then columns, then channels, as in memory.
  ObsSpace& image(const std::string& name, int height, int width, int channels, double low,
                  double high);
  ObsSpace& add(Field field);

  /// In the order of the row.
  const std::vector<Field>& fields() const { return fields_; }
  /// Elements in a row: its floats, then its bytes.
  std::size_t size() const { return num_floats_ + num_bytes_; }
  std::size_t num_floats() const { return num_floats_; }
  std::size_t num_bytes() const { return num_bytes_; }
  /// Memory of a row that is used, in bytes.
  std::size_t used_bytes() const { return num_floats_ * sizeof(float) + num_bytes_; }
  /// Memory from one row to the next: behind floats and bytes is room, so that the next row's
  /// floats are aligned.
  std::size_t bytes() const {
    const std::size_t last = num_floats_ > 0 ? num_bytes_ % sizeof(float) : 0;
    return used_bytes() + (last > 0 ? sizeof(float) - last : 0);
  }

 private:
  DType dtype_;
  std::vector<Field> fields_;
  std::size_t num_floats_ = 0, num_bytes_ = 0;
};

/// One component of an action: a choice among named options, or a real number in a range.
struct ActionComponent {
  std::string name;                       // "push"; Box: "torque"
  std::vector<std::string> options = {};  // discrete: {"left", "right"}; empty for Box
  double low = 0;                         // Box
  double high = 0;
  std::string unit = {};
};

/// What actions an env takes: all components discrete, or all real.
class ActionSpace {
 public:
  enum class Kind : std::uint8_t { kDiscrete, kMultiDiscrete, kBox };

  /// One choice among the named options, numbered from 0.
  static ActionSpace discrete(std::vector<std::string> options);
  /// Several choices at once.
  static ActionSpace multi_discrete(std::vector<ActionComponent> components);
  /// Switches, each on or off: MultiBinary. action.discrete(i) is 0 for "off" and 1 for "on".
  static ActionSpace multi_binary(const std::vector<std::string>& names);
  /// Real numbers, handed to the env as the agent gave them (finite, possibly out of range).
  static ActionSpace box(std::vector<ActionComponent> components);
  static ActionComponent real(const std::string& name, double low, double high,
                              const std::string& unit = "");
  /// A component of multi_discrete: a whole number from `low` to `high`, named as such. The env gets
  /// a choice from 0, as of all options, and adds `low`. Throws Error unless low <= high, and for
  /// more than 65536 numbers.
  static ActionComponent integer(const std::string& name, int low, int high);

  ActionSpace();
  ActionSpace(const ActionSpace&);
  ActionSpace(ActionSpace&&) noexcept;
  ActionSpace& operator=(const ActionSpace&);
  ActionSpace& operator=(ActionSpace&&) noexcept;
  ~ActionSpace();

  Kind kind() const { return kind_; }
  bool is_box() const { return kind_ == Kind::kBox; }
  const std::vector<ActionComponent>& components() const { return components_; }
  /// Values in one action row, 4 bytes each (int32 or float32).
  std::size_t size() const { return components_.size(); }
  /// Options of component i.
  std::size_t options(std::size_t i = 0) const { return components_[i].options.size(); }
  /// Flags in one mask row: the sum of the options; 0 for Box.
  std::size_t mask_size() const {
    std::size_t n = 0;
    for (const ActionComponent& component : components_) n += component.options.size();
    return n;
  }

 private:
  ActionSpace(Kind kind, std::vector<ActionComponent> components);

  Kind kind_ = Kind::kDiscrete;
  std::vector<ActionComponent> components_;
};

}  // namespace tern

#ifndef TERN_LINKS_CORE
#define TERN_SPACE_INLINE inline
#include "core/space-inl.h"
#endif
