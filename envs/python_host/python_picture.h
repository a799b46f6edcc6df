#pragma once
// What an env in Python draws, from the JSON that host.py makes of the calls.

#include <string>

#include "core/drawing/recording_canvas.h"

namespace tern {

/// Throws Error::failure that begins with `where`, for calls that make no sense.
RecordingCanvas read_python_picture(const std::string& json, const std::string& where);

}  // namespace tern
