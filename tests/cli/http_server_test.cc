// Proof: worked examples through real sockets: what clients send that mean harm, leave or are many.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "cli/http/http_library.h"
#include "cli/http/request_head.h"
#include "tests/cli/raw_http.h"
#include "tests/error_of.h"

namespace tern::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

HttpAnswer text_answer(const std::string& text) {
  HttpAnswer answer;
  answer.type = "text/plain";
  answer.body = std::make_shared<const std::string>(text);
  answer.headers = {{"X-Test", "yes"}};
  return answer;
}

/// Says what it was asked.
HttpAnswer echo(const HttpRequest& request) {
  std::string text = request.method + " " + request.path;
  for (const auto& [name, value] : request.parameters) text += " " + name + "=" + value;
  for (const auto& [name, value] : request.headers) {
    if (!value.empty()) text += " " + name + ":" + value;
  }
  return text_answer(text);
}

/// Goes on for ever.
HttpAnswer stream(const HttpRequest&) {
  HttpAnswer answer;
  answer.type = "text/event-stream";
  answer.next_piece = [](std::string& piece) {
    piece = "tick\n";
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return true;
  };
  return answer;
}

class HttpServerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!TERN_HAS_HTTP) GTEST_SKIP() << "built without cpp-httplib";
    server_ = open_http_server("127.0.0.1", 0);
    server_->serve([](const HttpRequest& request) {
      return request.path == "/stream" ? stream(request) : echo(request);
    });
  }
  int port() const { return server_->port(); }
  std::string get(const std::string& target, const std::string& headers = "") const {
    return http_get(port(), target, headers);
  }
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, HandsRequestsOverAndAnswersBack) {
  const std::string answer =
      get("/a%20b?x=1%2B2&y=&x=3", "Cookie: k=v\r\nSec-Fetch-Site: none\r\nX-Other: 7\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nX-Test: yes\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_EQ(body_of(answer), "GET /a b x=1+2 y= cookie:k=v host:127.0.0.1 sec-fetch-site:none");
}

TEST_F(HttpServerTest, AHeadHasNoBody) {
  RawConnection connection(port());
  connection.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = connection.receive();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(body_of(answer), "");
}

TEST_F(HttpServerTest, OfTwoHostsNoneIsBelieved) {
  EXPECT_EQ(body_of(get("/", "Host: evil.org\r\n")), "GET / host:?");
}

TEST_F(HttpServerTest, PartsOfAnAnswerAreNotMultiplied) {
  std::string ranges = "bytes=0-";
  for (int i = 0; i < 2000; ++i) ranges += ",0-";
  EXPECT_THAT(get("/", "Range: " + ranges + "\r\nAccept-Encoding: gzip, br\r\n"),
              EndsWith("GET / host:127.0.0.1"));
}

TEST_F(HttpServerTest, RequestsThatAreTooLargeAreRefused) {
  EXPECT_THAT(get("/", "X-Large: " + std::string(10'000'000, 'x') + "\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(get("/" + std::string(10'000'000, 'x')), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(get("/" + std::string(20'000, 'x')), StartsWith("HTTP/1.1 414 "));
  std::string many;
  for (int i = 0; i < 200'000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_THAT(get("/", many), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(get("/", "Cookie: " + std::string(60'000, 'x') + "\r\n"), Not(HasSubstr("200 OK")));
  EXPECT_THAT(get("/after"), HasSubstr("GET /after"));
}

TEST_F(HttpServerTest, WhatIsNoRequestIsClosed) {
  for (const std::string& words :
       {std::string("\x16\x03\x01\x02\x00\x01", 6), std::string("GET\r\n\r\n"),
        std::string("GET / HTTP/9\r\n\r\n"), std::string("NONSENSE\r\n\r\n"),
        std::string("GET / HTTP/1.1 x y z\r\n\r\n"),
        std::string("GET %zz%%%00 HTTP/1.1\r\n: :\r\n \r\n\r\n"), std::string("\r\n\r\n"),
        std::string(100, '\0')}) {
    RawConnection connection(port());
    connection.send(words);
    EXPECT_THAT(connection.receive(), Not(HasSubstr("500"))) << words;
  }
  EXPECT_THAT(get("/after"), HasSubstr("GET /after"));
}

TEST_F(HttpServerTest, ABodyIsNotWaitedFor) {
  RawConnection connection(port());
  connection.send(
      "POST /x HTTP/1.1\r\nHost: y\r\nContent-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(connection.receive("host:y"), HasSubstr("POST /x host:y"));
}

TEST_F(HttpServerTest, ClientsThatLeaveInTheMiddleLeaveNothing) {
  for (int i = 0; i < 200; ++i) {
    RawConnection silent(port());
    RawConnection half(port());
    half.send("GET / HTTP/1.1\r\nHo");
    RawConnection deaf(port());
    deaf.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  EXPECT_THAT(get("/after"), HasSubstr("GET /after"));
}

TEST_F(HttpServerTest, ManyConnectionsAtOnceHoldUpNobodyForLong) {
  std::vector<std::unique_ptr<RawConnection>> idle;
  for (int i = 0; i < 100; ++i) idle.push_back(std::make_unique<RawConnection>(port()));
  EXPECT_THAT(get("/among"),
              HasSubstr("GET /among"));  // as soon as the first ones were silent too long
  for (int i = 0; i < 400; ++i) idle.push_back(std::make_unique<RawConnection>(port()));
  idle.clear();
  std::string answer;
  for (int i = 0; i < 100 && answer.empty(); ++i) answer = get("/after");
  EXPECT_THAT(answer, HasSubstr("GET /after"));
}

TEST_F(HttpServerTest, ThoseThatSendNothingHoldUpNobody) {
  std::vector<std::unique_ptr<RawConnection>> idle;
  for (int i = 0; i < 400; ++i) {
    idle.push_back(std::make_unique<RawConnection>(server_->port()));
    if (i % 2 == 0) idle.back()->send("GET /slow");  // half a request
  }
  for (int i = 0; i < 10; ++i) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_THAT(http_get(server_->port(), "/a"), StartsWith("HTTP/1.1 200 "));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    EXPECT_LT(took.count(), 1.5);  // they are waited for ten times as long
  }
  idle[0]->send(" HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(idle[0]->receive(), EndsWith("GET /slow host:a"));
}

TEST_F(HttpServerTest, OfThousandsOfConnectionsTheOldestAreClosed) {
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::unique_ptr<RawConnection>> some;
    for (int k = 0; k < 30 && i < 3000; ++k, ++i) {
      some.push_back(std::make_unique<RawConnection>(server_->port()));
    }
  }
  std::vector<std::unique_ptr<RawConnection>> idle;
  for (int i = 0; i < 560; ++i) {
    idle.push_back(std::make_unique<RawConnection>(server_->port()));
  }
  EXPECT_THAT(http_get(server_->port(), "/a"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(idle.front()->receive(), "");  // closed: there are too many
  idle.back()->send("GET /last HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(idle.back()->receive(), EndsWith("GET /last host:a"));
}

TEST_F(HttpServerTest, FollowersHaveRoomAndLeaveRoom) {
  std::vector<std::unique_ptr<RawConnection>> followers;
  for (int i = 0; i < kMostFollowers; ++i) {
    followers.push_back(std::make_unique<RawConnection>(port()));
    followers.back()->send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(followers.back()->receive("tick\n"), HasSubstr("200 OK"));
  }
  EXPECT_THAT(get("/stream"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(get("/other"), HasSubstr("GET /other"));
  followers.pop_back();  // in the middle of a piece
  std::string answer;
  for (int i = 0; i < 1000 && answer.find("200 OK") == std::string::npos; ++i) {
    RawConnection next(port());
    next.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    answer = next.receive("\r\n\r\n");
  }
  EXPECT_THAT(answer, HasSubstr("text/event-stream"));
}

TEST_F(HttpServerTest, EndsWhileSomebodyFollows) {
  RawConnection follower(port());
  follower.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  follower.receive("tick\n");
  server_.reset();
  EXPECT_THAT(follower.receive(), HasSubstr("tick\n"));
}

TEST_F(HttpServerTest, TwoDoNotShareAPort) {
  EXPECT_THAT(error_of([&] { open_http_server("127.0.0.1", port()); }, ExitCode::kFailure),
              HasSubstr("cannot listen on 127.0.0.1 port " + std::to_string(port())));
  EXPECT_THAT(error_of([&] { open_http_server("no.such.host.invalid", 0); }, ExitCode::kFailure),
              HasSubstr("cannot listen on no.such.host.invalid"));
}

TEST(RequestHead, KeepsWhatIsRead) {
  EXPECT_EQ(
      kept_lines(
          "GET / HTTP/1.1\r\nRange: bytes=0-\r\nhOsT: a\r\nContent-Length: 3\r\nCookie: b\r\n"),
      "GET / HTTP/1.1\r\nCookie: b\r\nhOsT: a\r\n\r\n");
  EXPECT_EQ(kept_lines("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nHost: c\r\n"),
            "GET / HTTP/1.1\r\nhost: ?\r\n\r\n");
  EXPECT_EQ(kept_lines("GET / HTTP/1.1\r\nOrigin: \r\n"), "GET / HTTP/1.1\r\norigin: ?\r\n\r\n");
  EXPECT_EQ(kept_lines("GET / HTTP/1.1"), "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(kept_lines("GET / HTTP/1.1\r\n"), "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(kept_lines("GET / HTTP/1.1\r\nHost: a\r\n b\r\nhost"),
            "GET / HTTP/1.1\r\nhost: ?\r\n\r\n");
}

}  // namespace
}  // namespace tern::cli
