// tern doctor: what this machine offers and which path training takes on it.

#include <unistd.h>

#include <cstdlib>
#include <iostream>
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
  const std::optional<Json> found = Json::try_parse(child.output);
  if (child.signal != 0 || child.exit_code != 0 || !found || !found->is_object()) {
    return {{"status", "broken"},
            {"message", "loading " + agents_library_path() + " " + how_it_ended(child)}};
  }
  Json networks = {{"status", "ok"}};
  for (std::size_t i = 0; i < found->size(); ++i) networks[found->key(i)] = (*found)[i];
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
  const std::string core = found["blas_core"].text();
  const std::string display = found["display"].text();
  print_table({{"Tern", found["version"].text()},
               {"host", found["host"].text() + ", " +
                            std::to_string(found["processors"].integer()) + " processors"},
               {"SIMD level", found["simd"].text()},
               {"BLAS core", core.empty() ? "left to OpenBLAS"
                                          : core + (found["blas_core_given"].boolean()
                                                        ? " (from OPENBLAS_CORETYPE)"
                                                        : " (chosen for this CPU)")},
               {"envs", std::to_string(found["envs"].integer()) + " built in"},
               {"display", display_text(display)}});
  std::cout << "\nNetworks: " << found["networks"]["status"].text() << "\n";
  std::vector<std::vector<std::string>> rows;
  const Json& networks = found["networks"];
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const std::string& key = networks.key(i);
    const Json& value = networks[i];
    if (key == "status") continue;
    rows.push_back({key, value.is_text() ? value.text() : value.dump()});
  }
  print_table(rows);
  if (networks.text_or("status", "") == "not built") {
    std::cout << "  commands that train or evaluate need LibTorch: build with it (see README)\n";
  } else if (networks.text_or("blas", "").find("Prescott") != std::string::npos &&
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
  return found["networks"].text_or("status", "") == "broken" ? ExitCode::kFailure : ExitCode::kSuccess;
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
