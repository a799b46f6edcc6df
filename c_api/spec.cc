#include "c_api/spec.h"

#include <algorithm>

#include "c_api/guard.h"
#include "c_api/structs.h"

using namespace tern;
using namespace tern::c_api;

ternc_spec::ternc_spec(const EnvSpec& spec)
    : id(spec.id),
      obs(spec.obs),
      action(spec.action),
      has_masks(spec.has_masks),
      max_episode_steps(spec.max_episode_steps),
      frames_per_second(spec.frames_per_second),
      players(spec.players),
      reward_threshold(spec.reward_threshold),
      metrics(spec.metrics) {}

ternc_spec::ternc_spec(const PolicySpec& spec)
    : id(spec.env),
      obs(spec.obs),
      action(spec.action),
      has_masks(spec.has_masks),
      max_episode_steps(spec.max_episode_steps),
      frames_per_second(spec.frames_per_second) {}

namespace {

ternc_action_kind kind_of(const ActionSpace& space) {
  if (space.is_box()) return TERNC_BOX;
  return space.kind() == ActionSpace::Kind::kDiscrete ? TERNC_DISCRETE : TERNC_MULTI_DISCRETE;
}

void check_index(std::size_t i, std::size_t count, const char* what) {
  if (i < count) return;
  throw Error("there is no " + std::string(what) + " " + std::to_string(i) + "; there are " +
              std::to_string(count));
}

}  // namespace

ternc_status ternc_spec_facts(const ternc_spec* spec, ternc_facts* facts) {
  return guarded([&] {
    require(spec, "ternc_spec_facts: spec");
    require(facts, "ternc_spec_facts: facts");
    ternc_facts all = TERNC_FACTS_INIT;
    all.id = spec->id.c_str();
    all.num_floats = spec->obs.num_floats();
    all.num_bytes = spec->obs.num_bytes();
    all.obs_stride = spec->obs.bytes();
    all.num_fields = spec->obs.fields().size();
    all.action_kind = kind_of(spec->action);
    all.action_size = spec->action.size();
    all.mask_size = spec->action.mask_size();
    all.has_masks = spec->has_masks ? 1 : 0;
    all.max_episode_steps = spec->max_episode_steps;
    all.has_reward_threshold = spec->reward_threshold ? 1 : 0;
    all.reward_threshold = spec->reward_threshold.value_or(0);
    all.num_metrics = spec->metrics.size();
    all.players = spec->players;
    all.frames_per_second = spec->frames_per_second;
    write_struct(all, facts, "ternc_facts");
  });
}

ternc_status ternc_spec_field(const ternc_spec* spec, size_t i, ternc_field* field) {
  return guarded([&] {
    require(spec, "ternc_spec_field: spec");
    require(field, "ternc_spec_field: field");
    check_index(i, spec->obs.fields().size(), "observation field");
    const Field& from = spec->obs.fields()[i];
    ternc_field all = TERNC_FIELD_INIT;
    all.name = from.name.c_str();
    all.unit = from.unit.c_str();
    all.offset = from.offset;
    all.size = from.size();
    all.num_dims = static_cast<std::int32_t>(std::min<std::size_t>(from.shape.size(), 8));
    std::copy_n(from.shape.begin(), all.num_dims, all.shape);
    all.low = from.low;
    all.high = from.high;
    all.is_bytes = from.dtype == DType::kUint8 ? 1 : 0;
    all.is_advisory = from.advisory ? 1 : 0;
    all.categories = from.categories;
    all.first = from.first;
    write_struct(all, field, "ternc_field");
  });
}

ternc_status ternc_spec_component(const ternc_spec* spec, size_t i, ternc_component* component) {
  return guarded([&] {
    require(spec, "ternc_spec_component: spec");
    require(component, "ternc_spec_component: component");
    check_index(i, spec->action.size(), "action component");
    const ActionComponent& from = spec->action.components()[i];
    ternc_component all = TERNC_COMPONENT_INIT;
    all.name = from.name.c_str();
    all.unit = from.unit.c_str();
    all.num_options = from.options.size();
    all.low = from.low;
    all.high = from.high;
    write_struct(all, component, "ternc_component");
  });
}

const char* ternc_spec_option(const ternc_spec* spec, size_t i, size_t option) {
  if (spec == nullptr || i >= spec->action.size() || option >= spec->action.options(i)) {
    return nullptr;
  }
  return spec->action.components()[i].options[option].c_str();
}

const char* ternc_spec_metric(const ternc_spec* spec, size_t i) {
  if (spec == nullptr || i >= spec->metrics.size()) return nullptr;
  return spec->metrics[i].c_str();
}
