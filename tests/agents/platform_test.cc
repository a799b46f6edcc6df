// What `tern doctor` and run.json say of the network library, held to the library itself.

#include "agents/training/platform.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/version.h>

#include "agents/kernels/simd_level.h"

namespace tern {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Platform, OneThreadIsEnoughForAnOperation) {
  at::set_num_threads(2);
  set_up_platform();
  EXPECT_EQ(at::get_num_threads(), 1);
  EXPECT_EQ(network_platform().torch_threads, 1);
}

TEST(Platform, SaysWhatIsLoaded) {
  const NetworkPlatform platform = network_platform();
  EXPECT_EQ(platform.torch_version, TORCH_VERSION);
  EXPECT_THAT(platform.device, StartsWith("cpu"));
  if (platform.blas == "unknown") GTEST_SKIP() << "this LibTorch is linked with another BLAS";
  EXPECT_THAT(platform.blas, HasSubstr("OpenBLAS"));
  EXPECT_THAT(platform.blas, HasSubstr(blas_core()));  // "OpenBLAS 0.3.21 .. SkylakeX MAX_THREADS=64"
}

TEST(Platform, FollowsTheKernels) {
  for (const std::string& level : simd_levels()) {
    force_simd_level(level);
    EXPECT_EQ(network_platform().simd, level);
    EXPECT_EQ(compute_path(3).simd, level);
  }
  force_simd_level("");
  EXPECT_EQ(compute_path(3).threads, 3);
  EXPECT_EQ(compute_path(3).blas_core, blas_core());
}

}  // namespace
}  // namespace tern
