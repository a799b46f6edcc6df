#include "envs/plugin_host/plugin_library.h"

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <utility>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "core/error.h"
#include "core/version.h"
#include "envs/call_record/env_calls.h"
#include "envs/plugin_host/kept_folder.h"
#include "envs/plugin_host/plugin_facts.h"

namespace tern {
namespace {

std::atomic<bool> arithmetic_was_changed{false};

/// How this thread computes is the same before and after.
class KeptArithmetic {
 public:
  KeptArithmetic() { std::fegetenv(&before_); }
  ~KeptArithmetic() {
#if defined(__x86_64__)
    constexpr unsigned kFlush = 0x8040;  // tiny numbers are 0, as results and as operands
    if ((_mm_getcsr() & kFlush) != (control_ & kFlush)) arithmetic_was_changed.store(true);
#endif
    std::fesetenv(&before_);
  }
  KeptArithmetic(const KeptArithmetic&) = delete;
  KeptArithmetic& operator=(const KeptArithmetic&) = delete;

 private:
  std::fenv_t before_;
#if defined(__x86_64__)
  unsigned control_ = _mm_getcsr();
#endif
};

constexpr const char* kEntrySymbol = "tern_plugin_entry";

/// dlerror() without the path that it begins with.
std::string loader_error(const std::string& path) {
  const char* text = dlerror();
  std::string message = text == nullptr ? "no reason given" : text;
  const std::string prefix = path + ": ";
  if (message.rfind(prefix, 0) == 0) message.erase(0, prefix.size());
  return message;
}

/// Throws unless a function that every env needs is there.
void check_required(const tern_env_table& table, const std::string& where) {
  const std::pair<const char*, bool> required[] = {
      {"create", table.create != nullptr}, {"destroy", table.destroy != nullptr},
      {"spec", table.spec != nullptr},     {"reset", table.reset != nullptr},
      {"step", table.step != nullptr},
  };
  for (const auto& [name, is_there] : required) {
    if (!is_there) {
      throw Error::failure(where + ": its table has no function '" + name +
                           "'; create, destroy, spec, reset and step must be there");
    }
  }
}

}  // namespace

PluginLibrary::PluginLibrary(std::shared_ptr<const PrivateCopy> file, void* handle,
                             std::string shown)
    : file_(std::move(file)), handle_(handle), shown_(std::move(shown)) {}

PluginLibrary::~PluginLibrary() {
  dlclose(handle_);
}

std::shared_ptr<const PluginLibrary> PluginLibrary::open(
    std::shared_ptr<const PrivateCopy> file, const std::string& shown,
    const std::function<void(const std::string&)>& stage) {
  constexpr const char* kConstructors = "the library's static constructors";
  const KeptFolder kept;
  stage(kConstructors);
  void* handle = [&] {
    const EnvCall note(kConstructors, noted_env_name(shown), {});
    const KeptArithmetic kept_arithmetic;
    void* const of_copy = dlopen(file->path().c_str(), RTLD_NOW | RTLD_LOCAL);
    return of_copy != nullptr ? of_copy : dlopen(file->original().c_str(), RTLD_NOW | RTLD_LOCAL);
  }();
  if (handle == nullptr) {
    throw Error(shown +
                ": cannot be loaded as a shared library: " + loader_error(file->original()) +
                ". A plugin is built with 'c++ -shared -fPIC', or by tern_add_plugin in CMake");
  }
  const std::shared_ptr<PluginLibrary> library(new PluginLibrary(std::move(file), handle, shown));
  using Entry = const tern_plugin*(const tern_host*, const tern_error*);
  Entry* entry = nullptr;
  *reinterpret_cast<void**>(&entry) = dlsym(handle, kEntrySymbol);
  if (entry == nullptr) {
    throw Error(shown + ": is a shared library but no Tern plugin: it has no symbol '" +
                kEntrySymbol +
                "'. End its source with TERN_EXPORT_ENVS(YourEnv) from envs/plugin.h");
  }

  stage(std::string(kEntrySymbol) + ", which makes one env of each kind");
  const tern_host host = {sizeof(tern_host), TERN_PLUGIN_ABI_VERSION, version()};
  char text[2048] = "";
  const tern_error error = {sizeof error, text, sizeof text};
  const tern_plugin* const plugin = [&] {
    const EnvCall note(kEntrySymbol, noted_env_name(shown), {});
    return entry(&host, &error);
  }();
  text[sizeof text - 1] = '\0';
  if (plugin == nullptr) {
    throw Error::failure(shown + ": " + kEntrySymbol +
                         " failed: " + (*text == '\0' ? "it gave no reason" : text));
  }
  library->read_tables(plugin);
  return library;
}

void PluginLibrary::read_tables(const tern_plugin* plugin) {
  if (plugin->abi_version != TERN_PLUGIN_ABI_VERSION) {
    throw Error(shown_ + ": was built for version " + std::to_string(plugin->abi_version) +
                " of the plugin ABI; this is Tern " + version() + " with version " +
                std::to_string(TERN_PLUGIN_ABI_VERSION) +
                ". Build the plugin again with this Tern's headers");
  }
  const auto offer = read_struct<tern_plugin>(plugin, plugin->struct_size);
  if (offer.num_envs == 0 || offer.envs == nullptr) {
    throw Error::failure(shown_ +
                         ": is a plugin without envs; TERN_EXPORT_ENVS(YourEnv) names "
                         "them");
  }
  for (std::uint32_t i = 0; i < offer.num_envs; ++i) {
    const std::string where = shown_ + ": env " + std::to_string(i);
    if (offer.envs[i] == nullptr) throw Error::failure(where + ": its table is NULL");
    tables_.push_back(read_struct<tern_env_table>(offer.envs[i], offer.envs[i]->struct_size));
    const tern_env_table& table = tables_.back();
    if (table.id == nullptr || *table.id == '\0') throw Error::failure(where + " has no id");
    check_required(table, shown_ + ": '" + table.id + "'");
    for (std::uint32_t j = 0; j < i; ++j) {
      if (read_text(tables_[j].id) == table.id) {
        throw Error::failure(shown_ + ": offers '" + table.id + "' twice");
      }
    }
  }
}

std::vector<std::string> PluginLibrary::ids() const {
  std::vector<std::string> ids;
  for (const tern_env_table& table : tables_) ids.emplace_back(table.id);
  return ids;
}

bool loading_changed_arithmetic() {
  return arithmetic_was_changed.load();
}

}  // namespace tern
