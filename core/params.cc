// Compiled once for all who link the library.

#include "core/params.h"

#define TERN_CORE_INLINE
#include "core/params-inl.h"

namespace tern::params_detail {

template void Lister::operator()(const char*, bool&, const char*, const Limits&);
template void Lister::operator()(const char*, double&, const char*, const Limits&);
template void Lister::operator()(const char*, std::int64_t&, const char*, const Limits&);
template void Lister::operator()(const char*, int&, const char*, const Limits&);
template void Lister::operator()(const char*, std::string&, const char*, const Limits&);
template void Lister::operator()(const char*, std::vector<int>&, const char*, const Limits&);
template void Lister::operator()(const char*, Schedule&, const char*, const Limits&);
template void Formatter::operator()(const char*, bool&, const char*, const Limits&);
template void Formatter::operator()(const char*, double&, const char*, const Limits&);
template void Formatter::operator()(const char*, std::int64_t&, const char*, const Limits&);
template void Formatter::operator()(const char*, int&, const char*, const Limits&);
template void Formatter::operator()(const char*, std::string&, const char*, const Limits&);
template void Formatter::operator()(const char*, std::vector<int>&, const char*, const Limits&);
template void Formatter::operator()(const char*, Schedule&, const char*, const Limits&);
template void Loader::operator()(const char*, bool&, const char*, const Limits&);
template void Loader::operator()(const char*, double&, const char*, const Limits&);
template void Loader::operator()(const char*, std::int64_t&, const char*, const Limits&);
template void Loader::operator()(const char*, int&, const char*, const Limits&);
template void Loader::operator()(const char*, std::string&, const char*, const Limits&);
template void Loader::operator()(const char*, std::vector<int>&, const char*, const Limits&);
template void Loader::operator()(const char*, Schedule&, const char*, const Limits&);

}  // namespace tern::params_detail
