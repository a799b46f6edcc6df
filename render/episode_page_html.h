#pragma once

namespace tern {

/// The page around the data; the data stands where kEpisodePageDataMark does.
extern const char* const kEpisodePageHtml;
constexpr const char* kEpisodePageDataMark = "@DATA@";

}  // namespace tern
