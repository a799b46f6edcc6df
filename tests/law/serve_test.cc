// Proof: law. The episodes that `tern serve` shows are those that `tern record` writes, number for
// number, of every kind of policy and env.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "core/files/json.h"
#include "tests/cli/raw_http.h"
#include "tests/cli/run_tern.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using Words = std::vector<std::string>;

class ServedEpisodes : public testing::Test {
 protected:
  void SetUp() override {
    if (!TERN_HAS_HTTP) GTEST_SKIP() << "built without cpp-httplib";
  }
  void tern(const Words& words) {
    const Said said = run_tern(words, folder_.path());
    ASSERT_EQ(said.exit_code, 0) << said.err;
  }
  /// The data in a page that `tern record` wrote.
  std::string recorded(const Words& words) {
    Words all = {"record", "-o", "page.html"};
    all.insert(all.end(), words.begin(), words.end());
    tern(all);
    std::ostringstream text;
    text << std::ifstream(folder_ / "page.html").rdbuf();
    const std::string page = text.str(), begin = "id=\"data\">";
    const std::size_t from = page.find(begin) + begin.size();
    return Json::parse(page.substr(from, page.find("</script>", from) - from)).dump();
  }
  static std::string served(int port, const std::string& target) {
    const Json answer = Json::parse(body_of(http_get(port, target)));
    return answer["page"].dump();
  }

  TemporaryFolder folder_;
};

TEST_F(ServedEpisodes, AreThoseThatAreRecorded) {
  tern({"train", "ppo", "CartPole-v1", "--out", "runs/ppo", "--quiet", "total_steps=512",
        "num_envs=2", "rollout_steps=64", "minibatch_size=64", "hidden_sizes=8",
        "final_eval_episodes=1"});
  tern({"train", "sac", "Pendulum-v1", "--out", "runs/sac", "--quiet", "total_steps=64",
        "learning_starts=32", "batch_size=16", "hidden_sizes=8", "final_eval_episodes=1"});
  RunningTern server({"serve", "--port", "0"}, folder_.path());
  const std::string address = server.first_line();
  ASSERT_NE(address, "");
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  for (const char* run : {"ppo", "sac"}) {
    const std::string target = std::string("/episode?run=") + run;
    EXPECT_EQ(served(port, target), recorded({run})) << run;
    EXPECT_EQ(served(port, target + "&number=4"), recorded({run, "--seed", "3"})) << run;
    EXPECT_NE(served(port, target + "&number=4"), served(port, target)) << run;
  }
  EXPECT_EQ(server.end(SIGINT).signal, SIGINT);
}

}  // namespace
}  // namespace tern
