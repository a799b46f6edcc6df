#pragma once
// The border to libtern_http, the one library that links cpp-httplib. It is loaded when a server is
// wanted, so that nothing else needs it.

#include <memory>
#include <string>

#include "cli/http/http_server.h"

namespace tern::cli {

/// The library's one function; the server belongs to the caller. port: 0 for any free one.
extern "C" __attribute__((visibility("default"))) HttpServer* tern_open_http_server(
    const char* host, int port);

/// Listens on host:port. Throws Error::failure if that is not possible, saying why, or if this
/// build has no server.
std::unique_ptr<HttpServer> open_http_server(const std::string& host, int port);

}  // namespace tern::cli
