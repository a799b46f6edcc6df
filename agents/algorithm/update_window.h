#pragma once
// Means of an agent's numbers over its newest gradient steps. Std only.

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "core/metrics/metrics.h"
#include "core/state_io.h"

namespace tern {

/// The newest `capacity` gradient steps, as EpisodeWindow has the newest 100 episodes. Where it is
/// part of a checkpoint and reporting does not change it, a resumed run reports the same numbers
/// wherever the cut fell; an agent that reports whole iterations clears it at the start of each.
class UpdateWindow {
 public:
  /// names: of what add() is given, "loss", in that order.
  explicit UpdateWindow(std::vector<std::string> names, std::size_t capacity = 100)
      : names_(std::move(names)), capacity_(capacity), columns_(names_.size()) {
    for (auto& column : columns_) column.reserve(capacity_);
  }

  /// One gradient step; one value for each name.
  void add(std::initializer_list<double> values) {
    assert(values.size() == names_.size());
    auto column = columns_.begin();
    for (const double value : values) push(*column++, value);
    ++count_;
  }
  void clear() {
    count_ = 0;
    for (auto& column : columns_) column.clear();
  }

  /// Gradient steps so far.
  std::int64_t count() const { return count_; }
  /// 0 before the first.
  double mean(std::size_t i) const {
    const std::vector<double>& column = columns_[i];
    if (column.empty()) return 0;
    return std::accumulate(column.begin(), column.end(), 0.0) / static_cast<double>(column.size());
  }
  /// "train/gradient_steps", then "train/" and each name; only the count before the first step.
  void report(std::vector<Metric>& out) const {
    out.push_back({"train/gradient_steps", static_cast<double>(count_)});
    for (std::size_t i = 0; count_ > 0 && i < names_.size(); ++i) {
      out.push_back({"train/" + names_[i], mean(i)});
    }
  }

  void save(StateWriter& out) const {
    out.write(count_);
    for (const auto& column : columns_) out.write(column);
  }
  void load(StateReader& in) {
    in.read(count_);
    check_saved_count(count_, "gradient steps");
    const auto size = std::min(static_cast<std::size_t>(count_), capacity_);
    for (auto& column : columns_) {
      in.read(column);
      check_saved(column.size() == size, "a window of the newest of " + std::to_string(count_) +
                                             " gradient steps has " + std::to_string(column.size()));
    }
  }

 private:
  void push(std::vector<double>& ring, double value) {
    if (ring.size() < capacity_) {
      ring.push_back(value);
    } else {
      ring[static_cast<std::size_t>(count_) % capacity_] = value;
    }
  }

  std::vector<std::string> names_;
  std::size_t capacity_;
  std::int64_t count_ = 0;
  std::vector<std::vector<double>> columns_;  // one for each name
};

}  // namespace tern
