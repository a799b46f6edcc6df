#pragma once
// Formats mean returns with their deviation: "487.3 +- 31.2".

#include <string>

namespace tern {

/// "487.3 +- 31.2", "0.9650 +- 0.0231": three digits of the deviation, at least one decimal and at
/// most six. Without a deviation as many decimals as the mean has: "0.965 +- 0.000".
std::string return_text(double mean, double deviation);

/// One return, of which no spread is known: three digits, at least one decimal: "187.2", "0.965".
std::string return_text(double value);

}  // namespace tern
