// Learning beside a C program that owns the loop.

#include <limits>
#include <memory>
#include <utility>

#include "agents/run/online_learner.h"
#include "c_api/agents_loader.h"
#include "c_api/guard.h"
#include "c_api/policy.h"
#include "c_api/structs.h"
#include "c_api/words.h"
#include "envs/batch_views.h"

using namespace tern;
using namespace tern::c_api;

struct ternc_learner {
  std::unique_ptr<OnlineLearner> learner;
  ternc_spec spec;
};

namespace {

constexpr std::size_t kMostFields = 65536, kMostElements = std::size_t{1} << 28;
constexpr std::size_t kMostOptions = 65536;

std::string text_of(const char* text) {
  return text == nullptr ? "" : text;
}

void check_bounds(const std::string& what, double low, double high) {
  if (low <= high) return;
  throw Error(what + " has the bounds " + format_number(low) + " and " + format_number(high));
}

void add_field(const ternc_field& given, std::size_t i, ObsSpace& space) {
  Field field;
  field.name = text_of(given.name);
  const std::string what = "ternc_robot::fields[" + std::to_string(i) + "] ('" + field.name + "')";
  if (field.name.empty()) throw Error(what + " has no name");
  if (given.num_dims < 0 || given.num_dims > 8) throw Error(what + ": num_dims is not 0 to 8");
  std::size_t size = 1;
  for (std::int32_t k = 0; k < given.num_dims; ++k) {
    if (given.shape[k] < 1) throw Error(what + " has an extent below 1");
    size *= static_cast<std::size_t>(given.shape[k]);
    if (size > kMostElements) throw Error(what + " has more than 2^28 elements");
    field.shape.push_back(given.shape[k]);
  }
  if (given.num_dims == 0) {  // `size` in a row
    size = given.size == 0 ? 1 : given.size;
    if (size > kMostElements) throw Error(what + " has more than 2^28 elements");
    field.shape = {static_cast<int>(size)};
  }
  field.unit = text_of(given.unit);
  field.low = given.low;
  field.high = given.high;
  check_bounds(what, given.low, given.high);
  field.advisory = given.is_advisory != 0;
  field.categories = given.categories;
  field.first = given.first;
  if (given.categories < 0 || (given.categories > 0 && field.shape.size() > 1)) {
    throw Error(what + ": categories need a scalar or a list");
  }
  space.of(given.is_bytes != 0 ? DType::kUint8 : DType::kFloat32).add(std::move(field));
}

ActionSpace action_of(const ternc_robot& robot) {
  std::vector<ActionComponent> components;
  for (std::size_t i = 0; i < robot.num_components; ++i) {
    const ternc_component given =
        read_struct(element(robot.components, i), "ternc_robot::components");
    ActionComponent component;
    component.name = text_of(given.name);
    component.unit = text_of(given.unit);
    const std::string what = "ternc_robot::components[" + std::to_string(i) + "]";
    if (given.num_options > kMostOptions) throw Error(what + " has more than 65536 options");
    check_bounds(what, given.low, given.high);
    for (std::size_t k = 0; k < given.num_options; ++k) {
      component.options.push_back(std::to_string(k));
    }
    component.low = given.low;
    component.high = given.high;
    if ((given.num_options > 0) != (!components.empty() && !components[0].options.empty()) &&
        i > 0) {
      throw Error(what + " is not of the kind of the first: all are choices or all are real");
    }
    components.push_back(std::move(component));
  }
  if (components[0].options.empty()) return ActionSpace::box(std::move(components));
  if (components.size() == 1) return ActionSpace::discrete(std::move(components[0].options));
  return ActionSpace::multi_discrete(std::move(components));
}

EnvSpec spec_of(const ternc_robot& robot) {
  require(robot.id, "ternc_robot::id");
  require(robot.fields, "ternc_robot::fields");
  require(robot.components, "ternc_robot::components");
  EnvSpec spec;
  spec.id = robot.id;
  if (robot.num_fields == 0 || robot.num_fields > kMostFields) {
    throw Error("ternc_robot::num_fields is " + std::to_string(robot.num_fields));
  }
  if (robot.num_components == 0 || robot.num_components > kMostFields) {
    throw Error("ternc_robot::num_components is " + std::to_string(robot.num_components));
  }
  for (std::size_t i = 0; i < robot.num_fields; ++i) {
    add_field(read_struct(element(robot.fields, i), "ternc_robot::fields"), i, spec.obs);
  }
  spec.action = action_of(robot);
  spec.has_masks = robot.has_masks != 0;
  return spec;
}

ConstObsRow obs_of(const ternc_learner& learner, const void* obs) {
  return ObsRows(const_cast<void*>(obs), learner.spec.obs, 1)[0];
}
ConstMaskRow mask_of(const ternc_learner& learner, const uint8_t* mask) {
  return mask == nullptr ? ConstMaskRow() : ConstMaskRow(mask, learner.spec.action.mask_size());
}

}  // namespace

ternc_status ternc_learner_make(const ternc_robot* robot, const char* agent,
                                const char* const* settings, size_t num_settings,
                                ternc_learner** learner) {
  return guarded([&] {
    require(learner, "ternc_learner_make: learner");
    *learner = nullptr;
    require(robot, "ternc_learner_make: robot");
    require(agent, "ternc_learner_make: agent");
    OnlineRequest request;
    request.env = spec_of(read_struct(robot, "ternc_robot"));
    request.agent = agent;
    request.settings = read_words(settings, num_settings, "ternc_learner_make: settings");
    const EnvSpec spec = request.env;
    *learner = new ternc_learner{agents_library().learn_online(request), ternc_spec(spec)};
  });
}

void ternc_learner_free(ternc_learner* learner) {
  delete learner;
}

ternc_status ternc_learner_begin(ternc_learner* learner, const void* obs, const uint8_t* mask) {
  return guarded([&] {
    require(learner, "ternc_learner_begin: learner");
    require_rows(obs, "ternc_learner_begin: obs");
    learner->learner->begin(obs_of(*learner, obs), mask_of(*learner, mask));
  });
}

ternc_status ternc_learner_act(ternc_learner* learner, void* action) {
  return guarded([&] {
    require(learner, "ternc_learner_act: learner");
    require_rows(action, "ternc_learner_act: action");
    const ActionRow chosen = learner->learner->act();
    const MutableActionRow row = ActionRows(action, learner->spec.action, 1)[0];
    std::copy(chosen.ints().begin(), chosen.ints().end(), row.ints().begin());
    std::copy(chosen.floats().begin(), chosen.floats().end(), row.floats().begin());
  });
}

ternc_status ternc_learner_observe(ternc_learner* learner, float reward, int terminated,
                                   int truncated, const void* obs, const uint8_t* mask) {
  return guarded([&] {
    require(learner, "ternc_learner_observe: learner");
    require_rows(obs, "ternc_learner_observe: obs");
    learner->learner->observe(
        {reward, terminated != 0, truncated != 0, obs_of(*learner, obs), mask_of(*learner, mask)});
  });
}

ternc_status ternc_learner_learn(ternc_learner* learner, int64_t most, int64_t* taken) {
  return guarded([&] {
    require(learner, "ternc_learner_learn: learner");
    const std::int64_t all = std::numeric_limits<std::int64_t>::max();
    const std::int64_t done = learner->learner->learn(most < 0 ? all : most);
    if (taken != nullptr) *taken = done;
  });
}

ternc_status ternc_learner_save(ternc_learner* learner, const char* run) {
  return guarded([&] {
    require(learner, "ternc_learner_save: learner");
    require(run, "ternc_learner_save: run");
    learner->learner->save(run);
  });
}

ternc_status ternc_learner_load(ternc_learner* learner, const char* run) {
  return guarded([&] {
    require(learner, "ternc_learner_load: learner");
    require(run, "ternc_learner_load: run");
    learner->learner->load(run);
  });
}

ternc_status ternc_learner_policy(const ternc_learner* learner, ternc_policy** policy) {
  return guarded([&] {
    require(policy, "ternc_learner_policy: policy");
    *policy = nullptr;
    require(learner, "ternc_learner_policy: learner");
    *policy = new ternc_policy(learner->learner->policy());
  });
}
