#pragma once
// The page of `tern serve`: a list of runs beside the page of an episode.

#include <string>
#include <utility>
#include <vector>

namespace tern::cli {

std::string serve_page_html();
std::string serve_page_style();
std::string serve_page_script();

/// Headers of all answers: what a browser may load for the page, and that it keeps nothing.
const std::vector<std::pair<std::string, std::string>>& page_headers();

}  // namespace tern::cli
