#pragma once
// Hyper-parameters of TQC. Std only. Names and defaults as those of SB3-Contrib's, in our words.

#include "agents/sac/sac_config.h"

namespace tern {

struct TqcConfig : SacConfig {
  int critics = 2;
  int quantiles = 25;
  int dropped_quantiles = 2;

  template <class V>
  void visit(V& v) {
    SacConfig::visit(v);
    v("critics", critics, "networks side by side, whose quantiles are pooled", in_range(1, 100));
    v("quantiles", quantiles, "of the distribution of returns, for each critic", in_range(2, 1000));
    v("dropped_quantiles", dropped_quantiles,
      "largest ones of each critic that a target leaves out: the more, the more cautious",
      in_range(0, 999));
  }
};

}  // namespace tern
