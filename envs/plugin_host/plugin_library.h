#pragma once
// A plugin's shared library, opened and checked. Host side.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "envs/plugin_abi.h"
#include "envs/plugin_host/private_copy.h"

namespace tern {

/// An open plugin. Closed when the last owner goes; every env of it is an owner.
class PluginLibrary {
 public:
  /// Opens a copy and takes over its tables. A library that looks for others in its own folder
  /// ($ORIGIN) is opened where it lies. `shown` names it in messages. `stage` is told which of the
  /// plugin's code is about to run. Throws Error: the file is no shared library, has no
  /// tern_plugin_entry, is of another ABI version, or states things that make no sense.
  static std::shared_ptr<const PluginLibrary> open(
      std::shared_ptr<const PrivateCopy> file, const std::string& shown,
      const std::function<void(const std::string&)>& stage = [](const std::string&) {});
  ~PluginLibrary();
  PluginLibrary(const PluginLibrary&) = delete;
  PluginLibrary& operator=(const PluginLibrary&) = delete;

  /// As the user named it.
  const std::string& shown() const { return shown_; }
  /// What it offers, at least one; functions that it does not have are null.
  const std::vector<tern_env_table>& tables() const { return tables_; }
  std::vector<std::string> ids() const;

 private:
  PluginLibrary(std::shared_ptr<const PrivateCopy> file, void* handle, std::string shown);
  void read_tables(const tern_plugin* plugin);

  std::shared_ptr<const PrivateCopy> file_;
  void* handle_;
  std::string shown_;
  std::vector<tern_env_table> tables_;
};

/// Whether a library that was opened set the processor to take tiny numbers for 0, as what
/// -ffast-math links in does. It was set back.
bool loading_changed_arithmetic();

}  // namespace tern
