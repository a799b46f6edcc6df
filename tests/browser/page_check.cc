// Proof: worked examples in a real browser: recorded and served pages, driven by keys and mouse,
// show the numbers of the episode, load nothing, and have room at odd sizes. Needs Chromium; exits
// with 77, which CTest counts as skipped, where there is none.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "tests/browser/browser.h"
#include "tests/cli/run_tern.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using Json = nlohmann::json;
using testing::IsEmpty;

constexpr int kSkipped = 77;

/// Runs that all tests share, and the browser.
struct Stage {
  TemporaryFolder folder;
  Browser browser;

  Stage() {
    said({"train", "ppo", "CartPole-v1", "total_steps=2000", "num_envs=2", "rollout_steps=200",
          "minibatch_size=200", "--out", "runs/pole"});
    // A name that would do harm if it were taken for HTML.
    std::filesystem::copy(folder / "runs/pole", folder / "runs/<img src=x onerror=harm()>",
                          std::filesystem::copy_options::recursive);
    said({"record", "runs/pole", "-o", "pole.html"});
  }
  std::string said(const std::vector<std::string>& words) {
    const Said answer = run_tern(words, folder.path());
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    return answer.out;
  }
  void open_file(const std::string& name, const std::string& hash = "") {
    browser.open("file://" + folder / name + hash);
    EXPECT_TRUE(browser.waits_for("document.readyState === 'complete' && step !== undefined"));
  }
};
Stage* stage = nullptr;

class Page : public testing::Test {
 protected:
  void TearDown() override { EXPECT_THAT(browser_.complaints(), IsEmpty()); }
  Json value(const std::string& expression) { return browser_.value(expression); }
  std::string text(const std::string& id) {
    return value("document.getElementById('" + id + "').textContent");
  }
  /// Name and number of each row of a part of the panel.
  Json rows(const std::string& id) {
    return value("[...document.querySelectorAll('#" + id +
                 " .row')].map(r => [r.firstChild.textContent, r.lastChild.textContent])");
  }
  Browser& browser_ = stage->browser;
};

double number(const Json& text) {
  return std::stod(text.get<std::string>());
}

TEST_F(Page, ShowsTheNumbersOfTheEpisodeAtEveryStep) {
  stage->open_file("pole.html");
  const Json played = Json::parse(
      stage->said({"rollout", "CartPole-v1", "--policy", "runs/pole", "--seed", "0", "--json"}));
  const Json& steps = played["steps"];
  const int end = static_cast<int>(steps.size());
  ASSERT_GT(end, 5);
  double sum = 0;
  for (int t = 1; t <= end; ++t) {
    browser_.press("ArrowRight");
    const Json& step = steps[static_cast<std::size_t>(t - 1)];
    sum += step["reward"].get<double>();
    EXPECT_EQ(text("clock"), "step " + std::to_string(t) + " of " + std::to_string(end) +
                                 (t == end ? ", terminated" : ""));
    EXPECT_NEAR(number(text("return")), sum, 1e-3);
    const Json seen = rows("obs");
    ASSERT_EQ(seen.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(number(seen[i][1]), step["obs"][i].get<double>(), 6e-4) << t;
    }
    if (t == end) continue;
    const std::string chosen = value("document.querySelector('.chosen span').textContent");
    EXPECT_EQ(chosen, steps[static_cast<std::size_t>(t)]["action"] == 0 ? "left" : "right");
  }
  EXPECT_THAT(browser_.requests(), IsEmpty());
}

TEST_F(Page, GoesBackAndForthByKeysSliderAndMouse) {
  stage->open_file("pole.html", "#step=7");
  EXPECT_EQ(value("step"), 7);
  const std::string hash = text("hash");
  browser_.press("ArrowLeft");
  EXPECT_EQ(value("step"), 6);
  EXPECT_NE(text("hash"), hash);
  browser_.press("ArrowRight");
  EXPECT_EQ(text("hash"), hash);
  browser_.press("End");
  EXPECT_EQ(value("step === pictures.length - 1"), true);
  browser_.press("ArrowRight");
  EXPECT_EQ(value("step === pictures.length - 1"), true);
  browser_.press("Home");
  EXPECT_EQ(value("step"), 0);
  value("{ const c = $('cursor'); c.value = 7; c.dispatchEvent(new Event('input')); }");
  EXPECT_EQ(text("hash"), hash);
  const Json box =
      value("(r => [r.left + r.width / 2, r.top + 5])($('returns').getBoundingClientRect())");
  browser_.click(box[0], box[1]);
  EXPECT_NEAR(value("step / (pictures.length - 1)").get<double>(), 0.5, 0.05);
}

TEST_F(Page, PlaysToTheEnd) {
  stage->open_file("pole.html");
  for (int i = 0; i < 6; ++i) browser_.press("+");
  browser_.press(" ");
  EXPECT_TRUE(browser_.waits_for("step > 0"));
  EXPECT_TRUE(browser_.waits_for("step === pictures.length - 1 && timer === null"));
  EXPECT_EQ(text("play"), "play");
}

TEST_F(Page, SaysWhyByAllMethods) {
  stage->open_file("pole.html", "#step=3");
  EXPECT_EQ(value("$('why-output').value"), "log pi(a | s)");
  double here = 0, baseline = 0;
  const std::string ends = text("why-ends");
  ASSERT_EQ(std::sscanf(ends.c_str(), "here %lf, baseline %lf", &here, &baseline), 2) << ends;
  std::vector<Json> seen;
  for (const char* method : {"integrated gradients", "occlusion", "", "gradient x input"}) {
    EXPECT_EQ(value("$('why-method').value"), method);
    seen.push_back(rows("why"));
    browser_.press("w");
  }
  EXPECT_EQ(seen[2].size(), 0u);
  ASSERT_EQ(seen[0].size(), 4u);
  EXPECT_NE(seen[0], seen[1]);
  double sum = 0;
  for (const Json& row : seen[0]) sum += number(row[1]);
  EXPECT_NEAR(sum, here - baseline, 0.02 * std::abs(here - baseline) + 0.003);
  browser_.press("e");
  EXPECT_EQ(value("$('why-output').value"), "V(s)");
  EXPECT_NE(rows("why"), seen[0]);
  browser_.press("End");
  EXPECT_EQ(rows("why").size(), 0u);
  EXPECT_EQ(text("why-more"), "The episode is over: nothing is decided.");
}

TEST_F(Page, ShowsImagesAsTheNetworkIsGivenThem) {
  stage->said({"record", "MinAtar-Breakout-v1", "-o", "break.html"});
  stage->open_file("break.html", "#step=3");
  EXPECT_TRUE(browser_.waits_for("document.querySelectorAll('#images canvas').length > 3"));
  // Some pixel of some tile is bright.
  EXPECT_EQ(value("[...document.querySelectorAll('#images canvas')].some(c => "
                  "c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some("
                  "(v, i) => i % 4 < 3 && v > 200))"),
            true);
  EXPECT_THAT(browser_.requests(), IsEmpty());
}

/// Texts in the panel and below the stage that stand over each other or are cut.
constexpr const char* kFaults = R"JS((() => {
  const faults = [];
  if (document.documentElement.scrollWidth > innerWidth) faults.push("the page is too wide");
  const leaves = [...document.querySelectorAll("#time *, #panel *, #runs *")].filter(e =>
    e.getClientRects().length && (!e.children.length || e.tagName === "SELECT") &&
    e.tagName !== "OPTION" && !e.closest(".track") && (e.textContent || e.tagName !== "SPAN"));
  for (const area of ["#time", "#panel", "#runs"]) {
    const parts = leaves.filter(e => e.closest(area) && !e.closest("option"));
    parts.forEach((a, i) => parts.slice(i + 1).forEach(b => {
      const p = a.getBoundingClientRect(), q = b.getBoundingClientRect();
      const w = Math.min(p.right, q.right) - Math.max(p.left, q.left);
      const h = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
      if (w > 2 && h > 3) faults.push((a.id || a.textContent) + " over " + (b.id || b.textContent));
    }));
    parts.forEach(e => {
      if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth && !e.closest("[title]")) {
        faults.push("cut: " + (e.id || e.textContent));
      }
    });
  }
  return faults;
})())JS";

TEST_F(Page, FaultsOfRoomAreFound) {
  stage->open_file("pole.html");
  EXPECT_TRUE(value(kFaults).empty());
  value(
      "$('clock').style.marginLeft = '-200px'; $('clock').style.flex = '0 0 0'; "
      "$('hash').parentNode.style.cssText = 'white-space: nowrap; overflow: hidden; width: 40px'; "
      "$('hash').style.cssText = 'display: block; overflow: hidden'");
  EXPECT_GE(value(kFaults).size(), 2u);
}

TEST_F(Page, HasRoomAtOddSizes) {
  const std::vector<std::string> envs = {
      "FrozenLake-v1",          "Taxi-v3",      "Pendulum-v1",    "BipedalWalker-v3",
      "MinAtar-Seaquest-v1",    "CarRacing-v3", "ConnectFour-v1", "Probe-Mask-v0",
      "MiniGrid-DoorKey-5x5-v0"};
  std::vector<std::string> files = {"pole.html"};
  for (const std::string& env : envs) {
    stage->said({"record", env, "-o", env + ".html", "--steps", "5"});
    files.push_back(env + ".html");
  }
  for (const std::string& file : files) {
    stage->open_file(file);
    for (const auto& [width, height] :
         {std::pair(360, 640), {640, 480}, {800, 600}, {1920, 1080}}) {
      browser_.resize(width, height, {{"prefers-color-scheme", width > 700 ? "dark" : "light"}});
      EXPECT_TRUE(browser_.waits_for("innerWidth === " + std::to_string(width)));
      const Json faults = value(kFaults);
      EXPECT_TRUE(faults.empty()) << file << " " << width << " " << faults.dump(1);
    }
  }
}

class ServedPage : public Page {
 protected:
  void SetUp() override {
    if (!TERN_HAS_HTTP) GTEST_SKIP() << "built without cpp-httplib";
    server_ = std::make_unique<RunningTern>(
        std::vector<std::string>{"serve", "--port", "0", "--quiet"}, stage->folder.path());
    address_ = server_->first_line();
    ASSERT_NE(address_, "");
  }
  std::unique_ptr<RunningTern> server_;
  std::string address_;
};

TEST_F(ServedPage, ListsRunsAndPlaysTheNewestPolicy) {
  browser_.open(address_ + "#run=pole");
  ASSERT_TRUE(browser_.waits_for("typeof step !== 'undefined' && !!episode"));
  EXPECT_EQ(text("run-name"), "pole");
  EXPECT_EQ(text("run-kind"), "ppo on CartPole-v1");
  EXPECT_TRUE(browser_.waits_for("step > 2"));  // it plays by itself
  browser_.press("Home");
  const Json served = value("data.episodes[0].obs");
  stage->open_file("pole.html");
  EXPECT_EQ(served, value("data.episodes[0].obs"));  // that of tern record
}

TEST_F(ServedPage, NamesOfRunsAreText) {
  browser_.open(address_);
  ASSERT_TRUE(browser_.waits_for("document.querySelectorAll('#list button').length === 2"));
  value(
      "document.querySelectorAll('#list button').forEach(b => { "
      "if (b.title.startsWith('<')) b.click(); })");
  ASSERT_TRUE(browser_.waits_for("$('run-name').textContent.startsWith('<img') && !!episode"));
  EXPECT_EQ(value("document.querySelectorAll('img').length"), 0);
  for (const std::string& request : browser_.requests()) {
    EXPECT_EQ(request.rfind(address_, 0), 0u) << request;  // of the server itself
  }
}

TEST_F(ServedPage, HasRoomAtOddSizes) {
  browser_.open(address_ + "#run=pole");
  ASSERT_TRUE(browser_.waits_for("typeof step !== 'undefined' && !!episode"));
  for (const auto& [width, height] :
       {std::pair(360, 640), {640, 480}, {800, 600}, {1024, 768}, {1920, 1080}}) {
    browser_.resize(width, height);
    EXPECT_TRUE(browser_.waits_for("innerWidth === " + std::to_string(width)));
    const Json faults = value(kFaults);
    EXPECT_TRUE(faults.empty()) << width << " " << faults.dump(1);
  }
}

TEST_F(ServedPage, WhoWantsLessMotionStartsIt) {
  browser_.open("about:blank");
  browser_.resize(1280, 800, {{"prefers-reduced-motion", "reduce"}});
  value("location.href = '" + address_ + "#run=pole'");
  ASSERT_TRUE(browser_.waits_for("typeof step !== 'undefined' && !!episode"));
  EXPECT_EQ(value("$('live').getAttribute('aria-pressed')"), "false");
  EXPECT_EQ(value("timer === null && step === 0"), true);
}

TEST_F(ServedPage, SaysWhenTheServerIsGone) {
  browser_.open(address_ + "#run=pole");
  ASSERT_TRUE(browser_.waits_for("typeof step !== 'undefined' && !!episode"));
  server_->end(SIGKILL);
  EXPECT_TRUE(browser_.waits_for("!$('connection').hidden"));
  EXPECT_EQ(text("connection"), "tern serve does not answer; trying again");
  browser_.open("about:blank");  // forgets what the browser said of the connection
}

}  // namespace
}  // namespace tern

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (!tern::Browser::is_installed()) {
    std::printf("skipped: there is no Chromium (apt-get install chromium)\n");
    return tern::kSkipped;
  }
  tern::Stage stage;
  tern::stage = &stage;
  return RUN_ALL_TESTS();
}
