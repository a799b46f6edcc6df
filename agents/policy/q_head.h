#pragma once
// How Q(s, .) is read from what a network gives. Std only.

#include <cstddef>
#include <vector>

#include "agents/kernels/fused_mlp.h"
#include "agents/kernels/mlp_layout.h"

namespace tern {

/// From the heads of a network to Q(s, .), and from d loss / d Q back to them. Plain: one head with a
/// column for each of the M actions. Dueling (Wang et al. 2016, arXiv:1511.06581, Eq. 9): A(s, .) and
/// V(s), each above hidden layers of its own:
///   Q(s, a) = V(s) + A(s, a) - mean over all a' of A(s, a')
class QHead {
 public:
  QHead(std::size_t num_actions, bool is_dueling)
      : num_actions_(num_actions), is_dueling_(is_dueling) {}

  bool is_dueling() const { return is_dueling_; }
  std::vector<Head> heads() const;

  /// Rows of outputs as Network::infer() gives them: puts Q(s, .) into the first M columns of each.
  void to_q(Rows<float> outputs, std::size_t rows) const;
  /// The same from the heads that a loss is handed, into `q`, [rows, M]. Dueling only.
  void to_q(HeadRows outputs, std::size_t rows, Rows<float> q) const;
  /// d loss / d outputs of the heads from d loss / d Q, [rows, M]. Dueling only.
  void to_output_gradient(Rows<const float> q_gradient, std::size_t rows, HeadRows gradient) const;

 private:
  /// advantages and q may be the same row.
  void to_q(const float* advantages, float value, float* q) const;

  std::size_t num_actions_;
  bool is_dueling_;
};

}  // namespace tern
