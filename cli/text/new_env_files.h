#pragma once
// The files of a project that `tern new-env` writes.

#include <string>
#include <vector>

namespace tern::cli {

struct ProjectFile {
  std::string name;  // within the project's folder
  std::string text;
};

/// What a project is written in.
enum class ProjectLanguage { kCpp, kC, kRust, kPython };

/// What stands in the files.
struct ProjectNames {
  std::string folder;        // as the user named it: "lamp-walk"
  std::string library;       // of the file and the library lib<..>.so: "lamp_walk"
  std::string class_name;    // "LampWalk"
  std::string tern;          // the command that runs Tern: "tern", "./tern"
  std::string tern_version;  // the least that is asked for: "0.1"
  std::string tern_prefix;   // where Tern's CMake package is, should it not be installed
  ProjectLanguage language = ProjectLanguage::kCpp;

  /// The env's file: "lamp_walk.cc", "src/lib.rs".
  std::string source() const;
  /// What the project's own tools read: "CMakeLists.txt", "Cargo.toml"; "" in Python.
  std::string project_file() const;
  /// The command that builds it ("" in Python), and what Tern loads, from one folder up.
  std::string build_command() const;
  std::string library_path() const;
};

/// The project file, the env with what it needs, README.md, .gitignore.
std::vector<ProjectFile> project_files(const ProjectNames& names);

}  // namespace tern::cli
