#pragma once
// The rules of the house that a compiler does not check: who may include what, and that nothing
// draws random numbers outside our streams. Docs: docs/architecture.md.

#include <string>
#include <vector>

namespace tern::house {

struct SourceFile {
  std::string path;  // from the root, with slashes: "envs/env.h"
  std::string text;
};

/// Every .h, .cc, .c of the source folders (not of build folders), sorted by path.
std::vector<SourceFile> read_source_tree(const std::string& root);

/// A breach of a rule, ready to read: "envs/a.cc:3: envs/ may not include render/canvas.h ...".
using Violations = std::vector<std::string>;

/// Floors: an include of ours leads to the same floor or below it, agents/ and render/ never to
/// each other.
Violations floor_violations(const std::vector<SourceFile>& sources);

/// Files: no circle of includes, where a header and its source are one. Rooms: neither between
/// folders (but for those of the tests).
Violations circle_violations(const std::vector<SourceFile>& sources);

/// LibTorch, Box2D, SFML, yaml-cpp and the small C libraries stay where the table allows them.
Violations library_violations(const std::vector<SourceFile>& sources);

/// The headers that a plugin's author includes know only each other and the standard library.
Violations authoring_violations(const std::vector<SourceFile>& sources);

/// Nothing draws from LibTorch's or the standard library's generators.
Violations generator_violations(const std::vector<SourceFile>& sources);

/// The headers that authors of envs include; all of them compile as C++17.
const std::vector<std::string>& authoring_headers();

}  // namespace tern::house
