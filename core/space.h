#pragma once
// Observation and action spaces: fields, shapes, bounds, names. Header-only and C++17.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/error.h"

namespace tern {

enum class DType : std::uint8_t { kFloat32, kUint8 };

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

/// A named part of an observation row.
struct Field {
  std::string name;         // "pole angle"
  std::vector<int> shape;   // {1} a scalar, {n} flat, {height, width, channels} an image
  double low = -kUnbounded;
  double high = kUnbounded;
  std::string unit;         // "rad"; "10 m" where a 1 means ten metres; "" where there is none
  int categories = 0;       // n > 0: one element holding an index in [0, n), one-hot for networks
  bool advisory = false;    // the bounds are usual values, not promises
  std::size_t offset = 0;   // of the first element in the row; set by ObsSpace

  std::size_t size() const {
    std::size_t n = 1;
    for (const int extent : shape) n *= static_cast<std::size_t>(extent);
    return n;
  }
  bool is_image() const { return shape.size() == 3; }
};

/// The layout of one observation row: fields one after the other, all of one element type.
///   ObsSpace().scalar("angle", -3.2, 3.2, "rad").scalar("speed", -8, 8, "rad/s")
class ObsSpace {
 public:
  explicit ObsSpace(DType dtype = DType::kFloat32);
  ObsSpace(const ObsSpace&);
  ObsSpace(ObsSpace&&) noexcept;
  ObsSpace& operator=(const ObsSpace&);
  ObsSpace& operator=(ObsSpace&&) noexcept;
  ~ObsSpace();

  ObsSpace& scalar(const std::string& name, double low, double high, const std::string& unit = "");
  /// An index in [0, n): Discrete observations. In uint8 spaces n is at most 256.
  ObsSpace& categorical(const std::string& name, int n);
  ObsSpace& vector(const std::string& name, int n, double low, double high,
                   const std::string& unit = "");
  /// Rows, then columns, then channels, as in memory.
  ObsSpace& image(const std::string& name, int height, int width, int channels, double low,
                  double high);
  ObsSpace& add(Field field);

  DType dtype() const { return dtype_; }
  const std::vector<Field>& fields() const { return fields_; }
  /// Elements in a row.
  std::size_t size() const { return size_; }
  /// Bytes in a row.
  std::size_t bytes() const { return size_ * (dtype_ == DType::kFloat32 ? sizeof(float) : 1); }

 private:
  DType dtype_;
  std::vector<Field> fields_;
  std::size_t size_ = 0;
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
