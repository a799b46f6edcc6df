#include "cli/http/http_library.h"

#include "cli/process/own_library.h"
#include "core/error.h"

namespace tern::cli {
namespace {

constexpr char kLibrary[] = "libtern_http.so";

using OpenServer = decltype(&tern_open_http_server);

OpenServer load_server() {
  if (own_library_path(kLibrary).empty()) {
    throw Error::failure(
        "this build has no HTTP server. Run the command as './tern serve' in Tern's folder, or "
        "install libcpp-httplib-dev and build again. Without one: tern record RUN -o episode.html");
  }
  void* const library = load_own_library(kLibrary, "serves");
  return reinterpret_cast<OpenServer>(
      function_of_own_library(library, kLibrary, "tern_open_http_server"));
}

}  // namespace

std::unique_ptr<HttpServer> open_http_server(const std::string& host, int port) {
  static const OpenServer open = load_server();
  return std::unique_ptr<HttpServer>(open(host.c_str(), port));
}

}  // namespace tern::cli
