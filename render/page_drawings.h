#pragma once
// What an env drew, in the data of a page: each call once, and each picture as the change from the
// one before.

#include <cstdint>
#include <vector>

#include "render/drawings.h"
#include "render/page_writer.h"

namespace tern {

/// How `now` follows from `last`, as numbers: keep k of `last`, skip s of it, then n runs of new
/// numbers, each its first one and how many count on from there; [k, s, n, (first, count) x n] over
/// and over. What is left of `last` in the end is kept.
std::vector<std::uint32_t> picture_change(const std::vector<std::uint32_t>& last,
                                          const std::vector<std::uint32_t>& now);

/// "calls": [[letter, ..]], "pictures": [picture_change(), ..]. Calls that only text canvases show
/// are left out. Coordinates have five significant digits.
void write_drawings(PageWriter& out, const Drawings& drawings);

}  // namespace tern
