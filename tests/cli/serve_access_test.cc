// Proof: tables of requests that may and may not be answered.

#include "cli/serve/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace tern::cli {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

HttpRequest request(const std::string& host, const std::string& path = "/runs") {
  HttpRequest request;
  request.method = "GET";
  request.path = path;
  request.headers["host"] = host;
  return request;
}

int status(const Access& access, const HttpRequest& request) {
  return access.check(request).status;
}

const std::string kToken = "0123456789abcdef0123456789abcdef";

TEST(Access, KnowsWhatOnlyThisMachineReaches) {
  for (const char* host : {"127.0.0.1", "127.8.9.10", "localhost", "LocalHost", "::1"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "192.168.0.1", "localhost.evil.org",
                           "127.0.0.1.evil.org", "1270.0.0.1", "127.1", ""}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

TEST(Access, OnLoopbackOnlyItsNamesAreAnswered) {
  const Access access("127.0.0.1", 8420, "");
  for (const char* host :
       {"127.0.0.1:8420", "127.0.0.1", "localhost:9000", "[::1]:8420", "LOCALHOST"}) {
    EXPECT_EQ(status(access, request(host)), 200) << host;
  }
  for (const char* host :
       {"evil.org", "evil.org:8420", "127.0.0.1.evil.org", "localhost.evil.org:8420",
        "192.168.0.7:8420", "[::1", "[", ":8420", ""}) {
    EXPECT_EQ(status(access, request(host)), 421) << host;
  }
}

TEST(Access, ElsewhereAddressesAndThisMachinesNameAreAnswered) {
  const Access access("0.0.0.0", 8420, "");
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  for (const std::string& host : {std::string("192.168.0.7:8420"), std::string("[fe80::1]:8420"),
                                  std::string("localhost:8420"), std::string(name) + ":8420",
                                  std::string(name) + ".example.org"}) {
    EXPECT_EQ(status(access, request(host)), 200) << host;
  }
  for (const std::string& host : {std::string("evil.org:8420"), std::string(name) + "x:8420"}) {
    EXPECT_EQ(status(access, request(host)), 421) << host;
  }
  EXPECT_EQ(status(Access("Lab7.example.org", 1, ""), request("lab7.example.org:1")), 200);
}

TEST(Access, WithoutTheTokenNothingIsAnswered) {
  const Access access("192.168.0.7", 8420, kToken);
  for (const char* path : {"/", "/runs", "/serve.js", "/events", "/nothing"}) {
    EXPECT_EQ(status(access, request("192.168.0.7:8420", path)), 401) << path;
  }
  HttpRequest asks = request("192.168.0.7:8420");
  for (const std::string& wrong :
       {std::string("x"), kToken.substr(1), kToken + "0", std::string(32, '0')}) {
    asks.parameters["token"] = wrong;
    EXPECT_EQ(status(access, asks), 401) << wrong;
  }
  asks.parameters["token"] = kToken;
  EXPECT_EQ(status(access, asks), 200);
  asks.headers["host"] = "evil.org";
  EXPECT_EQ(status(access, asks), 421);
}

TEST(Access, TheTokenBecomesACookieOfThisPort) {
  const Access access("192.168.0.7", 8420, kToken);
  HttpRequest asks = request("192.168.0.7:8420", "/");
  asks.parameters["token"] = kToken;
  const HttpAnswer answer = access.check(asks);
  EXPECT_EQ(answer.status, 303);
  ASSERT_EQ(answer.headers.size(), 2u);
  EXPECT_EQ(answer.headers[0].second, "/");
  EXPECT_EQ(answer.headers[1].second,
            "tern_8420=" + kToken + "; Path=/; HttpOnly; SameSite=Strict");
  asks.parameters.clear();
  for (const std::string& cookie : {"tern_8420=" + kToken, "a=b; tern_8420=" + kToken + "; c=d"}) {
    asks.headers["cookie"] = cookie;
    EXPECT_EQ(status(access, asks), 200) << cookie;
  }
  for (const std::string& cookie :
       {"tern_8421=" + kToken, "xtern_8420=" + kToken, "tern_8420=" + kToken.substr(2),
        std::string("tern_8420"), std::string("tern_8420="), std::string(";;=;")}) {
    asks.headers["cookie"] = cookie;
    EXPECT_EQ(status(access, asks), 401) << cookie;
  }
}

TEST(Access, PagesOfOtherSitesMayOnlyLeadToThePage) {
  const Access access("127.0.0.1", 8420, "");
  for (const char* site : {"cross-site", "same-site"}) {
    HttpRequest asks = request("127.0.0.1:8420", "/episode");
    asks.headers["sec-fetch-site"] = site;
    EXPECT_EQ(status(access, asks), 403) << site;
    asks.path = "/";
    EXPECT_EQ(status(access, asks), 200) << site;
  }
  HttpRequest asks = request("127.0.0.1:8420");
  for (const char* site : {"same-origin", "none"}) {
    asks.headers["sec-fetch-site"] = site;
    EXPECT_EQ(status(access, asks), 200) << site;
  }
}

TEST(Access, AnOriginMustBeTheServersOwn) {
  const Access access("127.0.0.1", 8420, "");
  for (const char* path : {"/", "/runs", "/events"}) {
    for (const char* host : {"127.0.0.1:8420", "localhost:9000", "[::1]:8420"}) {
      HttpRequest asks = request(host, path);
      asks.headers["origin"] = std::string("http://") + host;
      EXPECT_EQ(status(access, asks), 200) << host;
      asks.headers["origin"] = std::string("HTTP://") + host;
      EXPECT_EQ(status(access, asks), 200) << host;
    }
    for (const char* origin :
         {"http://evil.com", "null", "", "http://127.0.0.1", "http://127.0.0.1:8421",
          "https://127.0.0.1:8420", "http://localhost:8420", "127.0.0.1:8420",
          "http://127.0.0.1:8420.evil.com", "http://127.0.0.1:8420, http://evil.com"}) {
      HttpRequest asks = request("127.0.0.1:8420", path);
      asks.headers["origin"] = origin;
      EXPECT_EQ(status(access, asks), 403) << origin;
    }
  }
}

TEST(Access, NothingCanBeChanged) {
  const Access access("127.0.0.1", 8420, "");
  HttpRequest asks = request("127.0.0.1");
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "get", ""}) {
    asks.method = method;
    EXPECT_EQ(status(access, asks), 405) << method;
  }
  asks.method = "HEAD";
  EXPECT_EQ(status(access, asks), 200);
}

TEST(Access, TheAddressIsForABrowser) {
  EXPECT_EQ(Access("127.0.0.1", 8420, "").address(), "http://127.0.0.1:8420/");
  EXPECT_EQ(Access("::1", 80, "").address(), "http://[::1]:80/");
  EXPECT_EQ(Access("10.0.0.2", 80, kToken).address(), "http://10.0.0.2:80/?token=" + kToken);
  EXPECT_THAT(Access("0.0.0.0", 80, "").address(), Not(HasSubstr("0.0.0.0")));
}

TEST(Access, TokensAreRandom) {
  const std::string token = random_token();
  EXPECT_THAT(token, MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(token, random_token());
}

}  // namespace
}  // namespace tern::cli
