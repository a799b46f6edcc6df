#pragma once
// How Q(s, .) is read from what a network gives. Std only.

#include <cstddef>
#include <vector>

#include "agents/kernels/fused_mlp.h"
#include "agents/kernels/mlp_layout.h"

namespace tern {

/// From the heads of a network to a value of each action, or N quantiles of its return, and from
/// the derivatives of a loss by those back to the heads. M actions; [M, N] is kept action by
/// action.
///
/// Plain: one head, whose columns are the values. Dueling (Wang et al. 2016, arXiv:1511.06581, Eq.
/// 9): A(s, .) and V(s), each above hidden layers of its own, for each quantile n
///   Z_n(s, a) = V_n(s) + A_n(s, a) - mean over all a' of A_n(s, a')
/// Q(s, a) is the mean of the N (Dabney et al. 2018, arXiv:1710.10044).
class QHead {
 public:
  /// quantiles: N; 0 and 1 are a value for each action.
  QHead(std::size_t num_actions, bool is_dueling, std::size_t quantiles = 0)
      : num_actions_(num_actions),
        quantiles_(quantiles == 0 ? 1 : quantiles),
        is_dueling_(is_dueling) {}

  bool is_dueling() const { return is_dueling_; }
  /// What the network gives are the values.
  bool is_plain() const { return !is_dueling_; }
  /// What the network gives is Q(s, .).
  bool gives_q() const { return is_plain() && quantiles_ == 1; }
  std::size_t quantiles() const { return quantiles_; }
  /// M N.
  std::size_t num_values() const { return num_actions_ * quantiles_; }
  std::vector<Head> heads() const;

  /// Rows of outputs as Network::infer() gives them: puts the values into the first M N columns.
  void to_values(Rows<float> outputs, std::size_t rows) const;
  /// The same, and Q(s, .) into the first M.
  void to_q(Rows<float> outputs, std::size_t rows) const;
  /// From the heads that a loss is handed, into `values`, [rows, M N]. Dueling only.
  void to_values(HeadRows outputs, std::size_t rows, Rows<float> values) const;
  /// d loss / d outputs of the heads from d loss / d values, [rows, M N]. Dueling only.
  void to_output_gradient(Rows<const float> value_gradient, std::size_t rows,
                          HeadRows gradient) const;

 private:
  /// advantages and values may be the same row.
  void join(const float* advantages, const float* state_values, float* values) const;

  std::size_t num_actions_, quantiles_;
  bool is_dueling_;
};

/// The mean of each `quantiles` values in a row, one after the other: means may lie in their place.
void mean_of_quantiles(const float* values, std::size_t quantiles, std::size_t count, float* means);

}  // namespace tern
