/* tiny_env.c as it was compiled before the ABI grew: against its first header, which has the guard of
 * the present one. */

#include "tests/plugin/frozen/plugin_abi_1.h"

#include "tests/plugin/envs/tiny_env.c"

typedef char facts_are_the_first[sizeof(tern_env_spec) == 152 ? 1 : -1];
typedef char table_is_the_first[sizeof(tern_env_table) == 160 ? 1 : -1];
