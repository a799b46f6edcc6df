// Proof: worked examples of `tern serve` as a user starts and ends it, with a libtern_agents that
// only counts (fake_agents.cc).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/cli/raw_http.h"
#include "tests/cli/run_tern.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;
using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

class ServeCommand : public testing::Test {
 protected:
  void SetUp() override {
    if (!TERN_HAS_HTTP) GTEST_SKIP() << "built without cpp-httplib";
  }
  Said tern(const Words& words) {
    return run_tern(words, folder_.path(), {}, TERN_WITH_FAKE_AGENTS);
  }
  void train(const std::string& out) {
    const Said said = tern({"train", "ppo", "CartPole-v1", "total_steps=400", "num_envs=1",
                            "rollout_steps=100", "minibatch_size=100", "--out", out});
    ASSERT_EQ(said.exit_code, 0) << said.err;
  }
  std::unique_ptr<RunningTern> serve(Words words) {
    words.insert(words.begin(), "serve");
    return std::make_unique<RunningTern>(words, folder_.path(), TERN_WITH_FAKE_AGENTS);
  }
  static int port_of(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    return colon == std::string::npos ? 0 : std::stoi(address.substr(colon + 1));
  }
  static Json json_at(int port, const std::string& target) {
    const std::string answer = http_get(port, target);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    return Json::parse(body_of(answer), nullptr, /*allow_exceptions=*/false);
  }

  TemporaryFolder folder_;
};

TEST_F(ServeCommand, ShowsRunsUntilItIsInterrupted) {
  train("runs/pole");
  const auto server = serve({"--port", "0"});
  const std::string address = server->first_line();
  ASSERT_THAT(address, MatchesRegex("http://127\\.0\\.0\\.1:[0-9]+/"));
  const int port = port_of(address);
  EXPECT_THAT(http_get(port, "/"), HasSubstr("<title>Tern</title>"));
  const Json runs = json_at(port, "/runs");
  ASSERT_EQ(runs["runs"].size(), 1u);
  EXPECT_EQ(runs["runs"][0]["id"], "pole");
  EXPECT_EQ(runs["runs"][0]["checkpoint"], 400);
  const std::string own = "Origin: http://127.0.0.1\r\n", site = "Sec-Fetch-Site: same-origin\r\n";
  EXPECT_THAT(http_get(port, "/runs", own + site), StartsWith("HTTP/1.1 200 "));
  for (const std::string& headers :
       {std::string("Origin: http://evil.com\r\n"), std::string("Origin: null\r\n"),
        std::string("oRIGIN:http://evil.com\r\n"), std::string("Origin:\r\n"), own + own,
        site + site, std::string("Sec-Fetch-Site: cross-site\r\n")}) {
    EXPECT_THAT(http_get(port, "/runs", headers), StartsWith("HTTP/1.1 403 ")) << headers;
  }
  const Json episode = json_at(port, "/episode?run=pole");
  EXPECT_EQ(episode["checkpoint"], 400);
  EXPECT_EQ(episode["page"]["env"], "CartPole-v1");
  EXPECT_GT(episode["page"]["episodes"][0]["obs"].size(), 5u);
  const Json second = json_at(port, "/episode?run=pole&number=2");
  EXPECT_EQ(second["seed"], "1");
  EXPECT_NE(second["page"]["episodes"][0]["obs"][0], episode["page"]["episodes"][0]["obs"][0]);
  RawConnection follower(port);
  follower.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(follower.receive("\"id\":\"pole\""), HasSubstr("event: all"));
  const Said said = server->end(SIGINT);
  EXPECT_EQ(said.signal, SIGINT);
  EXPECT_EQ(said.out, address + "\n");
  EXPECT_THAT(said.err, StartsWith("tern: serving 1 run below runs/; open the address"));
}

TEST_F(ServeCommand, OtherMachinesNeedTheToken) {
  train("runs/pole");
  const auto server = serve({"pole", "--port", "0", "--host", "0.0.0.0", "--json"});
  const Json document = Json::parse(server->first_line(), nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(document.is_object());
  EXPECT_EQ(document["runs"], 1);
  const int port = document["port"];
  const std::string token = document["token"], address = document["address"];
  EXPECT_THAT(address, testing::EndsWith(":" + std::to_string(port) + "/?token=" + token));
  for (const char* target : {"/", "/runs", "/episode?run=pole", "/events", "/?token=x"}) {
    const std::string answer = http_get(port, target);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 ")) << target;
    EXPECT_THAT(answer, Not(HasSubstr("pole"))) << target;
  }
  EXPECT_EQ(json_at(port, "/runs?token=" + token)["runs"][0]["id"], "pole");
  EXPECT_THAT(http_get(port, "/?token=" + token), StartsWith("HTTP/1.1 303 "));
  EXPECT_THAT(http_get(port, "/runs?token=" + token, "", "evil.org"), StartsWith("HTTP/1.1 421 "));
  EXPECT_EQ(server->end(SIGTERM).signal, SIGTERM);
}

TEST_F(ServeCommand, ShowsAllRunsBelowAFolder) {
  train("runs/sweep/a");
  train("elsewhere/b");
  const auto server = serve({"sweep", "./elsewhere", "--port", "0"});
  const Json runs = json_at(port_of(server->first_line()), "/runs")["runs"];
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0]["id"], "elsewhere/b");
  EXPECT_EQ(runs[1]["id"], "runs/sweep/a");
  EXPECT_THAT(server->end(SIGINT).err,
              StartsWith("tern: serving 2 runs below runs/sweep/, elsewhere/; "));
}

TEST_F(ServeCommand, QuietPrintsTheAddressAlone) {
  const auto server = serve({"--quiet"});
  EXPECT_THAT(server->first_line(), StartsWith("http://127.0.0.1:"));
  EXPECT_THAT(server->end(SIGINT).err, IsEmpty());
}

TEST_F(ServeCommand, TwoAtOnceHaveAPortEach) {
  const auto first = serve({}), second = serve({});
  EXPECT_NE(first->first_line(), second->first_line());
  EXPECT_NE(second->first_line(), "");
  const std::string port = std::to_string(port_of(first->first_line()));
  const Said third = tern({"serve", "--port", port});
  EXPECT_EQ(third.exit_code, 1);
  EXPECT_THAT(third.err, HasSubstr("cannot listen on 127.0.0.1 port " + port));
  EXPECT_THAT(third.err, HasSubstr("Choose another --port, or 0 for any free one"));
}

TEST_F(ServeCommand, WordsThatAreWrongAreToldBeforeAnythingIsServed) {
  train("runs/pole");
  const std::vector<std::pair<Words, std::string>> calls = {
      {{"serve", "pol"}, "Did you mean 'pole'?"},
      {{"serve", "pole@400"}, "leave '@400' out: tern serve pole"},
      {{"serve", "--trust"}, "tern serve RUN --trust"},
      {{"serve", "--env", "./lib.so"}, "tern serve RUN --env ./lib.so"},
      {{"serve", "--port", "70000"}, "option --port: 70000 is out of range"},
      {{"serve", "--host", ""}, "option --host"},
      {{"serve", "gravity=5"}, "takes no key=value words"},
  };
  for (const auto& [words, expected] : calls) {
    const Said said = tern(words);
    EXPECT_EQ(said.exit_code, 2) << said.err;
    EXPECT_THAT(said.err, HasSubstr(expected));
    EXPECT_THAT(said.out, IsEmpty());
  }
}

}  // namespace
}  // namespace tern
