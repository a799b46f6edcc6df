#include "envs/plugin_host/plugin_facts.h"

#include <cmath>
#include <utility>

#include "envs/metric_names.h"

namespace tern {
namespace {

constexpr std::size_t kMaxElements = std::size_t{1} << 28;  // of an observation row: 1 GiB

/// Raises errors about one env of one plugin.
class Checker {
 public:
  explicit Checker(const std::string& where) : where_(where) {}

  void require(bool holds, const std::string& message) const {
    if (!holds) throw Error::failure(where_ + ": " + message);
  }
  void require_array(const void* array, std::uint32_t count, std::uint32_t element_size,
                     const std::string& name) const {
    require(count == 0 || array != nullptr,
            name + " is NULL, but there are to be " + std::to_string(count) + " of them");
    require(count == 0 || element_size > 0, "the size of one element of " + name + " is 0");
  }
  std::vector<std::string> names(const char* const* texts, std::uint32_t count,
                                 const std::string& what) const {
    require_array(texts, count, sizeof *texts, what);
    std::vector<std::string> list;
    for (std::uint32_t i = 0; i < count; ++i) {
      require(texts[i] != nullptr, what + "[" + std::to_string(i) + "] is NULL");
      list.emplace_back(texts[i]);
    }
    return list;
  }

 private:
  const std::string& where_;
};

Field read_field(const tern_field& c, std::uint32_t index, bool is_per_field, int dtype,
                 const Checker& check) {
  Field field;
  field.name = read_text(c.name);
  const std::string title = "observation field " + std::to_string(index) +
                            (field.name.empty() ? "" : " ('" + field.name + "')");
  check.require(!field.name.empty(), title + " has no name");
  check.require(c.num_dims > 0 && c.shape != nullptr, title + " has no shape");
  std::size_t size = 1;
  for (std::uint32_t i = 0; i < c.num_dims; ++i) {
    check.require(c.shape[i] > 0, title + " has an extent of " + std::to_string(c.shape[i]) +
                                      "; expected at least 1");
    size *= static_cast<std::size_t>(c.shape[i]);
    check.require(size <= kMaxElements, title + " has more than 2^28 elements");
    field.shape.push_back(c.shape[i]);
  }
  check.require(c.low <= c.high, title + " has the range [" + format_number(c.low) + ", " +
                                     format_number(c.high) + "]");
  check.require(
      dtype == TERN_FLOAT32 || dtype == TERN_UINT8,
      title + " has the dtype " + std::to_string(dtype) + "; expected TERN_FLOAT32 or TERN_UINT8");
  const std::int64_t first = is_per_field ? c.first : 0;
  const std::string range = first == 0 ? "" : ", from " + std::to_string(first) + " on";
  const bool is_byte = dtype == TERN_UINT8;
  check.require(c.categories == 0 ||
                    (c.categories > 0 && c.categories <= static_cast<std::int32_t>(kMaxElements) &&
                     c.num_dims == 1 && (!is_byte || (first >= 0 && first + c.categories <= 256))),
                title + " has " + std::to_string(c.categories) + " categories" + range +
                    "; only a scalar or a list can hold indices, below 256 in bytes");
  field.first = c.categories > 0 ? static_cast<int>(first) : 0;
  field.low = c.low;
  field.high = c.high;
  field.unit = read_text(c.unit);
  field.categories = c.categories;
  field.advisory = c.advisory != 0;
  return field;
}

ObsSpace read_obs(const tern_env_spec& c, const Checker& check) {
  check.require(c.obs_dtype >= TERN_FLOAT32 && c.obs_dtype <= TERN_PER_FIELD,
                "obs_dtype is " + std::to_string(c.obs_dtype) +
                    "; expected TERN_FLOAT32, TERN_UINT8 or TERN_PER_FIELD");
  check.require(c.num_fields > 0, "the observation has no field");
  check.require_array(c.fields, c.num_fields, c.field_size, "fields");
  const bool is_per_field = c.obs_dtype == TERN_PER_FIELD;
  ObsSpace space;
  for (std::uint32_t i = 0; i < c.num_fields; ++i) {
    const auto field = read_element<tern_field>(c.fields, i, c.field_size);
    const int dtype = is_per_field ? field.dtype : c.obs_dtype;
    Field read = read_field(field, i, is_per_field, dtype, check);
    space.of(dtype == TERN_UINT8 ? DType::kUint8 : DType::kFloat32).add(std::move(read));
    check.require(space.size() <= kMaxElements, "the observation has more than 2^28 elements");
  }
  return space;
}

ActionComponent read_component(const tern_action_component& c, std::uint32_t index, int kind,
                               const Checker& check) {
  ActionComponent component;
  component.name = read_text(c.name);
  component.unit = read_text(c.unit);
  const std::string title = "action component " + std::to_string(index) +
                            (component.name.empty() ? "" : " ('" + component.name + "')");
  if (kind == TERN_BOX) {
    check.require(c.num_options == 0, title + " has options, but a Box action has none");
    check.require(c.low <= c.high, title + " has the range [" + format_number(c.low) + ", " +
                                       format_number(c.high) + "]");
    component.low = c.low;
    component.high = c.high;
  } else {
    check.require(c.num_options > 0, title + " has no options to choose from");
    component.options = check.names(c.options, c.num_options, "options of " + title);
  }
  return component;
}

ActionSpace read_action(const tern_env_spec& c, const Checker& check) {
  check.require(c.action_kind >= TERN_DISCRETE && c.action_kind <= TERN_BOX,
                "action_kind is " + std::to_string(c.action_kind) +
                    "; expected TERN_DISCRETE, TERN_MULTI_DISCRETE or TERN_BOX");
  check.require(c.num_components > 0, "the action has no component");
  check.require(c.action_kind != TERN_DISCRETE || c.num_components == 1,
                "a TERN_DISCRETE action has 1 component, not " +
                    std::to_string(c.num_components) + "; TERN_MULTI_DISCRETE has several");
  check.require_array(c.components, c.num_components, c.component_size, "components");
  std::vector<ActionComponent> components;
  for (std::uint32_t i = 0; i < c.num_components; ++i) {
    components.push_back(
        read_component(read_element<tern_action_component>(c.components, i, c.component_size), i,
                       c.action_kind, check));
  }
  if (c.action_kind == TERN_BOX) return ActionSpace::box(std::move(components));
  if (c.action_kind == TERN_DISCRETE) return ActionSpace::discrete(components[0].options);
  return ActionSpace::multi_discrete(std::move(components));
}

}  // namespace

EnvSpec read_spec(const tern_env_spec* spec, const std::string& where) {
  const Checker check(where);
  check.require(spec != nullptr, "spec() returned NULL");
  const auto c = read_struct<tern_env_spec>(spec, spec->struct_size);
  EnvSpec out;
  out.id = read_text(c.id);
  check.require(!out.id.empty(), "spec() has no id");
  check.require(out.id.find_first_of(" \t\n/:@=") == std::string::npos,
                "the id '" + out.id + "' has a space or one of / : @ =, which mean other things "
                "where an id stands");
  out.family = read_text(c.family);
  out.summary = read_text(c.summary);
  out.reference = read_text(c.reference);
  out.obs = read_obs(c, check);
  out.action = read_action(c, check);
  check.require(c.max_episode_steps >= 0,
                "max_episode_steps is " + std::to_string(c.max_episode_steps) +
                    "; expected 0 (none) or more");
  check.require(c.frames_per_second >= 0, "frames_per_second is " +
                                              std::to_string(c.frames_per_second) +
                                              "; expected 0 (30) or more");
  out.max_episode_steps = c.max_episode_steps;
  if (c.has_reward_threshold != 0) out.reward_threshold = c.reward_threshold;
  out.reward_terms = check.names(c.reward_terms, c.num_reward_terms, "reward_terms");
  out.metrics = check.names(c.metrics, c.num_metrics, "metrics");
  out.state_fields = check.names(c.state_fields, c.num_state_fields, "state_fields");
  out.info = check.names(c.info, c.num_info, "info");
  out.num_levels = c.num_levels;
  out.has_masks = c.has_masks != 0;
  if (c.frames_per_second > 0) out.frames_per_second = c.frames_per_second;
  out.turn_based = c.turn_based != 0;
  const std::string wrong_metric = wrong_metric_name(out.metrics);
  check.require(wrong_metric.empty(), wrong_metric);
  const std::string wrong_info = wrong_info_name(out.info);
  check.require(wrong_info.empty(), wrong_info);
  check.require(c.players >= 0, "players is " + std::to_string(c.players) +
                                    "; expected 0 or 1 (one), or how many take turns");
  if (c.players > 1) out.players = c.players;
  return out;
}

std::vector<ParamInfo> read_params(const tern_env_table& table, const std::string& where) {
  const Checker check(where);
  check.require_array(table.params, table.num_params, table.param_size, "params");
  std::vector<ParamInfo> infos;
  for (std::uint32_t i = 0; i < table.num_params; ++i) {
    const auto c = read_element<tern_param>(table.params, i, table.param_size);
    const std::string title = "parameter " + std::to_string(i);
    check.require(c.name != nullptr && *c.name != '\0', title + " has no name");
    check.require(c.type != nullptr, title + " ('" + c.name + "') has no type");
    infos.push_back({c.name, c.type, read_text(c.default_value), read_text(c.range),
                     read_text(c.doc)});
  }
  return infos;
}

}  // namespace tern
