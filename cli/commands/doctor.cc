// tern doctor: what this machine offers and which path training takes on it.

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/process/agents_library.h"
#include "cli/process/child_process.h"
#include "cli/process/compute_path.h"
#include "cli/text/command.h"
#include "cli/text/print_json.h"
#include "cli/text/table.h"
#include "core/version.h"
#include "envs/registry/registry.h"

namespace tern::cli {
namespace {

using Json = nlohmann::ordered_json;

/// What the child process finds: the facts of the network library.
ExitCode print_networks() {
  const NetworkPlatform platform = agents_library().platform();
  print_json(Json({{"torch", platform.torch_version},
                   {"blas", platform.blas},
                   {"simd", platform.simd},
                   {"threads", platform.torch_threads},
                   {"device", platform.device}}));
  return ExitCode::kSuccess;
}

/// The same from a process of its own, whose crash is a finding: {"status": "ok", "torch": ..},
/// {"status": "not built"} or {"status": "broken", "message": ..}.
Json find_networks() {
  if (agents_library_path().empty()) return {{"status", "not built"}};
  const ChildResult child = run_tern({"doctor", "--networks"});
  Json found = Json::parse(child.output, nullptr, /*allow_exceptions=*/false);
  if (child.signal != 0 || child.exit_code != 0 || !found.is_object()) {
    return {{"status", "broken"},
            {"message", "loading " + agents_library_path() + " " + how_it_ended(child)}};
  }
  Json networks = {{"status", "ok"}};
  networks.update(found);
  return networks;
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string display_text(const std::string& display) {
  if (!display.empty()) return display;
  return variable("WAYLAND_DISPLAY").empty()
             ? "none: 'tern record' works, 'tern watch' needs one"
             : "Wayland without XWayland: 'tern record' works, 'tern watch' needs XWayland";
}

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

Json examine() {
  const ComputeEnvironment compute = prepare_compute();
  return {{"version", version()},           {"host", host_name()},
          {"simd", compute.simd},           {"processors", std::thread::hardware_concurrency()},
          {"blas_core", compute.blas_core}, {"blas_core_given", compute.blas_core_is_given},
          {"display", variable("DISPLAY")}, {"envs", registry().ids().size()},
          {"networks", find_networks()}};
}

void print_findings(const Json& found) {
  const std::string core = found["blas_core"].get<std::string>();
  const std::string display = found["display"].get<std::string>();
  print_table({{"Tern", found["version"].get<std::string>()},
               {"host", found["host"].get<std::string>() + ", " +
                            std::to_string(found["processors"].get<unsigned>()) + " processors"},
               {"SIMD level", found["simd"].get<std::string>()},
               {"BLAS core", core.empty() ? "left to OpenBLAS"
                                          : core + (found["blas_core_given"].get<bool>()
                                                        ? " (from OPENBLAS_CORETYPE)"
                                                        : " (chosen for this CPU)")},
               {"envs", std::to_string(found["envs"].get<std::size_t>()) + " built in"},
               {"display", display_text(display)}});
  std::cout << "\nNetworks: " << found["networks"]["status"].get<std::string>() << "\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, value] : found["networks"].items()) {
    if (key == "status") continue;
    rows.push_back({key, value.is_string() ? value.get<std::string>() : value.dump()});
  }
  print_table(rows);
  const Json& networks = found["networks"];
  if (networks["status"] == "not built") {
    std::cout << "  commands that train or evaluate need LibTorch: build with it (see README)\n";
  } else if (networks.value("blas", "").find("Prescott") != std::string::npos &&
             core != "Prescott") {
    std::cout
        << "  warning: OpenBLAS did not heed OPENBLAS_CORETYPE and runs its slowest kernels\n";
  }
}

ExitCode run_doctor(const Args& args) {
  if (args.has("--networks")) return print_networks();
  const Json found = examine();
  if (args.has("--json")) {
    print_json(found);
  } else {
    print_findings(found);
  }
  return found["networks"]["status"] == "broken" ? ExitCode::kFailure : ExitCode::kSuccess;
}

}  // namespace

Command make_doctor_command() {
  Command command;
  command.name = "doctor";
  command.synopses = {"tern doctor [--json]"};
  command.summary = "what this machine offers and which path training takes on it";
  command.help =
      "Shows the SIMD level, the BLAS core chosen for it, processors, display and the network\n"
      "library, which is loaded in a process of its own: if that crashes, it is a finding. The "
      "same\n"
      "seed gives the same bits wherever these are the same.\n"
      "\n"
      "Examples\n"
      "  tern doctor\n"
      "  tern doctor --json\n";
  command.options = {
      {"--networks", "", "load the network library here and print its facts as JSON"},
      {"--json", "", "one JSON document"}};
  command.run = run_doctor;
  return command;
}

}  // namespace tern::cli
