#pragma once
// Aligned columns on standard output.

#include <string>
#include <vector>

namespace tern::cli {

/// Rows of cells, each row indented by two blanks, columns aligned with two blanks between.
void print_table(const std::vector<std::vector<std::string>>& rows);

/// "a, b, c".
std::string joined(const std::vector<std::string>& words);

}  // namespace tern::cli
