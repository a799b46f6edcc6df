#pragma once
// A JSON document on standard output, as every command with --json writes it.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace tern::cli {

/// One document on one line. Numbers read back as the same doubles; NaN and infinities, which JSON
/// lacks, are null.
void print_json(const nlohmann::ordered_json& document);

}  // namespace tern::cli
