#pragma once
// Writes declared parameters as a Markdown table.

#include <string>
#include <vector>

#include "core/params.h"

namespace tern {

/// Text inside a cell of a Markdown table; a `|` would end it.
std::string markdown_cell(const std::string& text);

/// A Markdown table of name, type, default, range and meaning, and an empty line.
std::string markdown_table(const std::vector<ParamInfo>& infos);

}  // namespace tern
