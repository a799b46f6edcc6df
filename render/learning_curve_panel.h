#pragma once
// The training run beside the env that shows its policy: how far it is, and its learning curve.

#include <string>

#include "core/metrics/learning_curve.h"
#include "render/frame_data.h"
#include "render/panel_column.h"

namespace tern {

/// "training: step 51 k of 100 k, 51 %", "finished, step 100 k".
std::string progress_text(const TrainingProgress& progress);

/// "12 k steps/s"; "" where that is not known or nobody trains.
std::string training_speed_text(const TrainingProgress& progress);

/// A section of the side panel, where FrameData::progress is there: the training return as a line
/// over environment steps, evaluations as dots, hollow where their checkpoint was not kept, and
/// the policy that plays as a vertical line. A pointer is told step and return; a click on a full
/// dot asks for its policy (PanelMap::Area::checkpoint).
void draw_learning_curve(PanelColumn& column, const FrameData& frame);

}  // namespace tern
