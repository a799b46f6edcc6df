#include "replay/replay_summary.h"

#include <algorithm>
#include <cmath>

namespace tern {
namespace {

/// each(f): calls f with every number. Is called twice: for the ends, then for the bins.
template <class Each>
Distribution distribution_of(const Each& each) {
  Distribution result;
  result.bins.assign(Distribution::kBins, 0);
  double sum = 0;
  each([&](double x) {
    if (!std::isfinite(x)) {
      ++result.not_finite;
      return;
    }
    result.least = result.count == 0 ? x : std::min(result.least, x);
    result.most = result.count == 0 ? x : std::max(result.most, x);
    sum += x;
    ++result.count;
  });
  if (result.count == 0) return result;
  result.mean = sum / static_cast<double>(result.count);
  const double width = (result.most - result.least) / static_cast<double>(Distribution::kBins);
  each([&](double x) {
    if (!std::isfinite(x)) return;
    const auto bin = width > 0 ? static_cast<std::size_t>((x - result.least) / width) : 0;
    ++result.bins[std::min(bin, Distribution::kBins - 1)];
  });
  return result;
}

Distribution distribution_of_list(const std::vector<double>& values) {
  return distribution_of([&](const auto& f) {
    for (const double x : values) f(x);
  });
}

/// Calls f(slot) for every stored step, env by env, oldest first.
template <class F>
void for_each_slot(const ReplayBuffer::Reader& reader, std::size_t num_envs, const F& f) {
  for (std::size_t n = 0; n < num_envs; ++n) {
    const std::int64_t end = reader.written(n);
    for (std::int64_t step = end - reader.stored(n); step < end; ++step) f(reader.slot_of(n, step));
  }
}

ActionSummary action_summary(const EnvSpec& spec, std::size_t c, const ReplayBuffer::Reader& reader,
                             std::size_t num_envs) {
  ActionSummary summary;
  summary.name = spec.action.components()[c].name;
  if (spec.action.is_box()) {
    summary.values = distribution_of([&](const auto& f) {
      for_each_slot(reader, num_envs, [&](std::int64_t slot) {
        f(static_cast<double>(static_cast<const float*>(reader.action(slot))[c]));
      });
    });
    return summary;
  }
  summary.options = spec.action.components()[c].options;
  summary.counts.assign(summary.options.size(), 0);
  for_each_slot(reader, num_envs, [&](std::int64_t slot) {
    const std::int32_t choice = static_cast<const std::int32_t*>(reader.action(slot))[c];
    ++summary.counts.at(static_cast<std::size_t>(choice));
  });
  return summary;
}

}  // namespace

ReplaySummary summarize(const EnvSpec& spec, const ReplayBuffer& replay) {
  const ReplayBuffer::Reader reader = replay.read();
  const std::size_t num_envs = replay.num_envs();
  ReplaySummary summary;
  summary.size = reader.size();
  summary.capacity = replay.capacity();
  summary.num_envs = num_envs;
  const auto distribution = [&](const auto& value_of) {
    return distribution_of([&](const auto& f) {
      for_each_slot(reader, num_envs,
                    [&](std::int64_t slot) { f(static_cast<double>(value_of(slot))); });
    });
  };
  summary.ages = distribution([&](std::int64_t slot) {
    return reader.written(reader.env_of(slot)) - 1 - reader.step_of(slot);
  });
  summary.rewards = distribution([&](std::int64_t slot) { return reader.reward(slot); });
  std::vector<double> returns, lengths;
  double sum = 0;
  std::int64_t length = -1;  // -1: the episode's beginning is not stored
  std::size_t env = num_envs;
  for_each_slot(reader, num_envs, [&](std::int64_t slot) {
    if (reader.env_of(slot) != env) {
      env = reader.env_of(slot);
      length = -1;
    }
    if (reader.begins(slot)) sum = static_cast<double>(length = 0);
    if (length >= 0) {
      sum += static_cast<double>(reader.reward(slot));
      ++length;
    }
    if (!reader.ended(slot)) return;
    ++(reader.terminated(slot) ? summary.terminated : summary.truncated);
    if (length < 0) return;
    returns.push_back(sum);
    lengths.push_back(static_cast<double>(length));
  });
  summary.returns = distribution_of_list(returns);
  summary.lengths = distribution_of_list(lengths);
  for (std::size_t c = 0; c < spec.action.size(); ++c) {
    summary.actions.push_back(action_summary(spec, c, reader, num_envs));
  }
  return summary;
}

}  // namespace tern
