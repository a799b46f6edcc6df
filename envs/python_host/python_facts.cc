#include "envs/python_host/python_facts.h"

#include <limits>
#include <utility>

#include "core/field_groups.h"
#include "core/files/json.h"
#include "envs/metric_names.h"

namespace tern {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t{1} << 28;  // of an observation row: 1 GiB

class Checker {
 public:
  explicit Checker(const std::string& where) : where_(where) {}
  void require(bool holds, const std::string& message) const {
    if (!holds) throw Error::failure(where_ + ": " + message);
  }
  int number(const Json& facts, const char* key, std::int64_t least) const {
    const std::int64_t value = facts.integer_or(key, 0);
    require(value >= least && value <= std::numeric_limits<int>::max(),
            std::string(key) + " is " + std::to_string(value) + "; expected " +
                std::to_string(least) + " or more");
    return static_cast<int>(value);
  }

 private:
  const std::string& where_;
};

double bound(const Json& facts, const char* key, double none) {
  const Json& value = facts[key];
  return value.is_null() ? none : value.number();
}

Field read_field(const Json& facts, const Checker& check) {
  Field field;
  field.name = facts.text_or("name", "");
  check.require(!field.name.empty(), "an observation field has no name");
  const std::string title = "observation field '" + field.name + "'";
  std::int64_t size = 1;
  for (const Json& extent : facts["shape"]) {
    const std::int64_t n = extent.integer();
    check.require(n > 0,
                  title + " has an extent of " + std::to_string(n) + "; expected at least 1");
    check.require(n <= kMaxElements && (size *= n) <= kMaxElements,
                  title + " has more than 2^28 elements");
    field.shape.push_back(static_cast<int>(n));
  }
  check.require(!field.shape.empty(), title + " has no shape");
  field.low = bound(facts, "low", -kUnbounded);
  field.high = bound(facts, "high", kUnbounded);
  check.require(field.low <= field.high, title + " has the range [" + format_number(field.low) +
                                             ", " + format_number(field.high) + "]");
  field.unit = facts.text_or("unit", "");
  field.categories = check.number(facts, "categories", 0);
  field.first = static_cast<int>(facts.integer_or("first", 0));
  field.advisory = facts["advisory"].is_boolean() && facts["advisory"].boolean();
  const bool is_byte = facts.text_or("dtype", "") == "uint8";
  check.require(field.categories == 0 ||
                    (field.shape.size() == 1 && field.categories <= kMaxElements &&
                     (!is_byte || (field.first >= 0 && field.first + field.categories <= 256))),
                title + " has " + std::to_string(field.categories) +
                    " categories; only a scalar or a list can hold indices, below 256 in bytes");
  return field;
}

ObsSpace read_obs(const Json& fields, const Checker& check) {
  ObsSpace space;
  for (const Json& facts : fields) {
    Field field = read_field(facts, check);
    const bool is_byte = facts.text_or("dtype", "") == "uint8";
    space.of(is_byte ? DType::kUint8 : DType::kFloat32).add(std::move(field));
    check.require(static_cast<std::int64_t>(space.size()) <= kMaxElements,
                  "the observation has more than 2^28 elements");
  }
  check.require(space.size() > 0, "the observation has no field");
  const std::string wrong = wrong_group(space);
  check.require(wrong.empty(), wrong);
  return space;
}

ActionSpace read_action(const std::string& kind, const Json& list, const Checker& check) {
  std::vector<ActionComponent> components;
  for (const Json& facts : list) {
    ActionComponent component;
    component.name = facts.text_or("name", "");
    for (const Json& option : facts["options"]) component.options.push_back(option.text());
    component.low = bound(facts, "low", -kUnbounded);
    component.high = bound(facts, "high", kUnbounded);
    component.unit = facts.text_or("unit", "");
    const std::string title = "action '" + component.name + "'";
    check.require(kind == "box" || !component.options.empty(), title + " has no options");
    check.require(kind != "box" || component.low <= component.high,
                  title + " has the range [" + format_number(component.low) + ", " +
                      format_number(component.high) + "]");
    components.push_back(std::move(component));
  }
  check.require(!components.empty(), "the action has no component");
  if (kind == "box") return ActionSpace::box(std::move(components));
  if (kind == "discrete") return ActionSpace::discrete(components[0].options);
  return ActionSpace::multi_discrete(std::move(components));
}

/// What `read` makes of the JSON; what is no such JSON is the file's fault.
template <class Read>
auto reading(const std::string& json, const std::string& where, const Read& read) {
  try {
    return read(Json::parse(json));
  } catch (const JsonError& error) {
    throw Error::failure(where + ": its facts cannot be read: " + error.what());
  }
}

}  // namespace

std::vector<PythonEnvFacts> read_python_contents(const std::string& json,
                                                 const std::string& where) {
  return reading(json, where, [](const Json& list) {
    std::vector<PythonEnvFacts> envs;
    for (const Json& env : list) {
      PythonEnvFacts facts{env["id"].text(), {}, env.text_or("source", "")};
      for (const Json& param : env["params"]) {
        facts.params.push_back({param["name"].text(), param["type"].text(), param["default"].text(),
                                "", param["doc"].text()});
      }
      envs.push_back(std::move(facts));
    }
    return envs;
  });
}

EnvSpec read_python_spec(const std::string& json, const std::string& where) {
  const Checker check(where);
  return reading(json, where, [&](const Json& facts) {
    EnvSpec spec;
    spec.id = facts.text_or("id", "");
    check.require(!spec.id.empty() && spec.id.find_first_of(" \t\n/:@=") == std::string::npos,
                  "the id '" + spec.id +
                      "' is empty or has a space or one of / : @ =, which mean "
                      "other things where an id stands");
    spec.summary = facts.text_or("summary", "");
    spec.family = facts.text_or("family", "");
    spec.reference = facts.text_or("reference", "");
    spec.obs = read_obs(facts["fields"], check);
    spec.action = read_action(facts.text_or("action", ""), facts["components"], check);
    spec.max_episode_steps = check.number(facts, "max_episode_steps", 0);
    if (!facts["reward_threshold"].is_null()) {
      spec.reward_threshold = facts["reward_threshold"].number();
    }
    for (const auto& [names, key] :
         {std::pair(&spec.metrics, "metrics"), std::pair(&spec.info, "info"),
          std::pair(&spec.reward_terms, "reward_terms"),
          std::pair(&spec.state_fields, "state_fields")}) {
      for (const Json& name : facts[key]) names->push_back(name.text());
    }
    for (const std::string& wrong : {wrong_metric_name(spec.metrics), wrong_info_name(spec.info)}) {
      check.require(wrong.empty(), wrong);
    }
    spec.players = check.number(facts, "players", 1);
    spec.num_levels = static_cast<std::uint64_t>(check.number(facts, "num_levels", 0));
    spec.has_masks = facts["masks"].boolean();
    spec.frames_per_second = check.number(facts, "frames_per_second", 1);
    spec.turn_based = facts["turn_based"].boolean();
    return spec;
  });
}

PythonMethods read_python_methods(const std::string& json, const std::string& where) {
  return reading(json, where, [](const Json& facts) {
    return PythonMethods{facts["can_save"].boolean(), facts["has_keys"].boolean(),
                         facts["has_goals"].boolean()};
  });
}

}  // namespace tern
