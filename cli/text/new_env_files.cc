#include "cli/text/new_env_files.h"

#include <utility>

#include "cli/text/new_python_files.h"
#include "cli/text/new_rust_files.h"

namespace tern::cli {
namespace {

const char kCMakeLists[] = R"(cmake_minimum_required(VERSION 3.20)
project(@library@ LANGUAGES @languages@)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# An installed Tern is found by itself or through CMAKE_PREFIX_PATH; the hint is the Tern that wrote
# this file.
find_package(Tern @tern_version@ REQUIRED HINTS "@tern_prefix@")

tern_add_plugin(@library@ @source@)  # lib@library@.so
)";

const char kEnv[] = R"(// @class_name@-v0: walk along a corridor to the lamp.
//
//   observation     unit   range
//   0 place         m      -1 to 1, the ends of the corridor
//   1 lamp ahead    m      -2 to 2, how far the lamp is to the right
//
// Actions: 0 left, 1 right, by `speed`. Reward: 1 at the lamp, which ends the episode, else -0.02.
// Limit: 50 steps.
//
// This is an env to start from: change the rules, keep the comment true. What each function may
// and must do is told in Tern's docs/plugins.md.

#include <algorithm>
#include <cmath>

#include "envs/plugin.h"

namespace {

// The facts, all known before the first reset. Changed rules get a new version: @class_name@-v1.
tern::EnvSpec make_spec() {
  tern::EnvSpec spec;
  spec.id = "@class_name@-v0";
  spec.family = "mine";
  spec.summary = "walk along a corridor to the lamp";
  spec.obs.scalar("place", -1, 1, "m").scalar("lamp ahead", -2, 2, "m");
  spec.action = tern::ActionSpace::discrete({"left", "right"});
  spec.max_episode_steps = 50;   // Tern cuts the episode and tells the agent that it was cut
  spec.reward_threshold = 0.8;   // a mean return that counts as solved
  spec.frames_per_second = 10;   // for people who watch
  return spec;
}

class @class_name@ final : public tern::Env {
 public:
  // What a user may set: env.speed=0.2. Delete it and the constructor if there is nothing.
  struct Params {
    double speed = 0.1;
    template <class V>
    void visit(V& v) {
      v("speed", speed, "m that one action moves", tern::in_range(0.01, 0.5));
    }
  };
  explicit @class_name@(const Params& params) : speed_(params.speed) {}

  const tern::EnvSpec& spec() const override {
    static const tern::EnvSpec spec = make_spec();
    return spec;
  }

  // Starts an episode. All chance comes from the Rng that is passed in.
  void reset(tern::ResetContext& ctx, tern::ObsRow obs) override {
    place_ = ctx.rng.uniform(-1, 1);
    lamp_ = ctx.rng.uniform(-1, 1);
    observe(obs);
  }

  // One step. `terminated` is for ends that belong to the env, never for time limits.
  tern::StepResult step(tern::ActionRow action, tern::Rng&, tern::ObsRow obs) override {
    place_ += action.discrete() == 1 ? speed_ : -speed_;
    place_ = std::clamp(place_, -1.0, 1.0);
    observe(obs);
    tern::StepResult result;
    result.terminated = std::abs(lamp_ - place_) < speed_;
    result.reward = result.terminated ? 1.0f : -0.02f;
    return result;
  }

  // Everything below is optional.

  // The picture: scene units, y up, from back to front.
  void draw(tern::Canvas& canvas) const override {
    canvas.set_view({-1.2f, -0.4f}, {1.2f, 0.6f}, tern::palette::kBackground);
    canvas.rectangle({-1.1f, -0.05f}, {1.1f, 0}, tern::palette::kMuted);
    const float lamp = static_cast<float>(lamp_), place = static_cast<float>(place_);
    canvas.line({lamp, 0}, {lamp, 0.3f}, 0.02f, tern::palette::kInk);
    canvas.circle({lamp, 0.35f}, 0.08f, tern::palette::kItem);
    canvas.capsule({place, 0.06f}, {place, 0.18f}, 0.06f, tern::palette::kAgent);
  }

  // What the keys of a player mean: tern play.
  bool human_action(const tern::Keys& keys, tern::MutableActionRow action) const override {
    action.discrete() = keys[tern::Key::kRight] ? 1 : 0;
    return keys[tern::Key::kLeft] || keys[tern::Key::kRight];
  }

  // All that the future depends on besides the Rng: exact checkpoints.
  void save(tern::StateWriter& out) const override { out.write(place_, lamp_); }
  bool load(tern::StateReader& in) override {
    in.read(place_, lamp_);
    return true;
  }

 private:
  // Writes the whole row, in the order of the fields in make_spec().
  void observe(tern::ObsRow obs) const {
    obs[0] = static_cast<float>(place_);
    obs[1] = static_cast<float>(lamp_ - place_);
  }

  double speed_;
  double place_ = 0;
  double lamp_ = 0;
};

}  // namespace

TERN_EXPORT_ENVS(@class_name@)  // several: TERN_EXPORT_ENVS(@class_name@, OtherEnv)
)";

const char kEnvC[] = R"(/* @class_name@-v0: walk along a corridor to the lamp.
 *
 *   observation     unit   range
 *   0 place         m      -1 to 1, the ends of the corridor
 *   1 lamp ahead    m      -2 to 2, how far the lamp is to the right
 *
 * Actions: 0 left, 1 right, by 0.1 m. Reward: 1 at the lamp, which ends the episode, else -0.02.
 * Limit: 50 steps.
 *
 * This is an env to start from: change the rules, keep the comment true. Each function is described
 * in envs/plugin_abi.h; those that stay NULL do what is usual. */

#include <stdlib.h>

#include "envs/plugin_abi.h"

static const double kSpeed = 0.1; /* m that one action moves */

struct tern_env { /* one environment; Tern makes many */
  double place, lamp;
};

/* The facts, all known before the first reset. Changed rules get a new version: @class_name@-v1. */
static const int32_t kScalar[] = {1};
static const tern_field kFields[] = {
    {.name = "place", .unit = "m", .shape = kScalar, .num_dims = 1, .low = -1, .high = 1},
    {.name = "lamp ahead", .unit = "m", .shape = kScalar, .num_dims = 1, .low = -2, .high = 2}};
static const char* const kOptions[] = {"left", "right"};
static const tern_action_component kAction = {"action", NULL, kOptions, 2, 0, 0};
static tern_env_spec facts; /* filled once, in tern_plugin_entry */

static tern_status create(const tern_param_values* values, tern_env** env,
                          const tern_error* error) {
  (void)values; /* it has no parameters, so there are none */
  *env = calloc(1, sizeof **env);
  return *env != NULL ? TERN_OK : tern_fail(error, TERN_FAILED, "out of memory");
}
static void destroy(tern_env* env) { free(env); }
static const tern_env_spec* spec(const tern_env* env) {
  (void)env;
  return &facts;
}

/* Writes the whole row, in the order of kFields. */
static void observe(const tern_env* env, float* obs) {
  obs[0] = (float)env->place;
  obs[1] = (float)(env->lamp - env->place);
}

/* Starts an episode. All chance comes from the stream that is passed in. */
static tern_status reset(tern_env* env, const tern_reset_context* context, void* obs,
                         const tern_error* error) {
  (void)error;
  env->place = 2 * tern_rng_uniform(context->rng) - 1;
  env->lamp = 2 * tern_rng_uniform(context->rng) - 1;
  observe(env, obs);
  return TERN_OK;
}

/* One step. `terminated` is for ends that belong to the env, never for time limits. */
static tern_status step(tern_env* env, const void* action, tern_rng* rng, void* obs,
                        tern_step_result* result, const tern_error* error) {
  double distance;
  (void)rng;
  (void)error;
  env->place += *(const int32_t*)action == 1 ? kSpeed : -kSpeed;
  if (env->place > 1) env->place = 1;
  if (env->place < -1) env->place = -1;
  observe(env, obs);
  distance = env->lamp - env->place;
  result->terminated = distance < kSpeed && distance > -kSpeed;
  result->reward = result->terminated ? 1.0f : -0.02f;
  return TERN_OK;
}

const tern_plugin* tern_plugin_entry(const tern_host* host, const tern_error* error) {
  static tern_env_table table;
  static const tern_env_table* tables[] = {&table};
  static const tern_plugin plugin = {TERN_PLUGIN_ABI_VERSION, sizeof(tern_plugin), "@library@",
                                     tables, 1};
  (void)host;
  (void)error;
  facts.struct_size = sizeof facts;
  facts.id = "@class_name@-v0";
  facts.family = "mine";
  facts.summary = "walk along a corridor to the lamp";
  facts.obs_dtype = TERN_FLOAT32;
  facts.fields = kFields;
  facts.num_fields = 2;
  facts.field_size = sizeof(tern_field);
  facts.action_kind = TERN_DISCRETE;
  facts.components = &kAction;
  facts.num_components = 1;
  facts.component_size = sizeof(tern_action_component);
  facts.max_episode_steps = 50; /* Tern cuts the episode and tells the agent that it was cut */
  table.struct_size = sizeof table;
  table.id = facts.id;
  table.create = create;
  table.destroy = destroy;
  table.spec = spec;
  table.reset = reset;
  table.step = step;
  return &plugin;
}
)";

const char kReadme[] = R"(# @class_name@-v0, an env for Tern

The env is `@source@`; its rules stand at the top. Run these one folder up:

@build_it@Hold it to the contract that every env keeps:

    @tern@ check-env @library_path@

Train an agent on it, and see what it learned:

    @tern@ train ppo @library_path@ total_steps=30000 --out @folder@/run
    @tern@ watch @folder@/run

`watch` opens a window; without a display, write a moving picture:

    @tern@ record @folder@/run -o @folder@/@library@.gif

The file @library_path@ in the place of the run shows the env with random actions.
@play@
After a change of the rules: @build_word@check, train again. Tern's docs/plugins.md tells everything that
an env can do.
)";

// Where the env has keys.
const char kPlay[] = R"(Play it yourself, with the arrow keys:

    @tern@ play @library_path@
)";

const char kGitIgnore[] = "/build/\n/target/\n/run*/\n*.gif\n__pycache__/\n";

std::string filled(std::string text, const ProjectNames& names) {
  const std::string source = names.source();
  const std::string play = names.language == ProjectLanguage::kCpp ? kPlay : "";
  const std::string build = names.build_command(), library_path = names.library_path();
  const std::string build_it = build.empty() ? "" : "Build it:\n\n    " + build + "\n\n";
  const std::string build_word = build.empty() ? "" : "build, ";
  const std::string languages = names.language == ProjectLanguage::kC ? "C" : "CXX";
  const std::pair<const char*, const std::string*> places[] = {
      {"@play@", &play},
      {"@source@", &source},
      {"@build_it@", &build_it},
      {"@build_word@", &build_word},
      {"@library_path@", &library_path},
      {"@languages@", &languages},
      {"@folder@", &names.folder},
      {"@library@", &names.library},
      {"@class_name@", &names.class_name},
      {"@tern@", &names.tern},
      {"@tern_version@", &names.tern_version},
      {"@tern_prefix@", &names.tern_prefix},
  };
  for (const auto& [place, value] : places) {
    const std::string mark = place;
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += value->size()) {
      text.replace(at, mark.size(), *value);
    }
  }
  return text;
}

}  // namespace

std::string ProjectNames::source() const {
  if (language == ProjectLanguage::kRust) return "src/lib.rs";
  if (language == ProjectLanguage::kPython) return library + ".py";
  return library + (language == ProjectLanguage::kC ? ".c" : ".cc");
}

std::string ProjectNames::project_file() const {
  if (language == ProjectLanguage::kPython) return "";
  return language == ProjectLanguage::kRust ? "Cargo.toml" : "CMakeLists.txt";
}

std::string ProjectNames::build_command() const {
  if (language == ProjectLanguage::kRust) {
    return "cargo build --release --manifest-path " + folder + "/Cargo.toml --target-dir " +
           folder + "/build";
  }
  if (language == ProjectLanguage::kPython) return "";
  return "cmake -S " + folder + " -B " + folder + "/build && cmake --build " + folder + "/build";
}

std::string ProjectNames::library_path() const {
  if (language == ProjectLanguage::kPython) return folder + "/" + source();
  return folder + (language == ProjectLanguage::kRust ? "/build/release/lib" : "/build/lib") +
         library + ".so";
}

std::vector<ProjectFile> project_files(const ProjectNames& names) {
  if (names.language == ProjectLanguage::kRust) {
    return {{"Cargo.toml", filled(kRustCargo, names)},
            {"src/lib.rs", filled(kRustEnv, names)},
            {"src/tern.rs", kRustBorder},
            {"src/tern/abi.rs", kRustAbi},
            {"README.md", filled(kReadme, names)},
            {".gitignore", kGitIgnore}};
  }
  if (names.language == ProjectLanguage::kPython) {
    return {{names.source(), filled(kPythonEnv, names)},
            {"README.md", filled(kReadme, names)},
            {".gitignore", kGitIgnore}};
  }
  return {{"CMakeLists.txt", filled(kCMakeLists, names)},
          {names.source(), filled(names.language == ProjectLanguage::kC ? kEnvC : kEnv, names)},
          {"README.md", filled(kReadme, names)},
          {".gitignore", kGitIgnore}};
}

}  // namespace tern::cli
