#pragma once
// Finds the candidate nearest to a mistyped word: "Did you mean ..?".

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <vector>

namespace tern {

/// Edit distance with insertions, deletions, substitutions and swaps of neighbours, ignoring case
/// (optimal string alignment).
inline std::size_t edit_distance(const std::string& a, const std::string& b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool equal = lower(a[i - 1]) == lower(b[j - 1]);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                             cost[i - 1][j - 1] + (equal ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

/// The candidate nearest to `word`, or "" when none is close enough to be what was meant: at most
/// a third of the longer word differs, or `word` begins the candidate.
inline std::string nearest_name(const std::string& word,
                                const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = static_cast<std::size_t>(-1);
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    const std::size_t longer = std::max(word.size(), candidate.size());
    const bool begins = word.size() >= 3 && edit_distance(word, candidate.substr(0, word.size())) == 0;
    const bool close = 3 * distance <= longer || (distance == 1 && longer > 1) || begins;
    if (close && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

/// " Did you mean 'x'?" or "".
inline std::string did_you_mean(const std::string& word,
                                const std::vector<std::string>& candidates) {
  const std::string best = nearest_name(word, candidates);
  return best.empty() ? "" : " Did you mean '" + best + "'?";
}

}  // namespace tern
