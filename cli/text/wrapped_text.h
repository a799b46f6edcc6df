#pragma once
// Sentences broken into lines for a terminal.

#include <cstddef>
#include <string>

namespace tern::cli {

/// The columns of the terminal that standard output goes to; 0 if it goes elsewhere, where lines are
/// better left whole for other programs.
std::size_t output_columns();

/// `text` in lines that begin with `indent` spaces and end before `columns`, each with its line
/// break. Words are never cut. columns 0: one line.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t columns);

}  // namespace tern::cli
