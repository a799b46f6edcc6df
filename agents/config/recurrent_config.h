#pragma once
// Hyper-parameters of memory in agents that learn from a replay buffer. Std only.

#include <cstddef>
#include <string>

#include "core/params.h"

namespace tern {

struct RecurrentConfig {
  std::string recurrent = "none";
  int recurrent_size = 64;
  int sequence_length = 32;
  int burn_in = 16;

  bool is_on() const { return recurrent != "none"; }
  /// Consecutive steps that are drawn together.
  int drawn_steps() const { return burn_in + sequence_length; }
  /// Numbers that are remembered of an episode: the actor's and the critics'.
  std::size_t state_size() const {
    return is_on() ? 2 * static_cast<std::size_t>(recurrent_size) : 0;
  }

  template <class V>
  void visit(V& v) {
    v("recurrent", recurrent,
      "memory below the hidden layers: gru, a gated recurrent unit of the actor and one of the "
      "critics, "
      "which learn from sequences of steps",
      one_of({"none", "gru"}));
    v("recurrent_size", recurrent_size, "numbers that each memory holds", in_range(8, 4096));
    v("sequence_length", sequence_length,
      "recurrent: consecutive steps that are learned from together; divides batch_size",
      at_least(1));
    v("burn_in", burn_in,
      "recurrent: steps before each sequence that only bring its memory up to date", at_least(0));
  }
};

}  // namespace tern
