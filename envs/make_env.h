#pragma once
// How an env's class is constructed: from its `struct Params` if it declares one, else by default.
// Header-only and C++17: the registry and the plugin shim both use it.

#include <memory>
#include <type_traits>

#include "core/params.h"

namespace tern {
namespace make_env_detail {

template <class E, class = void>
struct ParamsOf {
  using type = NoParams;
};
template <class E>
struct ParamsOf<E, std::void_t<typename E::Params>> {
  using type = typename E::Params;
};

}  // namespace make_env_detail

/// E::Params, or NoParams.
template <class E>
using EnvParams = typename make_env_detail::ParamsOf<E>::type;

template <class E>
std::unique_ptr<E> make_env(const EnvParams<E>& params) {
  static_assert(std::is_same_v<EnvParams<E>, NoParams> ||
                    std::is_constructible_v<E, const EnvParams<E>&>,
                "an env that declares `struct Params` needs a constructor that takes them");
  if constexpr (std::is_constructible_v<E, const EnvParams<E>&>) {
    return std::make_unique<E>(params);
  } else {
    return std::make_unique<E>();
  }
}

}  // namespace tern
