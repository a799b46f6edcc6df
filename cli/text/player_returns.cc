#include "cli/text/player_returns.h"

#include <cmath>
#include <cstddef>
#include <cstdio>

namespace tern::cli {
namespace {

std::string four_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

}  // namespace

std::string player_returns_text(const std::vector<std::vector<double>>& returns) {
  const auto count = static_cast<double>(returns.size());
  std::string text;
  for (std::size_t player = 0; player < returns.front().size(); ++player) {
    double mean = 0, squares = 0;
    for (const auto& episode : returns) mean += episode[player] / count;
    for (const auto& episode : returns) {
      squares += (episode[player] - mean) * (episode[player] - mean);
    }
    text += (player == 0 ? "player " : ", player ") + std::to_string(player) + ": " + four_digits(mean);
    if (returns.size() > 1) text += " +- " + four_digits(std::sqrt(squares / count));
  }
  return text;
}

}  // namespace tern::cli
