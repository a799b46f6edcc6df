#include "core/config/config.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "core/did_you_mean.h"
#include "core/error.h"

namespace tern {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;  // of a file: a config is a page, not a data set
constexpr std::size_t kMaxDepth = 16;       // of nesting: far more than a value needs

const char kShape[] = "a configuration has the sections env, agent and run";

/// A piece of YAML with its line, counted from 1; of the key, where it is the value of one.
struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  int line = 0;
  std::string text;               // scalar
  std::vector<std::string> keys;  // map: the key of each of `items`, in order, each once
  std::vector<Node> items;        // list and map
};

std::string place(const std::string& file, int line) {
  return file + ":" + std::to_string(line);
}

/// Builds a Node from the parser's events. yaml-cpp's own tree keeps the first of two equal keys
/// without a word, and follows aliases into themselves; here both are errors.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::string file) : file_(std::move(file)) {}

  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    add(make(Node::Kind::kNull, mark), "null");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Error(place(file_, mark.line + 1) +
                ": an alias ('*name') cannot stand in a configuration; write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string& text) override {
    Node node = make(Node::Kind::kScalar, mark);
    node.text = text;
    add(std::move(node), text);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(make(Node::Kind::kList, mark));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(make(Node::Kind::kMap, mark));
  }
  void OnMapEnd() override { close(); }

 private:
  /// A list or map whose end has not been seen.
  struct Open {
    Node node;
    bool has_key = false;
    std::string key;  // of the value that comes next, where has_key
    int key_line = 0;
  };

  static Node make(Node::Kind kind, const YAML::Mark& mark) {
    Node node;
    node.kind = kind;
    node.line = mark.line + 1;
    return node;
  }

  void open(Node node) {
    if (open_.size() >= kMaxDepth) {
      throw Error(place(file_, node.line) + ": nested more than " + std::to_string(kMaxDepth) +
                  " deep; " + kShape + ", and beneath them `key: value`");
    }
    if (!open_.empty() && open_.back().node.kind == Node::Kind::kMap && !open_.back().has_key) {
      throw Error(place(file_, node.line) +
                  ": a list or map cannot be a key; expected `key: value`");
    }
    open_.push_back({std::move(node), /*has_key=*/false, "", 0});
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node), "");
  }

  /// text: what `node` is called if it turns out to be a key.
  void add(Node node, const std::string& text) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::kList) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.has_key) {
      node.line = parent.key_line;  // the parser's own line of an empty value is the one after it
      parent.node.keys.push_back(std::move(parent.key));
      parent.node.items.push_back(std::move(node));
      parent.has_key = false;
    } else {
      const std::vector<std::string>& keys = parent.node.keys;
      const auto found = std::find(keys.begin(), keys.end(), text);
      if (found != keys.end()) {
        const Node& first = parent.node.items[static_cast<std::size_t>(found - keys.begin())];
        throw Error(place(file_, node.line) + ": duplicate key '" + text +
                    "'; it already stands in line " + std::to_string(first.line) +
                    ". Keep one of them");
      }
      parent.has_key = true;
      parent.key = text;
      parent.key_line = node.line;
    }
  }

  std::string file_;
  Node root_;
  std::vector<Open> open_;
};

/// What people do whose line means something else in YAML, or "".
std::string syntax_hint(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::size_t first = line.find_first_not_of(' ');
    if (first == std::string::npos || line[first] == '#') continue;
    const std::string at = " (line " + std::to_string(number) + " ";
    if (line[first] == '\t') return at + "starts with a tab; YAML indents with spaces)";
    const std::size_t end = line.find_first_not_of(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", first);
    if (end == std::string::npos || end == first) continue;
    if (line[end] == ':' && end + 1 < line.size() && line[end + 1] != ' ' &&
        line[end + 1] != '\r') {
      return at + "lacks a space after '" + line.substr(first, end - first) + ":')";
    }
    if (line[end] == '=' || line.compare(end, 2, " =") == 0) {
      return at + "has '=' where YAML has ': ')";
    }
  }
  return "";
}

Node parse_yaml(const std::string& text, const std::string& file) {
  if (text.size() > kMaxBytes) {
    throw Error(file + ": " + std::to_string(text.size()) +
                " bytes are too many for a configuration; expected at most " +
                std::to_string(kMaxBytes));
  }
  TreeBuilder builder(file);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return {};
    TreeBuilder second(file);
    if (parser.HandleNextDocument(second)) {
      const Node node = second.take_root();
      throw Error(place(file, std::max(1, node.line)) +
                  ": a second document starts here ('---'); expected one in a file");
    }
  } catch (const YAML::Exception& error) {
    // A null mark's line is -1.
    throw Error(place(file, std::max(1, error.mark.line + 1)) + ": YAML syntax error: " +
                error.msg + "; expected `key: value` lines" + syntax_hint(text));
  }
  return builder.take_root();
}

/// The text of a value as core/params.h reads it.
std::string value_text(const Node& node, const std::string& file, const std::string& key) {
  const auto wrong = [&](const std::string& what) {
    return Error(place(file, node.line) + ": " + key + ": " + what);
  };
  const auto scalar = [&](const Node& part) {
    if (part.kind != Node::Kind::kScalar) {
      throw wrong("expected a single value, a list '[64, 64]' or a map '{start: 1, end: 0.05}'");
    }
    if (part.text.find_first_of(",[]{}\n") != std::string::npos) {
      throw wrong("'" + part.text + "' cannot stand inside a list or map");
    }
    return part.text;
  };
  std::string text;
  switch (node.kind) {
    case Node::Kind::kNull:
      throw wrong("has no value; write one, or remove the line to keep the default");
    case Node::Kind::kScalar:
      return node.text;
    case Node::Kind::kList:
      for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + scalar(item);
      return "[" + text + "]";
    case Node::Kind::kMap:
      for (std::size_t i = 0; i < node.keys.size(); ++i) {
        text += (i == 0 ? "" : ", ") + node.keys[i] + ": " + scalar(node.items[i]);
      }
      return "{" + text + "}";
  }
  return text;
}

/// Reads one section; the key called `selector` ("": none) goes to `selected`, the others to
/// `values`.
void read_section(const std::string& name, const Node& section, const std::string& file,
                  const std::string& selector, ParamValue& selected,
                  std::vector<ParamValue>& values) {
  if (section.kind == Node::Kind::kNull) return;  // `run:` with every line beneath commented out
  if (section.kind != Node::Kind::kMap) {
    const std::string found = section.kind == Node::Kind::kScalar ? "found '" + section.text + "'"
                                                                  : std::string("found a list");
    throw Error(place(file, section.line) + ": section '" + name +
                "': expected `key: value` lines beneath it, " + found);
  }
  for (std::size_t i = 0; i < section.keys.size(); ++i) {
    const std::string& key = section.keys[i];
    const Node& node = section.items[i];
    ParamValue value{key, value_text(node, file, name + "." + key), place(file, node.line)};
    if (!selector.empty() && key == selector) {
      selected = std::move(value);
    } else {
      values.push_back(std::move(value));
    }
  }
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// " Did you mean 'configs/ppo_cartpole.yaml'?" for a path that does not exist.
std::string nearest_path(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.parent_path();
  std::error_code error;
  if (!folder.empty() && !std::filesystem::is_directory(folder, error)) {
    return " The folder '" + folder.string() + "' does not exist either." + nearest_path(folder);
  }
  const std::string name = path.filename().string();
  // A bare name is also looked for where configurations usually lie.
  std::vector<std::filesystem::path> folders = {folder};
  if (folder.empty()) folders.push_back("configs");
  for (const std::filesystem::path& where : folders) {
    const std::vector<std::string> names = names_in(where.empty() ? "." : where);
    std::string nearest = nearest_name(name, names);
    if (nearest.empty()) nearest = nearest_name(name + ".yaml", names);
    if (!nearest.empty()) return " Did you mean '" + (where / nearest).string() + "'?";
  }
  return "";
}

std::string read_text(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw Error("no configuration file '" + path + "'." + nearest_path(path));
  }
  if (std::filesystem::is_directory(status)) {
    throw Error("'" + path + "' is a folder; expected a configuration file (.yaml)");
  }
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream.is_open() || stream.bad()) {
    throw Error("cannot read '" + path + "': " + std::strerror(errno));
  }
  return text.str();
}

/// True where `text`, unquoted, would read back as something else.
bool needs_quotes(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
    return true;
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return true;
  if (std::string("-?:,[]{}#&*!|>'\"%@`=").find(text.front()) != std::string::npos) {
    const bool number = text.front() == '-' && text.size() > 1 && text[1] != ' ' && text[1] != '-';
    if (!number) return true;
  }
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) return true;
  }
  return text.find(": ") != std::string::npos || text.find(" #") != std::string::npos;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const char hex[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out += std::string("\\x") + hex[byte / 16] + hex[byte % 16];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

Config parse_config(const std::string& text, const std::string& name) {
  const Node root = parse_yaml(text, name);
  if (root.kind == Node::Kind::kNull) {
    throw Error(name + ": the file is empty; " + kShape + ", at least env: {id: CartPole-v1}");
  }
  if (root.kind != Node::Kind::kMap) {
    throw Error(place(name, root.line) + ": expected sections, found " +
                (root.kind == Node::Kind::kList ? "a list" : "'" + root.text + "'") + "; " +
                kShape + syntax_hint(text));
  }
  Config config;
  config.file = name;
  ParamValue none;
  for (std::size_t i = 0; i < root.keys.size(); ++i) {
    const std::string& key = root.keys[i];
    const Node& section = root.items[i];
    if (key == "env") {
      read_section(key, section, name, "id", config.env_id, config.env);
    } else if (key == "agent") {
      read_section(key, section, name, "name", config.agent_name, config.agent);
    } else if (key == "run") {
      read_section(key, section, name, "", none, config.run);
    } else {
      throw Error(place(name, section.line) + ": unknown section '" + key + "'." +
                  did_you_mean(key, {"env", "agent", "run"}) + " (" + kShape + ")");
    }
  }
  if (config.env_id.text.empty()) {
    throw Error(name +
                ": env.id is missing; write env: {id: CartPole-v1} ('tern list envs' shows "
                "all)");
  }
  return config;
}

Config read_config(const std::string& path) {
  return parse_config(read_text(path), path);
}

std::string format_config(const std::vector<ConfigSection>& sections,
                          const std::vector<std::string>& heading) {
  constexpr std::size_t kDocColumn = 36;
  std::string out;
  for (const std::string& line : heading) out += line.empty() ? "#\n" : "# " + line + "\n";
  for (const ConfigSection& section : sections) {
    out += section.name + ":" + (section.values.empty() ? " {}" : "") + "\n";
    for (const ParamValue& value : section.values) {
      const auto info = std::find_if(section.infos.begin(), section.infos.end(),
                                     [&](const ParamInfo& i) { return i.name == value.key; });
      const bool has_info = info != section.infos.end();
      // Lists and maps are written as the flow values that they look like.
      const bool is_flow = has_info && (info->type == "list of int" || info->type == "schedule");
      std::string line = "  " + value.key + ": " +
                         (!is_flow && needs_quotes(value.text) ? quoted(value.text) : value.text);
      if (has_info && !info->doc.empty()) {
        line.resize(std::max(line.size() + 2, kDocColumn), ' ');
        line += "# " + info->doc;
      }
      out += line + "\n";
    }
  }
  return out;
}

}  // namespace tern
