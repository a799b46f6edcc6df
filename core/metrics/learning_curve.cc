#include "core/metrics/learning_curve.h"

namespace tern {
namespace {

constexpr std::size_t kMostMoments = 8;  // that the present speed is measured over

const Metric* find(const MetricsRecord& record, const char* name) {
  for (const Metric& metric : record.metrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

/// Drops the points after `step` from a list in the order of steps.
template <class Point>
void cut(Point& points, std::int64_t step) {
  while (!points.empty() && points.back().step > step) points.pop_back();
}

void add_evaluation(std::vector<EvalPoint>& points, const MetricsRecord& record,
                    const std::string& series) {
  const Metric* const mean = find(record, (series + "/return").c_str());
  if (mean == nullptr) return;
  const Metric* const deviation = find(record, (series + "/return_std").c_str());
  points.push_back({record.step, mean->value, deviation == nullptr ? 0 : deviation->value,
                    series == "final_eval"});
}

}  // namespace

void LearningCurve::add(const MetricsRecord& record) {
  if (record.step < step_) forget_after(record.step);
  step_ = record.step;
  if (moments_.empty() || record.step > moments_.back().step) {
    moments_.push_back({record.step, record.seconds});
    if (moments_.size() > kMostMoments) moments_.pop_front();
  }
  if (const Metric* const value = find(record, "rollout/return")) {
    add_return({record.step, value->value});
  }
  add_evaluation(evaluations_, record, "eval");
  add_evaluation(evaluations_, record, "final_eval");
}

void LearningCurve::add_return(const ReturnPoint& point) {
  if (is_newest_between_) returns_.pop_back();
  returns_.push_back(point);
  is_newest_between_ = num_returns_++ % stride_ != 0;
  if (is_newest_between_ || returns_.size() <= 2 * kMostReturns) return;
  for (std::size_t i = 0; 2 * i < returns_.size(); ++i) returns_[i] = returns_[2 * i];
  returns_.resize((returns_.size() + 1) / 2);
  stride_ *= 2;
}

void LearningCurve::forget_after(std::int64_t step) {
  cut(returns_, step);
  is_newest_between_ = false;
  cut(evaluations_, step);
  cut(moments_, step);
}

double LearningCurve::steps_per_second() const {
  if (moments_.size() < 2) return 0;
  const Moment &first = moments_.front(), &last = moments_.back();
  const double seconds = last.seconds - first.seconds;
  return seconds > 0 ? static_cast<double>(last.step - first.step) / seconds : 0;
}

}  // namespace tern
