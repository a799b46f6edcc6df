#pragma once
// Conditions on a moment of an episode, at which a viewer pauses: "td_error > 5", "action == left".

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "envs/env.h"
#include "render/frame_data.h"

namespace tern {

/// One comparison of a quantity of the moment with a number or an action's name.
///
///   NAME OP NUMBER        td_error, entropy, value, reward, return, step, probability,
///                         return_deviation, obs.FIELD, and of Box actions action (action.COMPONENT
///                         of several)
///   action OP NAME|INDEX  discrete actions, == and != alone; action.COMPONENT of several
///   terminated, truncated
///
/// OP: > >= < <= == !=. Spaces in names of fields and components are written as '_'. Quantities are
/// those of the moment that is shown, in the units of the env's reward:
///   td_error     r_t + gamma (1 - terminated) V(s_t) - V(s_t-1) of the step that led to it, where
///                V is V(s) or the best Q(s, a)
///   reward       of the step that led to it
///   action, entropy, probability, return_deviation   of what is done next; probability is that of
///                the action, return_deviation the standard deviation of its quantiles of the
///                return
/// What the policy does not know (the entropy of DQN) is never reached; see is_unknown().
class Breakpoint {
 public:
  /// Throws Error that quotes the text and says what may stand there.
  Breakpoint(const std::string& text, const EnvSpec& spec);

  /// As it was written, without spaces at its ends.
  const std::string& text() const { return text_; }
  /// Whether the moment satisfies it. gamma: discount factor of td_error.
  bool is_reached(const FrameData& frame, double gamma) const;
  /// "td_error > 5 (6.13)": with the value that it has in the moment.
  std::string str(const FrameData& frame, double gamma) const;
  /// Whether the quantity is one that a policy has to know, and this moment's does not.
  bool is_unknown(const FrameData& frame) const;
  /// Its name: "td_error".
  const std::string& name() const { return name_; }

 private:
  enum class Quantity : std::uint8_t {
    kTdError,
    kEntropy,
    kValue,
    kProbability,
    kReturnDeviation,
    kReward,
    kReturn,
    kStep,
    kObs,
    kAction,
    kTerminated,
    kTruncated,
  };
  enum class Compare : std::uint8_t { kMore, kAtLeast, kLess, kAtMost, kEqual, kUnequal };
  struct Name {
    std::string word;
    Quantity quantity = Quantity::kStep;
    std::size_t index = 0;  // of the element or component
  };

  static std::vector<Name> names_for(const EnvSpec& spec);
  [[noreturn]] void refuse(const std::string& why) const;
  void read_name(const EnvSpec& spec, std::size_t end);
  void read_operator(std::size_t& at);
  void read_number(const std::string& word);
  void read_option(const std::string& word, const std::vector<std::string>& options);
  std::optional<double> measured(const FrameData& frame, double gamma) const;

  std::string text_, name_;
  Quantity quantity_ = Quantity::kStep;
  std::size_t index_ = 0;
  Compare compare_ = Compare::kEqual;
  double number_ = 0;
};

/// r + gamma (1 - terminated) V(s') - V(s) of the step that led to the moment, in units of reward;
/// none at the start of an episode and where the policy gives no values.
std::optional<double> td_error(const FrameData& frame, double gamma);

}  // namespace tern
