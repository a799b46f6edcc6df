#pragma once
// The parts of a page that shows episodes, without the episodes.

#include <string>

namespace tern {

extern const char* const
    kEpisodePageStyle;  // of a <style>; the body is a grid of stage, time, panel
extern const char* const kEpisodePageBody;  // the elements
/// Of the script, a part that stands behind the rest.
extern const char* const kEpisodePageWhyScript;
/// The script, which stands below the elements. load(data) shows the first episode of what
/// episode_page_data() gives. The functions whenEnded and whenTouched may be replaced: they are
/// called when playing has come to the last step, and when somebody uses the time line.
std::string episode_page_script();

}  // namespace tern
