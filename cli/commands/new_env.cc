// tern new-env: writes a project with an env of the user's own, ready to build.

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "cli/process/own_library.h"
#include "cli/text/command.h"
#include "cli/text/new_env_files.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "core/shell_word.h"
#include "core/version.h"

namespace tern::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxName = 60;  // characters, so that lib<name>.so fits any file system

// What CMake keeps for itself as names of targets.
const std::vector<std::string> kReserved = {
    "all",           "clean",   "depend",         "edit_cache",
    "experimental",  "help",    "install",        "list_install_components",
    "nightly",       "package", "package_source", "preinstall",
    "rebuild_cache", "test"};

// Types that src/lib.rs of a project in Rust names beside the env's.
const std::vector<std::string> kRustTypes = {"Action", "Actions", "Env",  "Facts", "Field",
                                             "Param",  "Rng",     "Self", "Step"};

bool is_upper(char c) {
  return std::isupper(static_cast<unsigned char>(c)) != 0;
}
bool is_alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}
char to_lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}
char to_upper(char c) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
}

/// The words of a name, in lower case: LampWalk, lamp-walk and lamp_walk are {"lamp", "walk"}.
std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words;
  bool starts_word = true;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!is_alnum(name[i])) {
      starts_word = true;
      continue;
    }
    const bool is_hump = i > 0 && is_upper(name[i]) && !is_upper(name[i - 1]);
    if (starts_word || is_hump) words.emplace_back();
    words.back() += to_lower(name[i]);
    starts_word = false;
  }
  return words;
}

void check_name(const std::string& name) {
  const std::string rule =
      "; expected letters, digits, '_' and '-', a letter first, such as 'lamp_walk'";
  if (name.find('/') != std::string::npos) {
    throw Error("'" + name + "' is a path" + rule + ". Go to the folder where it shall be made");
  }
  if (name.empty() || std::isalpha(static_cast<unsigned char>(name[0])) == 0) {
    throw Error("the name '" + name + "' does not begin with a letter" + rule);
  }
  for (const char c : name) {
    const bool is_ascii = static_cast<unsigned char>(c) < 128;
    if (!is_ascii || (!is_alnum(c) && c != '_' && c != '-')) {
      throw Error("the name '" + name +
                  "' has a character that is neither letter, digit, '_' nor "
                  "'-'" +
                  rule);
    }
  }
  if (name.size() > kMaxName) {
    throw Error("the name '" + name + "' has " + std::to_string(name.size()) +
                " characters; expected at most " + std::to_string(kMaxName));
  }
}

/// How the user calls the program that is running: "tern" where that finds it, "./tern" in a
/// checkout, else its path.
std::string command_word(const fs::path& executable) {
  std::error_code ignored;
  const char* path = std::getenv("PATH");
  std::string folders = path == nullptr ? "" : path;
  for (std::size_t begin = 0; begin < folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    const fs::path candidate = fs::path(folders.substr(begin, end - begin)) / "tern";
    if (fs::exists(candidate, ignored) && fs::equivalent(candidate, executable, ignored)) {
      return "tern";
    }
    begin = end + 1;
  }
  const fs::path wrapper = executable.parent_path().parent_path().parent_path() / "tern";
  if (!fs::is_regular_file(wrapper, ignored)) return executable.string();
  const bool is_here = fs::equivalent(wrapper.parent_path(), fs::current_path(), ignored);
  return is_here ? "./tern" : wrapper.string();
}

ProjectNames names_for(const std::string& name) {
  ProjectNames names;
  names.folder = name;
  for (const std::string& word : words_of(name)) {
    names.library += (names.library.empty() ? "" : "_") + word;
    names.class_name += to_upper(word[0]) + word.substr(1);
  }
  if (std::find(kReserved.begin(), kReserved.end(), names.library) != kReserved.end()) {
    throw Error("the name '" + name +
                "' is one that CMake keeps for itself; choose another, such "
                "as '" +
                names.library + "_env'");
  }
  const fs::path executable = executable_path();
  names.tern = shell_word(command_word(executable));
  const std::string full_version = version();
  names.tern_version = full_version.substr(0, full_version.rfind('.'));
  names.tern_prefix = executable.parent_path().parent_path().string();
  return names;
}

ProjectLanguage language_of(const Args& args) {
  const std::string name = args.text("--lang", "cpp");
  if (name == "cpp") return ProjectLanguage::kCpp;
  if (name == "c") return ProjectLanguage::kC;
  if (name == "rust") return ProjectLanguage::kRust;
  if (name == "python") return ProjectLanguage::kPython;
  throw Error("option --lang: '" + name +
              "' is none that new-env writes; expected cpp, c, rust or python. What is " +
              "compiled to a shared library with C functions can be a plugin: docs/plugins.md, "
              "'Plugins in C'");
}

void check_class_name(const ProjectNames& names) {
  if (names.language != ProjectLanguage::kRust) return;
  if (std::find(kRustTypes.begin(), kRustTypes.end(), names.class_name) == kRustTypes.end()) return;
  throw Error("the name '" + names.folder + "' gives the type " + names.class_name +
              ", and there is one of that name in the project already; choose another, such as '" +
              names.library + "_game'");
}

void write_project(const ProjectNames& names) {
  if (!make_folder(names.folder)) {
    throw Error("'" + names.folder + "' exists already; choose another name, or move it away");
  }
  try {
    if (names.language == ProjectLanguage::kRust) make_folders(names.folder + "/src/tern");
    for (const ProjectFile& file : project_files(names)) {
      write_new_file(names.folder + "/" + file.name, as_bytes(file.text));
    }
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(names.folder, ignored);  // half a project would be refused the next time
    throw;
  }
}

ExitCode run_new_env(const Args& args) {
  const std::string& name = args.words[0];
  check_name(name);
  ProjectNames names = names_for(name);
  names.language = language_of(args);
  check_class_name(names);
  write_project(names);
  const std::string library = names.library_path();
  std::cout << "wrote " << name << "/ with " << names.source()
            << (names.project_file().empty() ? "" : ", " + names.project_file()) << " and "
            << "README.md\n\n"
            << (names.build_command().empty() ? "" : "  " + names.build_command() + "\n") << "  "
            << names.tern << " check-env " << library << "\n"
            << "  " << names.tern << " train ppo " << library << " total_steps=30000 --out " << name
            << "/run\n"
            << "  " << names.tern << " watch " << name << "/run\n";
  return ExitCode::kSuccess;
}

}  // namespace

Command make_new_env_command() {
  Command command;
  command.name = "new-env";
  command.synopses = {"tern new-env NAME [--lang cpp|c|rust|python]"};
  command.summary = "write a project with an env of your own, ready to build";
  command.help =
      "Makes the folder NAME with a small env in C++, C, Rust or Python that an agent learns in\n"
      "seconds, a CMakeLists.txt that finds this Tern (Rust: a Cargo.toml that needs nothing; "
      "Python:\n"
      "nothing to build), and a README with the commands to build, check, train and watch it. "
      "Change\n"
      "the env into yours. docs/plugins.md tells all that an env can do. Nothing that exists is\n"
      "overwritten.\n"
      "\n"
      "Examples\n"
      "  tern new-env lamp_walk\n"
      "  cmake -S lamp_walk -B lamp_walk/build && cmake --build lamp_walk/build\n"
      "  tern check-env lamp_walk/build/liblamp_walk.so\n"
      "  tern train ppo lamp_walk/build/liblamp_walk.so total_steps=30000\n";
  command.options = {
      {"--lang", "L", "what the env is written in: cpp (default), c, rust or python"}};
  command.least_words = 1;
  command.most_words = 1;
  command.run = run_new_env;
  return command;
}

}  // namespace tern::cli
