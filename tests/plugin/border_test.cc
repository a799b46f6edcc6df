// Proof: law. The C table and the class Env name the same functions in the same order, and so do
// the other pairs of the border; read from the headers themselves, so that none can be forgotten.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "envs/plugin_abi.h"
#include "tests/source_tree.h"

namespace tern {
namespace {

using testing::ElementsAreArray;
using Names = std::vector<std::string>;

/// A header without its comments.
std::string read_code(const std::string& path) {
  std::ifstream file(source_path(path));
  std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_FALSE(text.empty()) << path;
  std::string code;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "//") == 0) {
      i = text.find('\n', i) - 1;
    } else if (text.compare(i, 2, "/*") == 0) {
      i = text.find("*/", i) + 1;
    } else {
      code += text[i];
    }
  }
  return code;
}

/// What stands between the braces after `head`.
std::string body_of(const std::string& code, const std::string& head) {
  const std::size_t begin = code.find(head + " {");
  EXPECT_NE(begin, std::string::npos) << head;
  std::size_t i = code.find('{', begin);
  const std::size_t first = i + 1;
  for (int depth = 0; i < code.size(); ++i) {
    depth += code[i] == '{' ? 1 : code[i] == '}' ? -1 : 0;
    if (depth == 0) break;
  }
  return code.substr(first, i - first);
}

Names all_matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  Names names;
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) {
    names.push_back((*it)[1]);
  }
  return names;
}

Names virtual_functions(const std::string& header, const std::string& class_name) {
  return all_matches(body_of(read_code(header), "class " + class_name),
                     "\\bvirtual\\s[^;{}()~]*?(\\w+)\\(");
}

Names table_functions(const std::string& struct_name) {
  return all_matches(body_of(read_code("envs/plugin_abi.h"), "typedef struct " + struct_name),
                     "\\(\\*(\\w+)\\)\\(");
}

/// Names of the members of a struct; of C ones without those that only describe memory.
Names members(const std::string& header, const std::string& head) {
  std::istringstream lines(body_of(read_code(header), head));
  Names names;
  int depth = 0;
  static const std::regex declaration("^\\s*[\\w:<>,*\\s]+?[\\s*&](\\w+)(\\s*=.*)?;\\s*$");
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (depth == 0 && line.find("return") == std::string::npos &&
        std::regex_match(line, match, declaration)) {
      names.push_back(match[1]);
    }
    for (const char c : line) depth += c == '{' ? 1 : c == '}' ? -1 : 0;
  }
  return names;
}

Names without(Names names, const Names& dropped) {
  for (const std::string& name : dropped) {
    names.erase(std::remove(names.begin(), names.end(), name), names.end());
  }
  return names;
}

TEST(PluginBorder, TableHasTheFunctionsOfEnv) {
  Names expected = {"create", "destroy"};
  for (const std::string& name : virtual_functions("envs/env.h", "Env")) expected.push_back(name);
  ASSERT_EQ(expected.size(), 19u);  // else the pattern above misses some
  EXPECT_THAT(table_functions("tern_env_table"), ElementsAreArray(expected));
}

TEST(PluginBorder, TableHasTheFunctionsOfCanvas) {
  const Names expected = virtual_functions("core/canvas.h", "Canvas");
  ASSERT_EQ(expected.size(), 11u);
  EXPECT_THAT(table_functions("tern_canvas"), ElementsAreArray(expected));
}

TEST(PluginBorder, FactsCrossWhole) {
  // What C needs beside them: sizes, counts, flags, and the spaces taken apart.
  const Names c =
      without(members("envs/plugin_abi.h", "typedef struct tern_env_spec"),
              {"struct_size", "obs_dtype", "fields", "num_fields", "field_size", "components",
               "num_components", "component_size", "action_kind", "has_reward_threshold",
               "num_reward_terms", "num_metrics", "num_state_fields", "num_info"});
  const Names cpp = without(members("envs/env.h", "struct EnvSpec"),
                            {"obs", "action", "frame_stack"});  // the last: of a wrapper around it
  ASSERT_EQ(cpp.size(), 15u);
  EXPECT_THAT(c, testing::UnorderedElementsAreArray(cpp));
}

TEST(PluginBorder, FieldsComponentsAndParametersCrossWhole) {
  EXPECT_THAT(without(members("envs/plugin_abi.h", "typedef struct tern_field"), {"num_dims"}),
              testing::UnorderedElementsAreArray(
                  without(members("core/space.h", "struct Field"), {"offset"})));
  EXPECT_THAT(
      without(members("envs/plugin_abi.h", "typedef struct tern_action_component"),
              {"num_options"}),
      testing::UnorderedElementsAreArray(members("core/space.h", "struct ActionComponent")));
  EXPECT_THAT(members("envs/plugin_abi.h", "typedef struct tern_param"),
              ElementsAreArray(members("core/params.h", "struct ParamInfo")));
  EXPECT_THAT(members("envs/plugin_abi.h", "typedef struct tern_param_value"),
              ElementsAreArray(members("core/params.h", "struct ParamValue")));
  EXPECT_THAT(
      without(members("envs/plugin_abi.h", "typedef struct tern_step_result"), {"struct_size"}),
      ElementsAreArray(members("envs/env.h", "struct StepResult")));
}

// Proof: golden numbers. The ABI as compiled for 64-bit machines. Another offset here breaks every
// plugin that people have built: append fields at the ends of structs, or raise the version. (Plugins
// compiled against the first header run in plugin_host_test.cc.)
TEST(PluginBorder, FirstVersionIsFrozen) {
  EXPECT_EQ(TERN_PLUGIN_ABI_VERSION, 1u);
  EXPECT_EQ(sizeof(tern_error), 24u);
  EXPECT_EQ(sizeof(tern_field), 64u);  // at first 56
  EXPECT_EQ(sizeof(tern_action_component), 48u);
  EXPECT_EQ(sizeof(tern_env_spec), 176u);  // at first 152
  EXPECT_EQ(sizeof(tern_param), 40u);
  EXPECT_EQ(sizeof(tern_param_value), 24u);
  EXPECT_EQ(sizeof(tern_param_values), 24u);
  EXPECT_EQ(sizeof(tern_step_result), 16u);
  EXPECT_EQ(sizeof(tern_reset_context), 24u);
  EXPECT_EQ(sizeof(tern_byte_sink), 24u);
  EXPECT_EQ(sizeof(tern_transition_sink), 40u);
  EXPECT_EQ(sizeof(tern_canvas), 104u);  // at first 96
  EXPECT_EQ(sizeof(tern_env_table), 184u);  // at first 160
  EXPECT_EQ(sizeof(tern_host), 16u);
  EXPECT_EQ(sizeof(tern_plugin), 32u);
  EXPECT_EQ(offsetof(tern_field, advisory), 48u);
  EXPECT_EQ(offsetof(tern_field, dtype), 52u);  // at first room at the end: read if TERN_PER_FIELD
  EXPECT_EQ(offsetof(tern_env_spec, num_levels), 136u);
  EXPECT_EQ(offsetof(tern_env_spec, turn_based), 148u);
  EXPECT_EQ(offsetof(tern_env_spec, players), 152u);
  EXPECT_EQ(offsetof(tern_env_spec, info),
            160u);  // 156 to 159 were padding: nothing may stand there
  EXPECT_EQ(offsetof(tern_env_spec, num_info), 168u);
  EXPECT_EQ(offsetof(tern_canvas, pop), 88u);
  EXPECT_EQ(offsetof(tern_canvas, shown), 96u);
  EXPECT_EQ(offsetof(tern_env_table, create), 32u);
  EXPECT_EQ(offsetof(tern_env_table, relabel), 152u);
  EXPECT_EQ(offsetof(tern_env_table, current_player), 160u);
  EXPECT_EQ(offsetof(tern_env_table, player_rewards), 168u);
  EXPECT_EQ(offsetof(tern_env_table, info), 176u);
}

}  // namespace
}  // namespace tern
