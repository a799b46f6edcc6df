#pragma once
// How an EnvSpec is copied and ended. Included by envs/env.h where libtern_envs, which holds this
// compiled, is not linked: in plugins. C++17.

namespace tern {

TERN_SPEC_INLINE EnvSpec::EnvSpec() = default;
TERN_SPEC_INLINE EnvSpec::EnvSpec(const EnvSpec&) = default;
TERN_SPEC_INLINE EnvSpec::EnvSpec(EnvSpec&&) noexcept = default;
TERN_SPEC_INLINE EnvSpec& EnvSpec::operator=(const EnvSpec&) = default;
TERN_SPEC_INLINE EnvSpec& EnvSpec::operator=(EnvSpec&&) noexcept = default;
TERN_SPEC_INLINE EnvSpec::~EnvSpec() = default;

}  // namespace tern
