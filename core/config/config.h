#pragma once
// Configuration files as they are written: three sections of `key: value`, each value with its
// place. What keys and values mean is checked by whoever owns the parameters (core/params.h).
//
//   env: {id: CartPole-v1}
//   agent:
//     name: ppo
//     learning_rate: lin_3e-4
//   run: {total_steps: 100_000}

#include <string>
#include <vector>

#include "core/params.h"

namespace tern {

/// A configuration file, read but not yet understood. Texts are as the parsers of core/params.h
/// take them: lists "[64, 64]", maps "{start: 1, end: 0.05}".
struct Config {
  std::string file;       // as given; "" when it comes from words
  ParamValue env_id;      // `id` of section `env`, an id or a plugin's path; text "" if absent
  ParamValue agent_name;  // `name` of section `agent`; text "" if absent
  std::vector<ParamValue> env, agent, run;  // the other keys, in the order of the file
};

/// Reads a configuration file. Throws Error with file, line and what was expected: a missing file
/// (nearest name in its folder), a syntax error, an unknown section, a duplicate key, a key without
/// a value, a value where a section is expected, a section nested too deeply.
Config read_config(const std::string& path);

/// The same from text; `name` stands for the file in messages.
Config parse_config(const std::string& text, const std::string& name);

/// One section to be written.
struct ConfigSection {
  std::string name;                // "env"
  std::vector<ParamValue> values;  // `where` is not used
  std::vector<ParamInfo> infos;    // type and doc of each key that has them
};

/// The sections as a configuration file, each key with its doc beside it. Reads back as the same
/// values. heading: lines of comment at the top, without '#'.
std::string format_config(const std::vector<ConfigSection>& sections,
                          const std::vector<std::string>& heading);

}  // namespace tern
