#include "agents/run/spec_json.h"

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/error.h"

namespace tern {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t{1} << 28;  // of an observation row: 1 GiB

Json field_to_json(const Field& field) {
  Json json;
  json["name"] = field.name;
  json["shape"] = Json(field.shape);
  json["low"] = field.low;
  json["high"] = field.high;
  json["unit"] = field.unit;
  json["categories"] = field.categories;
  json["first"] = field.first;
  json["advisory"] = field.advisory;
  json["bytes"] = field.dtype == DType::kUint8;
  return json;
}

Json component_to_json(const ActionComponent& component, bool is_box) {
  Json json;
  json["name"] = component.name;
  if (!is_box) {
    json["options"] = Json(component.options);
    return json;
  }
  json["low"] = component.low;
  json["high"] = component.high;
  json["unit"] = component.unit;
  return json;
}

/// Reads members and says what is wrong with them.
class SpecReader {
 public:
  explicit SpecReader(const std::string& place) : place_(place) {}

  void require(bool holds, const std::string& what) const {
    if (!holds) throw Error::failure(place_ + " cannot be understood: 'spec': " + what);
  }
  const Json& list(const Json& object, const char* key) const {
    const Json& value = object[key];
    require(value.is_list() && value.size() > 0, std::string("it has no '") + key + "'");
    return value;
  }
  std::string text(const Json& object, const char* key) const {
    require(object[key].is_text(), std::string("'") + key + "' is not a text");
    return object[key].text();
  }
  int integer(const Json& object, const char* key, std::int64_t low, std::int64_t high) const {
    const Json& value = object[key];
    require(value.is_integer() && value.integer() >= low && value.integer() <= high,
            std::string("'") + key + "' is not a whole number from " + std::to_string(low) +
                " to " + std::to_string(high));
    return static_cast<int>(value.integer());
  }
  bool flag(const Json& object, const char* key) const {
    require(object[key].is_boolean(), std::string("'") + key + "' is neither true nor false");
    return object[key].boolean();
  }
  /// Reads "low" and "high".
  void range(const Json& object, double& low, double& high) const {
    require(object["low"].is_number_or_name() && object["high"].is_number_or_name(),
            "a bound is not a number");
    low = object["low"].number();
    high = object["high"].number();
    require(low <= high, "the lower bound is above the upper one");  // nor is one NaN
  }

 private:
  const std::string& place_;
};

Field read_field(const Json& json, const SpecReader& read) {
  Field field;
  field.name = read.text(json, "name");
  field.unit = read.text(json, "unit");
  std::int64_t size = 1;
  for (const Json& extent : read.list(json, "shape")) {
    read.require(extent.is_integer() && extent.integer() > 0 && extent.integer() <= kMaxElements,
                 "'" + field.name + "' has an extent that is no size");
    size *= extent.integer();
    read.require(size <= kMaxElements, "'" + field.name + "' has more than 2^28 elements");
    field.shape.push_back(static_cast<int>(extent.integer()));
  }
  read.range(json, field.low, field.high);
  field.advisory = read.flag(json, "advisory");
  const bool is_byte = read.flag(json, "bytes");
  field.categories = read.integer(json, "categories", 0, is_byte ? 256 : kMaxElements);
  read.require(field.categories == 0 || field.shape.size() == 1,
               "'" + field.name + "' is an image of categories");
  if (field.categories == 0) return field;
  field.first = read.integer(json, "first", is_byte ? 0 : INT32_MIN,
                             (is_byte ? 256 : std::int64_t{INT32_MAX}) - field.categories);
  return field;
}

ObsSpace read_obs(const Json& json, const SpecReader& read) {
  ObsSpace space;
  for (const Json& item : json) {
    Field field = read_field(item, read);
    space.of(item["bytes"].boolean() ? DType::kUint8 : DType::kFloat32).add(std::move(field));
    read.require(static_cast<std::int64_t>(space.size()) <= kMaxElements,
                 "the observation has more than 2^28 elements");
  }
  return space;
}

ActionSpace read_action(const Json& json, const SpecReader& read) {
  const std::string kind = read.text(json, "kind");
  std::vector<ActionComponent> components;
  for (const Json& item : read.list(json, "components")) {
    ActionComponent component;
    component.name = read.text(item, "name");
    if (kind == "box") {
      read.range(item, component.low, component.high);
      component.unit = read.text(item, "unit");
    } else {
      for (const Json& option : read.list(item, "options")) {
        read.require(option.is_text(), "an option is not a text");
        component.options.push_back(option.text());
      }
    }
    components.push_back(std::move(component));
  }
  if (kind == "box") return ActionSpace::box(std::move(components));
  if (kind == "multi_discrete") return ActionSpace::multi_discrete(std::move(components));
  read.require(kind == "discrete" && components.size() == 1, "there is no such kind of action");
  return ActionSpace::discrete(std::move(components[0].options));
}

const char* kind_name(ActionSpace::Kind kind) {
  if (kind == ActionSpace::Kind::kBox) return "box";
  return kind == ActionSpace::Kind::kDiscrete ? "discrete" : "multi_discrete";
}

}  // namespace

Json spec_to_json(const EnvSpec& spec) {
  Json json;
  json["id"] = spec.id;
  json["observation"] = Json::list();
  for (const Field& field : spec.obs.fields()) json["observation"].push_back(field_to_json(field));
  json["action"]["kind"] = kind_name(spec.action.kind());
  json["action"]["components"] = Json::list();
  for (const ActionComponent& component : spec.action.components()) {
    json["action"]["components"].push_back(component_to_json(component, spec.action.is_box()));
  }
  json["max_episode_steps"] = spec.max_episode_steps;
  json["frames_per_second"] = spec.frames_per_second;
  json["has_masks"] = spec.has_masks;
  json["players"] = spec.players;
  json["frame_stack"] = spec.frame_stack;
  return json;
}

EnvSpec spec_from_json(const Json& document, const std::string& place) {
  const SpecReader read(place);
  EnvSpec spec;
  spec.id = read.text(document, "id");
  spec.obs = read_obs(read.list(document, "observation"), read);
  spec.action = read_action(document["action"], read);
  spec.max_episode_steps = read.integer(document, "max_episode_steps", 0, INT32_MAX);
  spec.frames_per_second = read.integer(document, "frames_per_second", 0, INT32_MAX);
  spec.has_masks = read.flag(document, "has_masks");
  spec.players = read.integer(document, "players", 1, 65536);
  spec.frame_stack = read.integer(document, "frame_stack", 1, 64);
  return spec;
}

}  // namespace tern
