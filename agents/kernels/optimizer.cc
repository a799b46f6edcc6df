#include "agents/kernels/optimizer.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "agents/kernels/optimizer.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which sets the target.
#include <hwy/highway.h>

#ifndef TERN_OPTIMIZER_STEPS_
#define TERN_OPTIMIZER_STEPS_
namespace tern {
namespace {

/// The constants of one step, in float. 1 - b2 is rounded once: in float it would be off by 1.3e-5.
struct AdamStep {
  float scale, b1, rest1, b2, rest2, step_size, root_correction, epsilon, decay;
};
struct RmsPropStep {
  float scale, decay, rest, step_size, epsilon;
};

}  // namespace
}  // namespace tern
#endif  // TERN_OPTIMIZER_STEPS_

HWY_BEFORE_NAMESPACE();
namespace tern {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr std::size_t kLanes = hn::MaxLanes(D());

/// Calls body(i, load, store) for each vector of `size` floats; the last may be a part of one.
/// Nothing behind `size` is touched: buffers need no slack.
template <class Body>
HWY_INLINE void ForEachVector(std::size_t size, const Body& body) {
  const D d;
  const auto load = [&](const float* from) HWY_ATTR { return hn::LoadU(d, from); };
  const auto store = [&](V v, float* to) HWY_ATTR { hn::StoreU(v, d, to); };
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) body(i, load, store);
  if (i == size) return;
  const std::size_t rest = size - i;
  const auto load_rest = [&](const float* from) HWY_ATTR {
    HWY_ALIGN float lanes[kLanes] = {};
    std::copy_n(from, rest, lanes);
    return hn::Load(d, lanes);
  };
  const auto store_rest = [&](V v, float* to) HWY_ATTR {
    HWY_ALIGN float lanes[kLanes];
    hn::Store(v, d, lanes);
    std::copy_n(lanes, rest, to);
  };
  body(i, load_rest, store_rest);
}

double SquaredNorm(const float* x, std::size_t size) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> half;
  const std::size_t lanes = hn::Lanes(d);
  auto sum0 = hn::Zero(d), sum1 = hn::Zero(d), sum2 = hn::Zero(d), sum3 = hn::Zero(d);
  const auto square = [&](std::size_t i, auto sum) HWY_ATTR {
    const auto v = hn::PromoteTo(d, hn::LoadU(half, x + i));
    return hn::MulAdd(v, v, sum);
  };
  std::size_t i = 0;
  for (; i + 4 * lanes <= size; i += 4 * lanes) {
    sum0 = square(i, sum0);
    sum1 = square(i + lanes, sum1);
    sum2 = square(i + 2 * lanes, sum2);
    sum3 = square(i + 3 * lanes, sum3);
  }
  double sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
  for (; i < size; ++i) sum += static_cast<double>(x[i]) * x[i];
  return sum;
}

void StepAdam(const AdamStep& s, std::size_t size, const float* g, float* m, float* v, float* p) {
  const D d;
  const V scale = hn::Set(d, s.scale), b1 = hn::Set(d, s.b1), rest1 = hn::Set(d, s.rest1);
  const V b2 = hn::Set(d, s.b2), rest2 = hn::Set(d, s.rest2), step = hn::Set(d, s.step_size);
  const V correction = hn::Set(d, s.root_correction), epsilon = hn::Set(d, s.epsilon);
  const V keep = hn::Set(d, 1 - s.decay);
  ForEachVector(size, [&](std::size_t i, const auto& load, const auto& store) HWY_ATTR {
    const V gradient = hn::Mul(scale, load(g + i));
    const V mean = hn::MulAdd(b1, load(m + i), hn::Mul(rest1, gradient));
    const V variance = hn::MulAdd(b2, load(v + i), hn::Mul(rest2, hn::Mul(gradient, gradient)));
    const V root = hn::MulAdd(hn::Sqrt(variance), correction, epsilon);
    const V parameter = hn::Mul(keep, load(p + i));
    store(mean, m + i);
    store(variance, v + i);
    store(hn::Sub(parameter, hn::Div(hn::Mul(step, mean), root)), p + i);
  });
}

void StepRmsProp(const RmsPropStep& s, std::size_t size, const float* g, float* v, float* p) {
  const D d;
  const V scale = hn::Set(d, s.scale), decay = hn::Set(d, s.decay), rest = hn::Set(d, s.rest);
  const V step = hn::Set(d, s.step_size), epsilon = hn::Set(d, s.epsilon);
  ForEachVector(size, [&](std::size_t i, const auto& load, const auto& store) HWY_ATTR {
    const V gradient = hn::Mul(scale, load(g + i));
    const V variance = hn::MulAdd(decay, load(v + i), hn::Mul(rest, hn::Mul(gradient, gradient)));
    const V root = hn::Add(hn::Sqrt(variance), epsilon);
    store(variance, v + i);
    store(hn::Sub(load(p + i), hn::Div(hn::Mul(step, gradient), root)), p + i);
  });
}

void Average(float tau, std::size_t size, const float* online, float* target) {
  const V share = hn::Set(D(), tau);
  ForEachVector(size, [&](std::size_t i, const auto& load, const auto& store) HWY_ATTR {
    const V old = load(target + i);
    store(hn::MulAdd(share, hn::Sub(load(online + i), old), old), target + i);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tern
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tern {

HWY_EXPORT(SquaredNorm);
HWY_EXPORT(StepAdam);
HWY_EXPORT(StepRmsProp);
HWY_EXPORT(Average);

double gradient_norm(Row<const float> gradients) {
  return std::sqrt(HWY_DYNAMIC_DISPATCH(SquaredNorm)(gradients.data(), gradients.size()));
}

double clip_scale(double norm, double max_norm) {
  return max_norm > 0 && norm > max_norm ? max_norm / (norm + 1e-6) : 1.0;
}

Adam::Adam(std::size_t size, double epsilon, double beta1, double beta2, double weight_decay)
    : epsilon_(epsilon),
      beta1_(beta1),
      beta2_(beta2),
      weight_decay_(weight_decay),
      mean_(size),
      variance_(size) {}

void Adam::step(Row<float> parameters, Row<const float> gradients, double learning_rate,
                double gradient_scale) {
  ++steps_;
  const auto t = static_cast<double>(steps_);
  AdamStep s;
  s.scale = static_cast<float>(gradient_scale);
  s.b1 = static_cast<float>(beta1_);
  s.rest1 = static_cast<float>(1 - beta1_);
  s.b2 = static_cast<float>(beta2_);
  s.rest2 = static_cast<float>(1 - beta2_);
  s.step_size = static_cast<float>(learning_rate / (1 - std::pow(beta1_, t)));
  s.root_correction = static_cast<float>(1 / std::sqrt(1 - std::pow(beta2_, t)));
  s.epsilon = static_cast<float>(epsilon_);
  s.decay = static_cast<float>(learning_rate * weight_decay_);
  HWY_DYNAMIC_DISPATCH(StepAdam)
  (s, mean_.size(), gradients.data(), mean_.data(), variance_.data(), parameters.data());
}

void Adam::save(StateWriter& out) const {
  out.write(steps_, mean_, variance_);
}

void Adam::load(StateReader& in) {
  in.read(steps_);
  check_saved_count(steps_, "steps of the optimizer");
  in.read(Row<float>(mean_));
  in.read(Row<float>(variance_));
}

RmsProp::RmsProp(std::size_t size, double epsilon, double decay)
    : epsilon_(epsilon), decay_(decay), variance_(size) {}

void RmsProp::step(Row<float> parameters, Row<const float> gradients, double learning_rate,
                   double gradient_scale) {
  const RmsPropStep s = {static_cast<float>(gradient_scale), static_cast<float>(decay_),
                         static_cast<float>(1 - decay_), static_cast<float>(learning_rate),
                         static_cast<float>(epsilon_)};
  HWY_DYNAMIC_DISPATCH(StepRmsProp)
  (s, variance_.size(), gradients.data(), variance_.data(), parameters.data());
}

namespace {

std::variant<Adam, RmsProp> made(std::size_t size, const OptimizerOptions& options) {
  if (options.weight_decay != 0 && options.kind != "adamw") {
    throw Error("agent.weight_decay: only agent.optimizer adamw decays weights, not " +
                options.kind);
  }
  if (options.kind == "rmsprop") return RmsProp(size, options.epsilon);
  if (options.kind != "adam" && options.kind != "adamw") {
    throw Error("agent.optimizer: '" + options.kind + "' is not one of adam, adamw, rmsprop");
  }
  return Adam(size, options.epsilon, options.beta1, 0.999, options.weight_decay);
}

}  // namespace

Optimizer::Optimizer(std::size_t size, const OptimizerOptions& options)
    : chosen_(made(size, options)) {}

void Optimizer::step(Row<float> parameters, Row<const float> gradients, double learning_rate,
                     double gradient_scale) {
  std::visit([&](auto& each) { each.step(parameters, gradients, learning_rate, gradient_scale); },
             chosen_);
}

void Optimizer::save(StateWriter& out) const {
  std::visit([&](const auto& each) { each.save(out); }, chosen_);
}

void Optimizer::load(StateReader& in) {
  std::visit([&](auto& each) { each.load(in); }, chosen_);
}

void polyak_average(Row<float> target, Row<const float> online, double tau) {
  if (tau == 1) {  // an exact copy, not one to within rounding
    std::copy(online.begin(), online.end(), target.begin());
    return;
  }
  HWY_DYNAMIC_DISPATCH(Average)
  (static_cast<float>(tau), target.size(), online.data(), target.data());
}

}  // namespace tern
#endif  // HWY_ONCE
