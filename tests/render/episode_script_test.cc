// Proof: worked examples. An episode that was shown is come back to, in the same env and in one that
// was changed, and goes on from there.

#include "render/episode_script.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "envs/registry/registry.h"
#include "render/viewer.h"

namespace tern {
namespace {

Viewer viewer_of(const std::string& env, const ParamValues& params,
                 std::shared_ptr<const EpisodeScript> script, std::uint64_t seed = 0) {
  EpisodeOptions options;
  options.seed = seed;
  options.script = std::move(script);
  return Viewer(std::make_unique<EpisodePlayer>(registry().find(env), params, options),
                [] { return nullptr; });
}

std::shared_ptr<const EpisodeScript> place_of(const Viewer& viewer) {
  const std::optional<EpisodeScript> place = viewer.place();
  EXPECT_TRUE(place);
  return place ? std::make_shared<EpisodeScript>(*place) : nullptr;
}

void take_steps(Viewer& viewer, int count) {
  for (int i = 0; i < count; ++i) viewer.press(ViewerKey::kStep);
}

TEST(EpisodeScript, AnotherWindowGoesOnFromWhatWasShown) {
  for (const std::string env : {"CartPole-v1", "Pendulum-v1", "FrozenLake-v1"}) {
    Viewer first = viewer_of(env, {}, nullptr, 7);
    first.press(ViewerKey::kNextEpisode);  // not the one that the seed begins with
    take_steps(first, 4);
    Viewer second = viewer_of(env, {}, place_of(first), 8);
    EXPECT_EQ(second.frame().step, first.frame().step) << env;
    EXPECT_EQ(second.frame().obs, first.frame().obs) << env;
    EXPECT_EQ(second.frame().episode_return, first.frame().episode_return) << env;
    // It can be looked back at, and goes on.
    const std::vector<float> shown = first.frame().obs;
    take_steps(second, 1);
    EXPECT_EQ(second.frame().step, 5) << env;
    second.press(ViewerKey::kBack);
    EXPECT_EQ(second.frame().obs, shown) << env;
  }
}

TEST(EpisodeScript, AnEarlierMomentThatIsShownIsThePlace) {
  Viewer first = viewer_of("CartPole-v1", {}, nullptr);
  take_steps(first, 6);
  first.press(ViewerKey::kBack);
  first.press(ViewerKey::kBack);
  const auto place = place_of(first);
  EXPECT_EQ(place->actions.size(), 4u);
  EXPECT_EQ(viewer_of("CartPole-v1", {}, place).frame().step, 4);
}

TEST(EpisodeScript, InAChangedEnvTheSameActionsLeadElsewhere) {
  Viewer first = viewer_of("CartPole-v1", {}, nullptr);
  take_steps(first, 5);
  Viewer second = viewer_of("CartPole-v1", {{"gravity", "1", "test"}}, place_of(first));
  EXPECT_EQ(second.frame().step, 5);
  EXPECT_NE(second.frame().obs, first.frame().obs);
}

TEST(EpisodeScript, EndsWithTheEpisodeOrAtAnActionThatTheEnvDoesNotTake) {
  Viewer first = viewer_of("CartPole-v1", {}, nullptr);
  take_steps(first, 8);
  const auto place = place_of(first);
  EXPECT_EQ(
      viewer_of("CartPole-v1", {{"max_episode_steps", "5", "test"}}, place).frame().step, 5);
  auto wrong = std::make_shared<EpisodeScript>(*place);
  wrong->actions[3] = {2};
  EXPECT_EQ(viewer_of("CartPole-v1", {}, wrong).frame().step, 3);
  wrong->actions[2] = {0, 1};
  EXPECT_EQ(viewer_of("CartPole-v1", {}, wrong).frame().step, 2);
  wrong->actions[1] = {NAN};
  EXPECT_EQ(viewer_of("CartPole-v1", {}, wrong).frame().step, 1);
  wrong->level = 1000;  // of an env that has fewer now: begun as the seed says
  EXPECT_EQ(viewer_of("FrozenLake-v1", {}, wrong).frame().step, 1);
}

}  // namespace
}  // namespace tern
