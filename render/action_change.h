#pragma once
// Another action than the policy's: what a branch of an episode begins with.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "render/frame_data.h"

namespace tern {

/// One component of an action set to something else; the others stay as they are.
struct ActionChange {
  std::size_t component = 0;
  float value = 0;  // discrete: the index of an option
};

/// The change that a number key means: discrete options are counted through all components, from 0,
/// in the order of the panel's bars; of Box components each has three, its lower end, its middle
/// and its upper end. None where there are fewer.
std::optional<ActionChange> numbered_change(const FrameData& frame, std::size_t number);

/// frame.action with the change; none at the end of an episode and for what the mask forbids.
std::optional<std::vector<float>> changed_action(const FrameData& frame,
                                                 const ActionChange& change);

/// "left"; with several components "gripper: close"; "torque 2".
std::string change_text(const FrameData& frame, const ActionChange& change);

}  // namespace tern
