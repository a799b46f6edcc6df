#pragma once
// What stands behind ternc_policy.

#include <memory>
#include <vector>

#include "c_api/spec.h"
#include "c_api/tern_c.h"
#include "core/policy.h"

struct ternc_policy {
  explicit ternc_policy(std::unique_ptr<tern::Policy> loaded)
      : policy(std::move(loaded)), spec(policy->spec()), rng(0, "ternc_policy"), rows(1) {}

  std::unique_ptr<tern::Policy> policy;  // a checked one
  ternc_spec spec;
  tern::Rng rng;
  std::vector<tern::ActRow> rows;
};
