#pragma once
// Standard output kept for one document: with --json, whatever else writes there goes to standard
// error.

#include <string>

namespace tern::cli {

/// From now on only print_document() reaches standard output. What an env of a plugin prints, with
/// printf or with std::cout, is shown on standard error instead. Does nothing if standard output or
/// standard error is closed.
void keep_output_for_document();

/// Writes the text, ended by a line break, to standard output. std::cout tells whether that failed.
void print_document(const std::string& text);

}  // namespace tern::cli
