#pragma once
// A JSON document on standard output, as every command with --json writes it.

#include <iostream>

namespace tern::cli {

/// One document on one line. Numbers read back as the same doubles; NaN and infinities, which JSON
/// lacks, are null; bytes of a plugin's names that are no UTF-8 are replaced.
/// Json: nlohmann::ordered_json, which headers do not include.
template <class Json>
void print_json(const Json& document) {
  std::cout << document.dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false,
                             Json::error_handler_t::replace)
            << "\n";
}

}  // namespace tern::cli
