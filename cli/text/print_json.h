#pragma once
// A JSON document on standard output, as every command with --json writes it.

#include "cli/process/document_output.h"
#include "core/files/json.h"

namespace tern::cli {

/// One document on one line.
inline void print_json(const Json& document) { print_document(document.dump()); }

}  // namespace tern::cli
