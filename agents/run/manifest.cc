#include "agents/run/manifest.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "agents/run/spec_json.h"
#include "core/error.h"
#include "core/files/json.h"

namespace tern {
namespace {

/// A whole number written as this program writes it, or nothing.
std::optional<std::int64_t> parse_integer(const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || std::to_string(value) != text) {
    return std::nullopt;
  }
  return value;
}

Json value_to_json(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  if (const auto integer = parse_integer(text)) return *integer;
  double number = 0;
  // Only a number in canonical spelling: the text must come back as it was.
  if (parse_number(text, number) == NumberText::kRead && format_number(number) == text)
    return number;
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return text;
  Json list = Json::list();
  std::string respelled;
  for (const std::string& item : params_detail::split_list(text)) {
    list.push_back(value_to_json(item));
    if (!list[list.size() - 1].is_number()) return text;
    respelled += (respelled.empty() ? "" : ", ") + item;
  }
  return "[" + respelled + "]" == text ? list : Json(text);
}

std::string json_to_value(const Json& value) {
  if (value.is_text()) return value.text();
  if (value.is_real()) return format_number(value.number());
  if (!value.is_list()) return value.dump();
  std::string text;
  for (const Json& item : value) text += (text.empty() ? "" : ", ") + json_to_value(item);
  return "[" + text + "]";
}

Json section_to_json(const char* name_key, const std::string& name,
                     const std::vector<ParamValue>& values) {
  Json section = Json::object();
  if (name_key != nullptr) section[name_key] = name;
  for (const ParamValue& value : values) section[value.key] = value_to_json(value.text);
  return section;
}

Json config_document(const RunConfig& config) {
  Json document;
  document["env"] = section_to_json("id", config.env_id, config.env);
  document["agent"] = section_to_json("name", config.agent, config.agent_params);
  document["run"] = section_to_json(nullptr, "", format_params(config.run));
  return document;
}

/// Reads members of JSON objects and says what is wrong with them.
class Reader {
 public:
  explicit Reader(std::string place) : place_(std::move(place)) {}

  const Json& member(const Json& object, const std::string& key) const {
    const Json* member = object.find(key);
    if (member == nullptr) fail("it lacks '" + key + "'");
    return *member;
  }
  std::string text(const Json& object, const std::string& key) const {
    const Json& value = member(object, key);
    if (!value.is_text()) fail("'" + key + "' is not a text");
    return value.text();
  }
  std::int64_t integer(const Json& object, const std::string& key) const {
    const Json& value = member(object, key);
    if (!value.is_integer()) fail("'" + key + "' is not a whole number");
    return value.integer();
  }
  double number(const Json& object, const std::string& key) const {
    const Json& value = member(object, key);
    if (!value.is_number_or_name()) fail("'" + key + "' is not a number");
    return value.number();
  }
  bool flag(const Json& object, const std::string& key) const {
    const Json& value = member(object, key);
    if (!value.is_boolean()) fail("'" + key + "' is neither true nor false");
    return value.boolean();
  }
  std::vector<std::string> texts_or_none(const Json& object, const std::string& key) const {
    std::vector<std::string> texts;
    const Json* const list = object.find(key);
    if (list == nullptr) return texts;
    if (!list->is_list()) fail("'" + key + "' is not a list");
    for (const Json& item : *list) {
      if (!item.is_text()) fail("'" + key + "' holds something that is not a text");
      texts.push_back(item.text());
    }
    return texts;
  }
  /// All members but `name_key`, as texts.
  std::vector<ParamValue> values(const Json& object, const std::string& name_key) const {
    if (!object.is_object()) fail("a section of 'config' is not an object");
    std::vector<ParamValue> values;
    for (std::size_t i = 0; i < object.size(); ++i) {
      const std::string& key = object.key(i);
      const Json& value = object[i];
      // No parameter is written so.
      const bool is_nested = std::any_of(value.begin(), value.end(),
                                         [](const Json& item) { return item.is_structured(); });
      if (value.is_object() || is_nested)
        fail("'" + key + "' is neither a value nor a list of them");
      if (key != name_key) values.push_back({key, json_to_value(value), place_});
    }
    return values;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error::failure(place_ + " cannot be understood: " + what);
  }

 private:
  std::string place_;
};

}  // namespace

std::string manifest_to_json(const Manifest& manifest) {
  Json document;
  document["schema"] = manifest.schema;
  document["tern_version"] = manifest.tern_version;
  document["agent"] = manifest.agent;
  document["env"] = manifest.env_id;
  document["plugin_path"] = manifest.plugin_path;
  document["plugin_sha256"] = manifest.plugin_sha256;
  if (!manifest.env_facts.empty()) {
    document["env_facts"] = Json::list();
    for (const std::string& fact : manifest.env_facts) document["env_facts"].push_back(fact);
  }
  if (manifest.spec) document["spec"] = spec_to_json(*manifest.spec);
  document["step"] = manifest.step;
  document["seconds"] = manifest.seconds;
  document["parameters_sha256"] = manifest.parameters_sha256;
  document["eval_mean"] = manifest.eval_mean;
  document["blas_core"] = manifest.blas_core;
  document["parts"] = Json::object();
  for (const ManifestPart& part : manifest.parts) {
    Json& entry = document["parts"][part.name];
    entry["bytes"] = part.bytes;
    entry["sha256"] = part.sha256;
    entry["newest_only"] = part.newest_only;
  }
  document["config"] = config_document(manifest.config);
  return document.dump(2) + "\n";
}

Manifest manifest_from_json(const std::string& json, const std::string& place) {
  const Reader read(place);
  const std::optional<Json> parsed = Json::try_parse(json);
  if (!parsed) read.fail("it is not JSON");
  const Json& document = *parsed;
  Manifest manifest;
  manifest.schema = static_cast<int>(read.integer(document, "schema"));
  if (manifest.schema < kOldestCheckpointSchema || manifest.schema > kCheckpointSchema) {
    throw Error::failure(place + " has schema " + std::to_string(manifest.schema) +
                         "; this build of Tern reads schema " +
                         std::to_string(kOldestCheckpointSchema) + " to " +
                         std::to_string(kCheckpointSchema) + ". Use the version that wrote it, " +
                         read.text(document, "tern_version"));
  }
  manifest.tern_version = read.text(document, "tern_version");
  manifest.agent = read.text(document, "agent");
  manifest.env_id = read.text(document, "env");
  manifest.plugin_path = read.text(document, "plugin_path");
  manifest.plugin_sha256 = read.text(document, "plugin_sha256");
  manifest.env_facts = read.texts_or_none(document, "env_facts");
  if (const Json* const spec = document.find("spec")) manifest.spec = spec_from_json(*spec, place);
  manifest.step = read.integer(document, "step");
  manifest.seconds = read.number(document, "seconds");
  manifest.parameters_sha256 = read.text(document, "parameters_sha256");
  if (!read.member(document, "eval_mean").is_null()) {
    manifest.eval_mean = read.number(document, "eval_mean");
  }
  manifest.blas_core = read.text(document, "blas_core");
  const Json& parts = read.member(document, "parts");
  if (!parts.is_object()) read.fail("'parts' is not an object");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string& name = parts.key(i);
    const Json& entry = parts[i];
    if (name.empty() || name.find('/') != std::string::npos) {
      read.fail("'" + name + "' is no name of a part");
    }
    manifest.parts.push_back({name, read.integer(entry, "bytes"), read.text(entry, "sha256"),
                              read.flag(entry, "newest_only")});
  }
  const Json& config = read.member(document, "config");
  const Json& env = read.member(config, "env");
  const Json& agent = read.member(config, "agent");
  manifest.config.env_id = read.text(env, "id");
  manifest.config.env = read.values(env, "id");
  manifest.config.agent = read.text(agent, "name");
  manifest.config.agent_params = read.values(agent, "name");
  try {
    load_params(manifest.config.run, read.values(read.member(config, "run"), ""), "run");
  } catch (const Error& error) {
    throw Error::failure(error.what());  // the file's fault, not the caller's
  }
  return manifest;
}

std::string config_to_json(const RunConfig& config) {
  return config_document(config).dump();
}

}  // namespace tern
