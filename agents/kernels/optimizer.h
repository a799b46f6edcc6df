#pragma once
// Optimisers over a flat parameter buffer, one pass each. Std only.

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/state_io.h"
#include "core/views.h"

namespace tern {

/// Euclidean norm, summed in double.
double gradient_norm(Row<const float> gradients);

/// What gradients of norm `norm` are multiplied by so that it is at most `max_norm`; 0: never.
/// Pascanu et al. 2013. Pass it to step(): scaling is part of the optimiser's one pass.
double clip_scale(double norm, double max_norm);

/// Adam (Kingma and Ba 2015, algorithm 1), state in two flat buffers; g is gradient_scale times the
/// gradient:
///   m = b1 m + (1-b1) g,  v = b2 v + (1-b2) g^2,
///   p -= lr (weight_decay p + (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + epsilon))
/// With weight_decay > 0 it is AdamW (Loshchilov and Hutter 2019, algorithm 2).
class Adam {
 public:
  Adam(std::size_t size, double epsilon, double beta1 = 0.9, double beta2 = 0.999,
       double weight_decay = 0);

  void step(Row<float> parameters, Row<const float> gradients, double learning_rate,
            double gradient_scale = 1);

  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  double epsilon_, beta1_, beta2_, weight_decay_;
  std::int64_t steps_ = 0;
  std::vector<float> mean_, variance_;
};

/// RMSprop as A2C and the Atari DQN used it (Hinton, lecture 6e), epsilon outside the root:
///   v = decay v + (1-decay) g^2,  p -= lr g / (sqrt(v) + epsilon)
class RmsProp {
 public:
  RmsProp(std::size_t size, double epsilon, double decay = 0.99);

  void step(Row<float> parameters, Row<const float> gradients, double learning_rate,
            double gradient_scale = 1);

  void save(StateWriter& out) const { out.write(variance_); }
  void load(StateReader& in) { in.read(Row<float>(variance_)); }

 private:
  double epsilon_, decay_;
  std::vector<float> variance_;
};

/// Which optimiser, as a configuration names it.
struct OptimizerOptions {
  std::string kind = "adam";  // adam, adamw, rmsprop
  double epsilon = 1e-8;
  double weight_decay = 0;  // of adamw
  double beta1 = 0.9;       // of adam and adamw
};

/// One of the above. Throws Error for an unknown kind, and for a weight decay without adamw.
class Optimizer {
 public:
  Optimizer(std::size_t size, const OptimizerOptions& options);

  void step(Row<float> parameters, Row<const float> gradients, double learning_rate,
            double gradient_scale = 1);

  /// What the chosen one saves.
  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  std::variant<Adam, RmsProp> chosen_;
};

/// target = (1 - tau) target + tau online (Polyak averaging); exactly a copy where tau is 1.
void polyak_average(Row<float> target, Row<const float> online, double tau);

}  // namespace tern
