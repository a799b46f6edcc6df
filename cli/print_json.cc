#include "cli/print_json.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace tern::cli {

void print_json(const nlohmann::ordered_json& document) {
  // A plugin's names may be any bytes; those that are no UTF-8 are replaced.
  std::cout << document.dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false,
                             nlohmann::ordered_json::error_handler_t::replace)
            << "\n";
}

}  // namespace tern::cli
