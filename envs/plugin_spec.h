#pragma once
// The facts of an env as the C structs that cross the plugin border. Part of the shim: compiled
// into the plugin, header-only and C++17.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "envs/env.h"
#include "envs/plugin_abi.h"

namespace tern {
namespace plugin __attribute__((visibility("hidden"))) {

inline std::vector<const char*> c_strings(const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  return pointers;
}

/// An EnvSpec as tern_env_spec. Points into the EnvSpec, which must outlive it, and into itself.
class SpecView {
 public:
  explicit SpecView(const EnvSpec& spec)
      : reward_terms_(c_strings(spec.reward_terms)),
        metrics_(c_strings(spec.metrics)),
        state_fields_(c_strings(spec.state_fields)),
        info_(c_strings(spec.info)) {
    fill_fields(spec.obs);
    fill_components(spec.action);
    c_.struct_size = sizeof c_;
    c_.obs_dtype = obs_dtype(spec.obs);
    c_.id = spec.id.c_str();
    c_.family = spec.family.c_str();
    c_.summary = spec.summary.c_str();
    c_.reference = spec.reference.c_str();
    c_.max_episode_steps = spec.max_episode_steps;
    c_.has_reward_threshold = spec.reward_threshold.has_value();
    c_.reward_threshold = spec.reward_threshold.value_or(0);
    c_.reward_terms = reward_terms_.data();
    c_.metrics = metrics_.data();
    c_.state_fields = state_fields_.data();
    c_.num_reward_terms = static_cast<std::uint32_t>(reward_terms_.size());
    c_.num_metrics = static_cast<std::uint32_t>(metrics_.size());
    c_.num_state_fields = static_cast<std::uint32_t>(state_fields_.size());
    c_.has_masks = spec.has_masks;
    c_.num_levels = spec.num_levels;
    c_.frames_per_second = spec.frames_per_second;
    c_.turn_based = spec.turn_based;
    c_.players = spec.players;
    c_.info = info_.data();
    c_.num_info = static_cast<std::uint32_t>(info_.size());
  }
  SpecView(const SpecView&) = delete;
  SpecView& operator=(const SpecView&) = delete;

  const tern_env_spec& c() const { return c_; }

 private:
  /// TERN_PER_FIELD only where it is needed: hosts from before it refuse such rows.
  static std::int32_t obs_dtype(const ObsSpace& space) {
    bool has_firsts = false;
    for (const Field& field : space.fields()) has_firsts = has_firsts || field.first != 0;
    if (has_firsts || (space.num_floats() > 0 && space.num_bytes() > 0)) return TERN_PER_FIELD;
    return space.num_bytes() > 0 ? TERN_UINT8 : TERN_FLOAT32;
  }

  void fill_fields(const ObsSpace& space) {
    for (const Field& field : space.fields()) {
      tern_field c = {};
      c.name = field.name.c_str();
      c.unit = field.unit.c_str();
      c.shape = field.shape.data();
      c.num_dims = static_cast<std::uint32_t>(field.shape.size());
      c.categories = field.categories;
      c.low = field.low;
      c.high = field.high;
      c.advisory = field.advisory;
      c.dtype = field.dtype == DType::kFloat32 ? TERN_FLOAT32 : TERN_UINT8;
      c.first = field.first;
      fields_.push_back(c);
    }
    c_.fields = fields_.data();
    c_.num_fields = static_cast<std::uint32_t>(fields_.size());
    c_.field_size = sizeof(tern_field);
  }

  void fill_components(const ActionSpace& space) {
    for (const ActionComponent& component : space.components()) {
      options_.push_back(c_strings(component.options));
    }
    for (std::size_t i = 0; i < options_.size(); ++i) {
      const ActionComponent& component = space.components()[i];
      tern_action_component c = {};
      c.name = component.name.c_str();
      c.unit = component.unit.c_str();
      c.options = options_[i].data();
      c.num_options = static_cast<std::uint32_t>(options_[i].size());
      c.low = component.low;
      c.high = component.high;
      components_.push_back(c);
    }
    c_.components = components_.data();
    c_.num_components = static_cast<std::uint32_t>(components_.size());
    c_.component_size = sizeof(tern_action_component);
    c_.action_kind = space.is_box()                                    ? TERN_BOX
                     : space.kind() == ActionSpace::Kind::kMultiDiscrete ? TERN_MULTI_DISCRETE
                                                                         : TERN_DISCRETE;
  }

  tern_env_spec c_ = {};
  std::vector<tern_field> fields_;
  std::vector<tern_action_component> components_;
  std::vector<std::vector<const char*>> options_;
  std::vector<const char*> reward_terms_, metrics_, state_fields_, info_;
};

/// A list of parameters as tern_param. Points into itself.
class ParamList {
 public:
  explicit ParamList(std::vector<ParamInfo> infos) : infos_(std::move(infos)) {
    for (const ParamInfo& info : infos_) {
      c_.push_back({info.name.c_str(), info.type.c_str(), info.default_value.c_str(),
                    info.range.c_str(), info.doc.c_str()});
    }
  }
  ParamList(const ParamList&) = delete;
  ParamList& operator=(const ParamList&) = delete;

  const std::vector<tern_param>& c() const { return c_; }

 private:
  std::vector<ParamInfo> infos_;
  std::vector<tern_param> c_;
};

}  // namespace plugin
}  // namespace tern
