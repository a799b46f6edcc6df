#pragma once
// The facts of an env and what it draws, as bytes between two processes of one program.

#include "core/drawing/recording_canvas.h"
#include "envs/env.h"
#include "envs/isolation/env_process.h"

namespace tern {

void put_spec(Message& out, const EnvSpec& spec);
EnvSpec take_spec(Message& in);

void put_drawing(Message& out, const RecordingCanvas& canvas);
void take_drawing(Message& in, RecordingCanvas& canvas);

}  // namespace tern
