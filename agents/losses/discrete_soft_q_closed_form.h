#pragma once
// Targets and losses of SAC with Discrete actions, in closed form, for rows of samples: expectations over
// actions are sums, nothing is sampled. Source: Christodoulou 2019, arXiv:1910.07207. Each is compared
// with central differences and examples by hand. Std only; may be called on several threads at once.

#include <cstddef>
#include <cstdint>

#include "agents/kernels/fused_mlp.h"
#include "core/views.h"

namespace tern {

/// B transitions as far as targets need them; M actions, C critics.
struct DiscreteNextRows {
  std::size_t critics = 2, num_actions = 0;
  Row<const float> rewards, discounts;
  Row<const std::uint8_t> terminated;
  const float* next_logits = nullptr;       // [B, M], of the present policy
  const float* next_q = nullptr;            // [B, C * M], of the target critics
  const std::uint8_t* next_mask = nullptr;  // [B, M]
  double entropy_coef = 0;                  // alpha
};

/// y = r + discount (1 - terminated) sum_a pi(a | s') (min_c Q'_c(s', a) - alpha log pi(a | s')), over the
/// allowed actions. targets: [B]. Eq. 12.
void discrete_soft_target_closed_form(const DiscreteNextRows& rows, Row<float> targets);

/// Half the squared errors of all critics at the actions taken, as a sum over rows: returns
///   sum_i w_i sum_c (Q_c(s_i, a_i) - y_i)^2 / 2
/// and writes d / d Q_c, [rows, M] for each head, and td_errors, [rows]: the mean of |Q_c - y_i| over c.
double discrete_critic_error_closed_form(std::size_t critics, std::size_t num_actions, HeadRows q,
                                         Row<const std::int32_t> actions, Row<const float> targets,
                                         Row<const float> weights, HeadRows gradient,
                                         Row<float> td_errors);

/// What the actor's loss of some rows comes to, as sums.
struct DiscreteActorTerms {
  double loss = 0, entropy = 0;
  double log_choices = 0;  // log of the number of allowed actions: the largest entropy that there is
};

/// J = sum_a pi(a | s) (alpha log pi(a | s) - min_c Q_c(s, a)) over the allowed actions; returns sums over
/// rows and writes d / d logits:
///   pi_k (g_k - sum_a pi_a g_a),  g_a = alpha log pi_a - min_c Q_c(s, a);  0 where forbidden
/// q: [rows, C * M], dense; mask: [rows, M]. Eq. 11.
DiscreteActorTerms discrete_actor_closed_form(std::size_t critics, std::size_t num_actions,
                                              std::size_t rows, Rows<const float> logits,
                                              const float* q, const std::uint8_t* mask, double alpha,
                                              Rows<float> gradient);

}  // namespace tern
