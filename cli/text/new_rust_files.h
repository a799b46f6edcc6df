#pragma once
// The files of a project in Rust that `tern new-env --lang rust` writes.

namespace tern::cli {

// With the places of new_env_files.cc still to be filled in.
extern const char kRustCargo[];  // Cargo.toml
extern const char kRustEnv[];    // src/lib.rs

extern const char kRustBorder[];  // src/tern.rs: a trait, and how Tern's calls come to it
extern const char kRustAbi[];     // src/tern/abi.rs: the tables of envs/plugin_abi.h

}  // namespace tern::cli
