#pragma once
// A JSON document on standard output, as every command with --json writes it.

#include <utility>

#include "cli/process/document_output.h"
#include "core/files/json_text.h"

namespace tern::cli {

/// One document on one line, as core/json_text.h writes it. Json: nlohmann::ordered_json.
template <class Json>
void print_json(Json document) {
  print_document(json_text(std::move(document)));
}

}  // namespace tern::cli
