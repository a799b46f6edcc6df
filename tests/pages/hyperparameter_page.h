#pragma once
// docs/hyperparameters.md, made from the parameter declarations. Std only.

#include <string>

namespace tern {

/// A Markdown page with one table for each agent and one for the `run` section: name, type, default,
/// range and meaning of every key. A test holds docs/hyperparameters.md to it.
std::string hyperparameter_page();

}  // namespace tern
