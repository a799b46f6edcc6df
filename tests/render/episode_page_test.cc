// Proof: laws (the page's data give the episode's numbers and pictures back), limits of its size. The
// data are read by a parser of JSON and unpacked as the page's script does it.

#include "render/episode_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "render/episode_why.h"
#include "render/page_drawings.h"
#include "render/play_episode.h"
#include "tests/render/lander_policy.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

Episode episode_of(const std::string& id, Policy* policy, int steps) {
  EpisodeOptions options;
  options.seed = 1;
  options.cut_after = steps;
  EpisodePlayer player(registry().find(id), {}, options);
  return play_episode(player, policy);
}

/// The data as they stand in the page.
Json data_in(const std::string& page) {
  const std::string begin = "<script type=\"application/json\" id=\"data\">", end = "</script>";
  const std::size_t from = page.find(begin) + begin.size();
  return Json::parse(page.substr(from, page.find(end, from) - from));
}

/// The picture that follows `last`.
std::vector<std::uint32_t> changed(const std::vector<std::uint32_t>& last,
                                   const std::vector<std::uint32_t>& change) {
  std::vector<std::uint32_t> now;
  std::size_t at = 0;
  for (std::size_t i = 0; i < change.size();) {
    for (std::uint32_t kept = change[i++]; kept > 0; --kept) now.push_back(last.at(at++));
    at += change[i++];
    for (std::uint32_t runs = change[i++]; runs > 0; --runs) {
      const std::uint32_t first = change[i++], count = change[i++];
      for (std::uint32_t k = 0; k < count; ++k) now.push_back(first + k);
    }
  }
  now.insert(now.end(), last.begin() + static_cast<std::ptrdiff_t>(at), last.end());
  return now;
}

/// Numbers of the calls of each picture.
std::vector<std::vector<std::uint32_t>> unpacked(const Json& episode) {
  std::vector<std::vector<std::uint32_t>> pictures;
  std::vector<std::uint32_t> last;
  for (const Json& change : episode["pictures"]) {
    last = changed(last, change);
    pictures.push_back(last);
  }
  return pictures;
}

TEST(PictureChange, GivesEveryPictureBack) {
  Rng rng(7, "pictures");
  std::vector<std::uint32_t> last;
  std::size_t numbers = 0, changes = 0;
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::uint32_t> now = last;
    for (int k = 0; k < 3; ++k) {  // insert, erase, repeat, move
      const auto place = [&](std::size_t more) {
        return static_cast<std::ptrdiff_t>(
            rng.below(static_cast<std::uint32_t>(now.size() + more)));
      };
      const std::uint32_t what = rng.below(5);
      if (what < 2 || now.empty()) now.insert(now.begin() + place(1), rng.below(40));
      if (what == 2 && !now.empty()) now.erase(now.begin() + place(0));
      if (what == 3 && now.size() > 30) now.erase(now.begin() + 3, now.begin() + 20);
      if (what == 4 && now.size() > 1) std::swap(now[0], now.back());
    }
    const std::vector<std::uint32_t> change = picture_change(last, now);
    ASSERT_EQ(changed(last, change), now);
    numbers += now.size();
    changes += change.size();
    last = now;
  }
  EXPECT_LT(changes, numbers);
  EXPECT_TRUE(picture_change(last, last).empty());
}

TEST(PictureChange, SaysOnlyWhatChanges) {
  EXPECT_EQ(picture_change({0, 1, 2, 3, 4, 5}, {0, 9, 2, 3, 10, 11, 5}),
            (std::vector<std::uint32_t>{1, 1, 1, 9, 1, 2, 1, 1, 10, 2}));
  EXPECT_EQ(picture_change({}, {0, 1, 2, 7}), (std::vector<std::uint32_t>{0, 0, 2, 0, 3, 7, 1}));
  EXPECT_EQ(picture_change({1, 8, 8, 2}, {1, 8, 2}), (std::vector<std::uint32_t>{2, 1, 0}));
}

TEST(EpisodePage, HasTheNumbersOfEveryStep) {
  LinearPolicy policy;
  const Episode episode = episode_of("CartPole-v1", &policy, 500);
  const Json data = data_in(episode_page({episode}));
  EXPECT_EQ(data["env"], "CartPole-v1");
  EXPECT_EQ(data["agent"], "ppo");
  EXPECT_EQ(data["by_hand"], false);
  EXPECT_EQ(data["obs"][2]["name"], "pole angle");
  EXPECT_EQ(data["actions"][0]["options"], (Json{"left", "right"}));
  const Json& page = data["episodes"][0];
  ASSERT_EQ(page["obs"].size(), 501u);
  for (std::size_t t = 0; t <= 500; ++t) {
    const Moment& moment = episode.moments[t];
    EXPECT_NEAR(page["value"][t].get<double>(), *moment.inspection.value, 1e-3);
    EXPECT_NEAR(page["probabilities"][t][1].get<double>(), moment.inspection.probabilities[1], 1e-5);
    EXPECT_EQ(page["reward"][t].get<float>(), moment.reward);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(page["obs"][t][i].get<double>(), static_cast<double>(moment.obs[i]), 1e-5);
    }
    if (t < 500) {
      EXPECT_EQ(page["action"][t][0].get<float>(), moment.action[0]);
    }
  }
  EXPECT_EQ(page["end"], "time limit");
}

TEST(EpisodePage, HasTheCallsOfEveryPicture) {
  const Episode episode = episode_of("LunarLander-v3", nullptr, 80);
  const Json data = data_in(episode_page({episode}));
  const Json& page = data["episodes"][0];
  const auto pictures = unpacked(page);
  ASSERT_EQ(pictures.size(), episode.moments.size());
  const std::string letters = "vpcklbituo";  // in the order of DrawCall::Kind
  for (std::size_t t = 0; t < pictures.size(); ++t) {
    std::vector<const DrawCall*> expected;  // those that are seen
    for (const std::uint32_t number : episode.drawings.picture(t)) {
      const DrawCall& call = episode.drawings.calls()[number];
      const bool is_seen = call.kind != DrawCall::Kind::kCells || call.styles[0].color.a > 0;
      if (is_seen) expected.push_back(&call);
    }
    ASSERT_EQ(pictures[t].size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const DrawCall& wanted = *expected[i];
      const Json& call = page["calls"][pictures[t][i]];
      ASSERT_EQ(call[0], std::string(1, letters[static_cast<std::size_t>(wanted.kind)]));
      const std::size_t first = call[0] == "u" || call[0] == "b" || call[0] == "i" ? 1 : 2;
      for (std::size_t k = 0; k < wanted.points.size(); ++k) {
        EXPECT_NEAR(call[first + 2 * k].get<double>(), static_cast<double>(wanted.points[k].x), 1e-3);
        EXPECT_NEAR(call[first + 2 * k + 1].get<double>(), static_cast<double>(wanted.points[k].y),
                    1e-3);
      }
    }
  }
}

/// Balances CartPole and gives reasons with many digits.
class ReasoningPolicy final : public LinearPolicy {
 public:
  std::vector<std::string> attributable_outputs() const override {
    return {"log pi(a | s)", "V(s)"};
  }
  Attribution attribute(const AttributionQuestion& question) override {
    Attribution attribution;
    for (const float x : question.obs.floats()) {
      attribution.scores.push_back(static_cast<double>(x) / 7);
      attribution.output += attribution.scores.back();
    }
    attribution.baseline_output = attribution.output / 3;
    return attribution;
  }
};

TEST(EpisodePage, IsSmall) {
  ReasoningPolicy balances;
  Episode pole = episode_of("CartPole-v1", &balances, 500);
  ASSERT_EQ(pole.steps(), 500);
  explain_episode(pole, &balances, {});
  ASSERT_EQ(pole.why.size(), 6u);
  EXPECT_LE(episode_page({pole}).size(), 300'000u);
  HoveringPolicy hovers;
  const Episode lander = episode_of("LunarLander-v3", &hovers, 500);
  ASSERT_EQ(lander.steps(), 500);
  EXPECT_LE(episode_page({lander}).size(), 2'000'000u);
  const Episode race = episode_of("CarRacing-v3", nullptr, 200);
  EXPECT_LE(episode_page({race}).size(), 1'200'000u);  // half of it observed images
  const Episode walk = episode_of("BipedalWalker-v3", nullptr, 50);
  ASSERT_EQ(walk.steps(), 50);
  EXPECT_LE(episode_page({walk}).size(), 50u * 5000 + 40'000);
}

TEST(EpisodePage, LoadsNothingFromElsewhere) {
  const std::string page = episode_page({episode_of("CartPole-v1", nullptr, 5)});
  for (const char* word : {"http:", "https:", "src=", "import ", "fetch(", "XMLHttpRequest", "//cdn"}) {
    EXPECT_THAT(page, Not(HasSubstr(word)));
  }
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(EpisodePage, NamesOfEnvsCannotBreakIt) {
  Episode episode = episode_of("CartPole-v1", nullptr, 5);
  EnvSpec spec = *episode.spec;
  spec.id = "</script><script>alert(1)</script>\"\\";
  episode.spec = std::make_shared<const EnvSpec>(spec);
  const std::string page = episode_page({episode});
  EXPECT_THAT(page, Not(HasSubstr("alert(1)</script>")));
  EXPECT_EQ(data_in(page)["env"], spec.id);
}

TEST(EpisodePage, WhatIsNotFiniteIsNull) {
  Episode episode = episode_of("CartPole-v1", nullptr, 5);
  episode.moments[1].reward = std::numeric_limits<float>::infinity();
  episode.moments[2].obs[0] = std::numeric_limits<float>::quiet_NaN();
  const Json data = data_in(episode_page({episode}));
  EXPECT_TRUE(data["episodes"][0]["reward"][1].is_null());
  EXPECT_TRUE(data["episodes"][0]["obs"][2][0].is_null());
  EXPECT_TRUE(data["obs"][1]["low"].is_null());  // an unbounded velocity
}

TEST(EpisodePage, EveryEnvHasOne) {
  for (const std::string& id : registry().ids()) {
    const Episode episode = episode_of(id, nullptr, 5);
    const Json data = data_in(episode_page({episode, episode}));
    ASSERT_EQ(data["episodes"].size(), 2u) << id;
    EXPECT_EQ(unpacked(data["episodes"][1]).size(), episode.moments.size()) << id;
    for (const auto& picture : unpacked(data["episodes"][0])) {
      ASSERT_FALSE(picture.empty()) << id;
      EXPECT_EQ(data["episodes"][0]["calls"][picture[0]][0], "v") << id;
    }
  }
}

}  // namespace
}  // namespace tern
