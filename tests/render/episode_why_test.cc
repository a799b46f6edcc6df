// Proof: laws (the scores, images and heat of a page are those of the policy's attributions and of
// the observations), and that each source of them changes the page.

#include "render/episode_why.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "envs/registry/registry.h"
#include "render/episode_page.h"
#include "render/explained_images.h"
#include "render/observed_images.h"
#include "render/play_episode.h"
#include "tests/render/explaining_policy.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

Episode episode_of(const std::string& id, Policy* policy, int steps) {
  EpisodeOptions options;
  options.seed = 1;
  options.cut_after = steps;
  EpisodePlayer player(registry().find(id), {}, options);
  return play_episode(player, policy);
}

Json page_of(const Episode& episode) {
  return Json::parse(episode_page_data({episode}))["episodes"][0];
}

const Json& why_of(const Json& page, const std::string& method, const std::string& output) {
  for (const Json& why : page["why"]) {
    if (why["method"] == method && why["output"] == output) return why;
  }
  throw Error("the page has no " + method + " of " + output);
}

std::vector<std::uint8_t> bytes_in(const std::string& base64) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> bytes;
  unsigned word = 0, bits = 0;
  for (const char c : base64) {
    if (c == '=') break;
    word = word << 6 | static_cast<unsigned>(digits.find(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>(word >> bits & 255));
  }
  return bytes;
}

/// The RGB pixels of a PNG file.
std::vector<std::uint8_t> pixels_in(const std::vector<std::uint8_t>& file) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, file.data(), file.size()), 0);
  image.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(image));
  EXPECT_NE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr), 0);
  return pixels;
}

TEST(EpisodeWhy, ThePageHasTheScoresOfEveryStep) {
  ExplainingPolicy policy;
  Episode episode = episode_of("CartPole-v1", &policy, 30);
  explain_episode(episode, &policy, {});
  const Json page = page_of(episode);
  ASSERT_EQ(page["why"].size(), 6u);  // three methods, two outputs
  for (const char* method : {"gradient x input", "integrated gradients", "occlusion"}) {
    const Json& action = why_of(page, method, "Q(s, a)");
    const Json& value = why_of(page, method, "V(s)");
    ASSERT_EQ(action["scores"].size(), episode.moments.size());
    for (std::size_t t = 0; t + 1 < episode.moments.size(); ++t) {
      for (std::size_t i = 0; i < 4; ++i) {
        const double score =
            static_cast<double>(i + 1) * static_cast<double>(episode.moments[t].obs[i]);
        EXPECT_NEAR(action["scores"][t][i].get<double>(), score, 0.006 * std::fabs(score));
        EXPECT_NEAR(value["scores"][t][i].get<double>(), -score, 0.006 * std::fabs(score));
      }
    }
    EXPECT_TRUE(action["scores"].back().is_null());  // nothing is decided
  }
  const Json& first = why_of(page, "gradient x input", "Q(s, a)");
  EXPECT_NEAR(first["here"][3].get<double>(), episode.why[0].moments[3].output, 1e-4);
  EXPECT_EQ(first["baseline"][3], 0);
  EXPECT_FALSE(why_of(page, "occlusion", "Q(s, a)").contains("here"));  // it is the same
}

TEST(EpisodeWhy, ThePolicyIsAskedWithWhatItHadSeenAndDone) {
  ExplainingPolicy policy;
  Episode episode = episode_of("FrozenLake-v1", &policy, 5);
  explain_episode(episode, &policy, {});
  const Moment& last = episode.moments[episode.moments.size() - 2];
  EXPECT_EQ(policy.obs, last.obs);
  EXPECT_EQ(policy.action, last.action);
  EXPECT_EQ(policy.state, last.policy_state);
  EXPECT_EQ(policy.output, 1u);
}

TEST(EpisodeWhy, NobodyIsAskedWithoutReasonsOrWhereItTakesLong) {
  ExplainingPolicy explains;
  LinearPolicy silent;
  Episode episode = episode_of("CartPole-v1", &silent, 5);
  explain_episode(episode, nullptr, {});
  explain_episode(episode, &silent, {});
  EXPECT_TRUE(episode.why.empty());
  EXPECT_FALSE(page_of(episode).contains("why"));
  Episode images = episode_of("Catch-v0", &explains, 5);
  explain_episode(images, &explains, {});
  EXPECT_TRUE(images.why.empty());
  EXPECT_EQ(explains.asked, 0);
  explain_episode(images, &explains, {.is_wanted = true});
  EXPECT_EQ(images.why.size(), 1u);
  EXPECT_EQ(explains.asked, images.steps());
}

TEST(EpisodeWhy, StopsWhenTheTimeIsOver) {
  ExplainingPolicy policy;
  Episode episode = episode_of("CartPole-v1", &policy, 5);
  explain_episode(episode, &policy, {.is_wanted = true, .most_seconds = -1});
  EXPECT_EQ(policy.asked, 0);
  const Json page = page_of(episode);
  for (const Json& scores : page["why"][0]["scores"]) EXPECT_TRUE(scores.is_null());
}

TEST(EpisodeWhy, WhatCannotBeExplainedIsLeftOut) {
  class Refusing final : public ExplainingPolicy {
   public:
    Attribution attribute(const AttributionQuestion& question) override {
      if (asked++ % 2 == 0) throw Error("not finite");
      return ExplainingPolicy::attribute(question);
    }
  } policy;
  Episode episode = episode_of("CartPole-v1", &policy, 8);
  explain_episode(episode, &policy, {});
  ASSERT_FALSE(episode.why.empty());
  EXPECT_NO_THROW(page_of(episode));
  EXPECT_TRUE(episode.why[0].moments[0].scores.empty());
}

TEST(PageImages, AreThoseThatTheNetworkIsGiven) {
  for (const char* id : {"Catch-v0", "CarRacing-v3", "MinAtar-Breakout-v1"}) {
    const Episode episode = episode_of(id, nullptr, 6);
    const Json page = page_of(episode);
    for (std::size_t t = 0; t < episode.moments.size(); ++t) {
      const std::vector<ObservedImage> images = observed_images(frame_of(episode, t));
      ASSERT_EQ(page["images"].size(), images.size()) << id;
      for (std::size_t i = 0; i < images.size(); ++i) {
        const Json& field = page["images"][i];
        ASSERT_EQ(field["at"][t].size(), images[i].tiles.size());
        for (std::size_t k = 0; k < images[i].tiles.size(); ++k) {
          const std::size_t number = field["at"][t][k], rows = field["rows"];
          const auto sheet = pixels_in(bytes_in(field["sheets"][number / rows]));
          const std::vector<std::uint8_t>& tile = images[i].tiles[k];
          const auto begin =
              sheet.begin() + static_cast<std::ptrdiff_t>(number % rows * tile.size());
          EXPECT_TRUE(std::equal(tile.begin(), tile.end(), begin)) << id << " " << t;
        }
      }
    }
  }
}

TEST(PageImages, HeatIsThatOfTheWindow) {
  ExplainingPolicy policy;
  Episode episode = episode_of("Catch-v0", &policy, 4);
  explain_episode(episode, &policy, {.is_wanted = true});
  const Json page = page_of(episode);
  const Json& heat = page["why"][0]["heat"][0];
  const Field& field = episode.spec->obs.fields()[0];
  ASSERT_EQ(heat["width"], field.shape[1]);
  ASSERT_EQ(heat["height"], field.shape[0]);
  const std::vector<std::uint8_t> bytes = bytes_in(heat["pixels"][1]);
  const std::vector<double>& scores = episode.why[0].moments[1].scores;
  const auto channels = static_cast<std::size_t>(field.shape[2]);
  ASSERT_EQ(bytes.size(), field.size());
  double largest = 0, sum = 0;
  for (const double score : scores) largest = std::max(largest, std::fabs(score));
  for (std::size_t i = 0; i < field.size(); ++i) {
    const std::size_t place = i % channels * (field.size() / channels) + i / channels;
    EXPECT_NEAR((bytes[place] - 128) / 127.0, scores[field.offset + i] / largest, 0.005);
    sum += scores[field.offset + i];
  }
  EXPECT_NEAR(page["why"][0]["sums"][1][0].get<double>(), sum, 0.006 * std::fabs(sum));
  EXPECT_TRUE(heat["pixels"].back().is_null());
}

TEST(PageImages, LargeOnesAreExplainedInBlocks) {
  ExplainingPolicy policy;
  Episode episode = episode_of("CarRacing-v3", nullptr, 2);
  EpisodeWhy why{AttributionMethod::kIntegratedGradients, "V(s)", {}};
  why.moments.resize(episode.moments.size());
  why.moments[0].scores.assign(episode.spec->obs.size(), 0.0);
  why.moments[0].scores[0] = -1;                 // the first pixel's red
  why.moments[0].scores[3 * 96 * 96 - 1] = 0.5;  // the last one's blue
  episode.why = {why};
  const Json page = page_of(episode);
  const Json& heat = page["why"][0]["heat"][0];
  EXPECT_EQ(heat["width"], 24);
  EXPECT_EQ(heat["tiles"], 1);
  const std::vector<std::uint8_t> bytes = bytes_in(heat["pixels"][0]);
  ASSERT_EQ(bytes.size(), 24u * 24);
  EXPECT_EQ(bytes.front(), 1);
  EXPECT_EQ(bytes.back(), 192);  // 63.5 rounded
  EXPECT_EQ(bytes[24], 128);
}

}  // namespace
}  // namespace tern
