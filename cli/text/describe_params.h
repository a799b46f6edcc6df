#pragma once
// Parameters as `tern describe` shows them.

#include <string>
#include <vector>

#include "cli/text/table.h"
#include "core/files/json.h"
#include "core/params.h"

namespace tern::cli {

inline void print_params(const std::vector<ParamInfo>& infos) {
  std::vector<std::vector<std::string>> rows;
  for (const ParamInfo& info : infos) {
    rows.push_back({info.name, info.default_value, info.type, info.range, info.doc});
  }
  print_table(rows);
}

/// [{"name", "type", "default", "range", "doc"}, ..].
inline Json params_json(const std::vector<ParamInfo>& infos) {
  Json list = Json::list();
  for (const ParamInfo& info : infos) {
    list.push_back({{"name", info.name},
                    {"type", info.type},
                    {"default", info.default_value},
                    {"range", info.range},
                    {"doc", info.doc}});
  }
  return list;
}

}  // namespace tern::cli
