// Proof: golden text. docs/hyperparameters.md is what the declarations say.

#include "tests/pages/hyperparameter_page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/files/file_io.h"
#include "tests/source_tree.h"

namespace tern {
namespace {

TEST(HyperparameterPage, IsWhatTheDeclarationsSay) {
  const std::string path = source_path("docs/hyperparameters.md");
  if (std::getenv("TERN_UPDATE_DOCS") != nullptr) std::ofstream(path) << hyperparameter_page();
  EXPECT_EQ(read_text_file(path), hyperparameter_page())
      << "run test_pages once with TERN_UPDATE_DOCS=1 and commit the page";
}

}  // namespace
}  // namespace tern
