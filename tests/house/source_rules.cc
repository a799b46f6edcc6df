#include "tests/house/source_rules.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace tern::house {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kSourceFolders = {"core",   "envs", "replay",   "render",
                                                 "agents", "cli",  "c_api",  "examples", "tests"};

// Folder -> the folders of ours it may include. What is missing here (cli, c_api, examples, tests) may
// include anything.
const std::map<std::string, std::set<std::string>> kFloors = {
    {"core", {"core"}},
    {"envs", {"core", "envs"}},
    {"replay", {"core", "envs", "replay"}},
    {"agents", {"core", "envs", "replay", "agents"}},
    {"render", {"core", "envs", "replay", "render"}},
};

struct LibraryRule {
  std::string name;
  std::regex include;              // of the path between the brackets
  std::vector<std::regex> in;      // files that may
  std::vector<std::regex> not_in;  // and of these, files that may not after all
};

std::vector<std::regex> regexes(const std::vector<std::string>& patterns) {
  std::vector<std::regex> result;
  for (const std::string& pattern : patterns) result.emplace_back(pattern);
  return result;
}

// DESIGN: "Which library may be included where". The last row keeps C libraries out of headers, so
// that nobody inherits them.
const std::vector<LibraryRule>& library_rules() {
  static const std::vector<LibraryRule> rules = {
      {"LibTorch", std::regex("(torch|ATen|c10|caffe2)/.*"),
       regexes({"agents/nn/.*", "agents/reference_losses/.*", "agents/training/(platform|api)\\.cc",
                "examples/.*", "tests/.*"}),
       regexes({"agents/nn/network\\.h", "agents/nn/network_spec\\.h", "agents/nn/encoder\\.h"})},
      {"Highway", std::regex("hwy/.*"), regexes({"agents/kernels/.*"}), {}},
      {"Box2D", std::regex("box2d/.*"), regexes({"envs/physics/.*"}), {}},
      {"SFML", std::regex("SFML/.*"), regexes({"render/sfml_[^/]*\\.(h|cc)"}), {}},
      {"X11", std::regex("X11/.*"), regexes({"render/.*\\.cc"}), {}},
      {"yaml-cpp", std::regex("yaml-cpp/.*"), regexes({"core/config/config\\.cc"}), {}},
      {"cpp-httplib", std::regex("httplib\\.h"), regexes({"cli/http/httplib_server\\.cc"}), {}},
      {"nlohmann-json",
       std::regex("nlohmann/.*"),
       regexes({"core/files/json\\.cc", "tests/.*"}),
       {}},
      {"a C library", std::regex("png\\.h|cgif\\.h|sha256\\.h"), regexes({".*\\.cc"}), {}},
  };
  return rules;
}

bool matches_any(const std::string& text, const std::vector<std::regex>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::regex& pattern) { return std::regex_match(text, pattern); });
}

struct Include {
  int line = 0;
  bool is_ours = false;  // "..." rather than <...>
  std::string path;
};

std::vector<Include> includes_of(const SourceFile& source) {
  static const std::regex directive("\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"].*");
  std::vector<Include> result;
  std::istringstream lines(source.text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::smatch match;
    if (line.find("include") == std::string::npos) continue;
    if (!std::regex_match(line, match, directive)) continue;
    result.push_back({number, match[1] == "\"", match[2]});
  }
  return result;
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.find('/'));
}

std::string at(const SourceFile& source, int line) {
  return source.path + ":" + std::to_string(line) + ": ";
}

// The line without a trailing // comment. A // inside a string literal cuts too much, never too
// little that matters: a call stands before its string.
std::string without_comment(const std::string& line) {
  return line.substr(0, line.find("//"));
}

/// A header and its source: the path without its ending.
std::string module_of(const std::string& path) {
  return path.substr(0, path.rfind('.'));
}

std::string room_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

/// From -> to -> where that is included first.
using Graph = std::map<std::string, std::map<std::string, std::string>>;

void add_edge(Graph& graph, const std::string& from, const std::string& to,
              const std::string& place) {
  if (from != to) graph[from].emplace(to, place);
}

/// The shortest way that leads from `start` back to it: start, .., start; empty if none does.
std::vector<std::string> way_back(const Graph& graph, const std::string& start) {
  std::map<std::string, std::string> before;
  std::vector<std::string> reached = {start};
  for (std::size_t i = 0; i < reached.size(); ++i) {
    const auto edges = graph.find(reached[i]);
    if (edges == graph.end()) continue;
    for (const auto& [to, place] : edges->second) {
      if (!before.emplace(to, reached[i]).second) continue;
      if (to != start) {
        reached.push_back(to);
        continue;
      }
      std::vector<std::string> way = {start};
      do way.push_back(before[way.back()]);
      while (way.back() != start);
      std::reverse(way.begin(), way.end());
      return way;
    }
  }
  return {};
}

/// One circle for each node that lies on one and on none that was named before.
Violations circles(const Graph& graph, const std::string& what) {
  Violations result;
  std::set<std::string> named;
  for (const auto& [node, edges] : graph) {
    if (named.count(node) > 0) continue;
    const std::vector<std::string> way = way_back(graph, node);
    if (way.empty()) continue;
    named.insert(way.begin(), way.end());
    std::string text = edges.at(way[1]) + what + ": " + way[0];
    for (std::size_t i = 1; i < way.size(); ++i) text += " -> " + way[i];
    result.push_back(text);
  }
  return result;
}

}  // namespace

const std::vector<std::string>& authoring_headers() {
  static const std::vector<std::string> headers = [] {
    std::istringstream words(TERN_AUTHORING_HEADERS);  // from CMakeLists.txt, which compiles each
    return std::vector<std::string>(std::istream_iterator<std::string>(words), {});
  }();
  return headers;
}

std::vector<SourceFile> read_source_tree(const std::string& root) {
  std::vector<SourceFile> result;
  for (const std::string& folder : kSourceFolders) {
    if (!fs::exists(fs::path(root) / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cc" && extension != ".c") continue;
      std::ifstream file(entry.path());
      std::stringstream text;
      text << file.rdbuf();
      result.push_back({entry.path().lexically_relative(root).generic_string(), text.str()});
    }
  }
  std::sort(result.begin(), result.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return result;
}

Violations floor_violations(const std::vector<SourceFile>& sources) {
  Violations result;
  for (const SourceFile& source : sources) {
    const auto floor = kFloors.find(folder_of(source.path));
    if (floor == kFloors.end()) continue;
    for (const Include& include : includes_of(source)) {
      if (!include.is_ours || floor->second.count(folder_of(include.path)) > 0) continue;
      result.push_back(at(source, include.line) + floor->first + "/ may not include \"" +
                       include.path + "\": includes are from the root and lead down the floors");
    }
  }
  return result;
}

Violations circle_violations(const std::vector<SourceFile>& sources) {
  std::set<std::string> files;
  for (const SourceFile& source : sources) files.insert(source.path);
  Graph modules, rooms;
  for (const SourceFile& source : sources) {
    for (const Include& include : includes_of(source)) {
      if (!include.is_ours || files.count(include.path) == 0) continue;
      const std::string place = at(source, include.line);
      add_edge(modules, module_of(source.path), module_of(include.path), place);
      if (folder_of(source.path) == "tests") continue;
      add_edge(rooms, room_of(source.path), room_of(include.path), place);
    }
  }
  Violations result = circles(modules, "files include each other");
  const Violations of_rooms = circles(rooms, "rooms use each other");
  result.insert(result.end(), of_rooms.begin(), of_rooms.end());
  return result;
}

Violations library_violations(const std::vector<SourceFile>& sources) {
  Violations result;
  for (const SourceFile& source : sources) {
    for (const Include& include : includes_of(source)) {
      if (include.path == "torch/torch.h") {
        result.push_back(at(source, include.line) +
                         "torch/torch.h takes 15 s to compile; include the narrow headers");
      }
      for (const LibraryRule& rule : library_rules()) {
        if (!std::regex_match(include.path, rule.include)) continue;
        if (matches_any(source.path, rule.in) && !matches_any(source.path, rule.not_in)) continue;
        result.push_back(at(source, include.line) + rule.name +
                         " may not be included here: " + include.path);
      }
    }
  }
  return result;
}

Violations authoring_violations(const std::vector<SourceFile>& sources) {
  const std::vector<std::string>& headers = authoring_headers();
  const auto is_authoring = [&](const std::string& path) {
    return std::find(headers.begin(), headers.end(), path) != headers.end();
  };
  Violations result;
  for (const SourceFile& source : sources) {
    if (!is_authoring(source.path)) continue;
    for (const Include& include : includes_of(source)) {
      const bool is_std = !include.is_ours && include.path.find('/') == std::string::npos;
      if (is_std || is_authoring(include.path)) continue;
      result.push_back(at(source, include.line) +
                       "an authoring header may include only authoring headers and the standard "
                       "library, not " +
                       include.path);
    }
  }
  return result;
}

Violations generator_violations(const std::vector<SourceFile>& sources) {
  // Calls, so that our own names (Rng::normal, orthogonal_init) pass.
  static const std::regex libtorch(
      "\\b(manual_seed|default_generator|getDefaultCPUGenerator|make_generator"
      "|(rand|randn|randint|randperm)(_like)?|multinomial|(alpha_|feature_)?dropout[23]?d?_?"
      "|Dropout[23]?d?|(bernoulli|normal|uniform|random|exponential|cauchy|log_normal|geometric"
      "|orthogonal|(kaiming|xavier)_(uniform|normal)|trunc_normal)_)\\s*\\(");
  static const std::regex namespaced("\\b(at|torch)::(normal|bernoulli|poisson)\\s*\\(");
  static const std::regex standard(
      "\\bstd::(random_device|mt19937(_64)?|minstd_rand0?|default_random_engine|shuffle"
      "|sample|random_shuffle|[a-z_]+_distribution)\\b|\\bs?rand\\s*\\(");
  static const std::set<std::string> kNetworks = {"agents", "replay"};
  static const std::set<std::string> kAll = {"core", "envs", "replay", "render", "agents", "cli"};
  Violations result;
  for (const SourceFile& source : sources) {
    const std::string folder = folder_of(source.path);
    if (kAll.count(folder) == 0) continue;
    std::istringstream lines(source.text);
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
      line = without_comment(line);
      std::smatch match;
      const bool draws =
          std::regex_search(line, match, standard) ||
          (kNetworks.count(folder) > 0 && (std::regex_search(line, match, libtorch) ||
                                           std::regex_search(line, match, namespaced)));
      if (draws) {
        result.push_back(at(source, number) + "draws outside our streams: '" + match[0].str() +
                         "'; take a tern::Rng");
      }
    }
  }
  return result;
}

}  // namespace tern::house
