#pragma once
// Where the components of an action lie, for those who pass them on as memory.

#include "core/views.h"

namespace tern {

inline const void* memory_of(ActionRow row) {
  return row.floats().empty() ? static_cast<const void*>(row.ints().data())
                              : static_cast<const void*>(row.floats().data());
}

inline void* memory_of(MutableActionRow row) {
  return row.floats().empty() ? static_cast<void*>(row.ints().data())
                              : static_cast<void*>(row.floats().data());
}

}  // namespace tern
