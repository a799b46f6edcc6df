// Proof: error text. Plugins that are broken in one way each: the host lives, and says which file,
// which env and what the matter is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "envs/plugin_host/plugin_host.h"
#include "envs/registry/registry.h"
#include "tests/error_of.h"
#include "tests/plugin/same_env.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

std::string refusal(const std::string& name, ExitCode code = ExitCode::kFailure) {
  const std::string path = test_plugin(name);
  const std::string message = error_of([&] { registry().find(path); }, code);
  EXPECT_THAT(message, HasSubstr(path));
  return message;
}

TEST(BrokenPlugin, WrongAbiNamesBothVersions) {
  EXPECT_THAT(refusal("wrong_abi", ExitCode::kUsage),
              AllOf(HasSubstr("version 2 of the plugin ABI"), HasSubstr("with version 1"),
                    HasSubstr("Build the plugin again")));
}

TEST(BrokenPlugin, AMetricOfTernsOwnNameIsRefused) {
  EXPECT_THAT(refusal("metric_return"),
              AllOf(HasSubstr("a metric may not be called 'return'"), HasSubstr("choose another")));
}

TEST(BrokenPlugin, LibraryWithoutTheSymbolIsNoPlugin) {
  EXPECT_THAT(refusal("no_symbol", ExitCode::kUsage),
              AllOf(HasSubstr("no symbol 'tern_plugin_entry'"), HasSubstr("TERN_EXPORT_ENVS")));
}

TEST(BrokenPlugin, UndefinedSymbolIsNamed) {
  EXPECT_THAT(refusal("undefined_symbol", ExitCode::kUsage), HasSubstr("made_elsewhere"));
}

TEST(BrokenPlugin, TextFileIsNoLibrary) {
  const TemporaryFolder folder;
  const std::string path = folder / "notes.so";
  std::ofstream(path) << "not a library, but long enough for a header of one ................";
  EXPECT_THAT(error_of([&] { registry().find(path); }, ExitCode::kUsage),
              AllOf(HasSubstr(path), HasSubstr("invalid ELF header")));
}

TEST(BrokenPlugin, CutOffLibraryIsRefused) {
  const TemporaryFolder folder;
  const std::string whole = test_plugin("mirror"), path = folder / "libcut.so";
  std::filesystem::copy_file(whole, path);
  std::filesystem::resize_file(path, 8192);
  try {
    registry().find(path);
    FAIL() << "a cut-off library was loaded";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(path));
  }
}

TEST(BrokenPlugin, CrashInAStaticConstructorIsAMessage) {
  EXPECT_THAT(refusal("crash_in_static_constructor"),
              AllOf(HasSubstr("SIGSEGV"), HasSubstr("static constructors")));
}

TEST(BrokenPlugin, ExceptionInAStaticConstructorIsAMessage) {
  // The loader lets it through or ends the process, by the way it was built.
  EXPECT_THAT(refusal("throw_in_static_constructor"),
              AllOf(AnyOf(HasSubstr("SIGABRT"), HasSubstr("threw an exception")),
                    HasSubstr("static constructors"), HasSubstr("no table of tides")));
}

TEST(BrokenPlugin, EndOfTheProcessIsAMessage) {
  EXPECT_THAT(refusal("exit_in_entry"),
              AllOf(HasSubstr("ended the process with status 3"), HasSubstr("tern_plugin_entry")));
}

TEST(BrokenPlugin, RefusalOfTheEntryIsPassedOn) {
  EXPECT_THAT(refusal("entry_fails"), HasSubstr("the file with the track is missing"));
}

TEST(BrokenPlugin, ExceptionInAConstructorIsPassedOn) {
  EXPECT_THAT(refusal("throw_in_constructor"), HasSubstr("no such track"));
}

TEST(BrokenPlugin, AbortInCreateShowsWhatWasPrinted) {
  EXPECT_THAT(refusal("abort_in_create"),
              AllOf(HasSubstr("SIGABRT"), HasSubstr("in create of 'Good-v1'"),
                    HasSubstr("motor.c:12: no motor found")));
}

TEST(BrokenPlugin, CrashInStepIsAMessage) {
  EXPECT_THAT(refusal("crash_in_step"), AllOf(HasSubstr("SIGSEGV"), HasSubstr("in step of 'Good")));
}

TEST(BrokenPlugin, ExceptionInStepNamesTheEnv) {
  EXPECT_THAT(refusal("throw_in_step"),
              AllOf(HasSubstr("'Thrower-v0': step failed"), HasSubstr("no std::exception")));
}

TEST(BrokenPlugin, EndlessResetIsGivenUp) {
  const std::string path = test_plugin("hang_in_reset");
  const std::string message =
      error_of([&] { load_plugin_env(path, std::chrono::milliseconds(500)); });
  EXPECT_THAT(message, AllOf(HasSubstr(path), HasSubstr("did not come back within 0.5 s"),
                             HasSubstr("reset of 'Good-v1'")));
}

TEST(BrokenPlugin, NoEnvs) {
  EXPECT_THAT(refusal("no_envs"), HasSubstr("without envs"));
}

TEST(BrokenPlugin, MissingFunctionIsNamed) {
  EXPECT_THAT(refusal("no_step"), HasSubstr("'Good-v1': its table has no function 'step'"));
}

TEST(BrokenPlugin, SenselessFactsAreNamed) {
  EXPECT_THAT(refusal("no_shape"), HasSubstr("observation field 0 ('steps') has no shape"));
  EXPECT_THAT(refusal("id_differs"), HasSubstr("calls itself 'Other-v1'"));
  EXPECT_THAT(refusal("id_twice"), HasSubstr("offers 'Good-v1' twice"));
}

// A refused plugin leaves nothing behind: asking again refuses again.
TEST(BrokenPlugin, StaysRefused) {
  EXPECT_EQ(refusal("no_step"), refusal("no_step"));
  EXPECT_THAT(registry().ids(), Not(testing::Contains("Good-v1")));
}

}  // namespace
}  // namespace tern
