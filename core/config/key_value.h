#pragma once
// `key=value` words of the command line: which section of a configuration each one sets.

#include <string>
#include <vector>

#include "core/params.h"

namespace tern {

/// The keys that a section has.
struct SectionKeys {
  std::string section;  // "env"
  std::vector<std::string> keys;
};

/// An assignment whose section is known; `value.key` is without it.
struct SectionValue {
  std::string section;
  ParamValue value;
};

/// `agent.gamma` names its section, a bare `gamma` goes to the one section that has it. Throws
/// Error for a section that is not among `sections`, a bare key that several have, and an unknown
/// key, with the nearest names over all sections.
SectionValue place_in_section(const ParamValue& assignment,
                                  const std::vector<SectionKeys>& sections);

}  // namespace tern
