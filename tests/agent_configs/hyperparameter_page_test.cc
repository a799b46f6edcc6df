// Proof: golden text. docs/hyperparameters.md is what the declarations say.

#include "agents/hyperparameter_page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/file_io.h"

namespace tern {
namespace {

TEST(HyperparameterPage, IsWhatTheDeclarationsSay) {
  const std::string path = std::string(TERN_TEST_DATA) + "/../../docs/hyperparameters.md";
  if (std::getenv("TERN_UPDATE_DOCS") != nullptr) std::ofstream(path) << hyperparameter_page();
  EXPECT_EQ(read_text_file(path), hyperparameter_page())
      << "run test_agent_configs once with TERN_UPDATE_DOCS=1 and commit the page";
}

}  // namespace
}  // namespace tern
