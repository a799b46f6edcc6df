#pragma once
// Whether rows that a program hands over are those of an env. Std only.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/const_views.h"
#include "core/policy_spec.h"

namespace tern {

/// Each check throws Error::failure, a sentence that says what was expected, and allocates nothing
/// unless it does. A check takes about a nanosecond for each number of a row.
class RowChecks {
 public:
  /// who: at the beginning of the sentences, "policy for CartPole-v1".
  RowChecks(std::string who, PolicySpec spec);

  const PolicySpec& spec() const { return spec_; }
  /// As many floats and bytes as spec.obs has, no NaN. Infinite values are some env's.
  void obs(ConstObsRow obs) const;
  /// A mask of [M] flags: the one given, or that of all choices where none was given and
  /// spec.has_masks is not set. Empty for Box actions.
  ConstMaskRow mask(ConstMaskRow mask) const;
  /// That of each component some choice is allowed. mask: [M].
  void some_allowed(ConstMaskRow mask) const;
  /// spec.action.size() int32 for discrete actions, float32 for Box.
  void action(const MutableActionRow& row) const {
    action_size(row.ints().size(), row.floats().size());
  }
  void action_size(std::size_t ints, std::size_t floats) const;
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  std::string who_;
  PolicySpec spec_;
  std::vector<std::uint8_t> all_allowed_;
};

}  // namespace tern
