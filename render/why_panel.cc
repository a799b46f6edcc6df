#include "render/why_panel.h"

#include <cstddef>
#include <string>

#include "render/explained_images.h"
#include "render/explainer.h"
#include "render/image_tiles.h"
#include "render/widgets.h"

namespace tern {
namespace {

using namespace widgets;  // NOLINT: the panel's own vocabulary

constexpr float kRow = 21;
constexpr std::size_t kMostBars = 8;
constexpr float kMostImageHeight = 120;

void draw_refusal(PanelColumn& column, const std::string& sentence) {
  for (const std::string& line : wrapped(sentence, column.px(kBodyText), column.width())) {
    column.skip(9);
    column.text(kBodyText, line, palette::kInk);
  }
}

void draw_bar(PanelColumn& column, const ScoreBar& score) {
  if (column.take(kBodyText)) {
    const float size = column.px(kBodyText), y = column.y();
    const float left = column.left() + 0.4f * column.width();
    const float right = column.right() - 0.3f * column.width() - column.px(6);
    column.canvas().text({column.left(), y}, size,
                         fitted(score.name, size, left - column.left() - column.px(8)),
                         palette::kInk);
    bar(column.canvas(), {left, y + column.px(1)}, {right, y + column.px(9)}, 0.5f, score.to,
        score.score < 0 ? palette::kAgent : palette::kItem);
    column.canvas().text({column.right(), y}, size, score_text(score.score), palette::kInk,
                         Align::kRight);
    column.add_area(kBodyText, score.name + " " + exact_number(score.score));
  }
  column.skip(kRow - kBodyText);
}

}  // namespace

void draw_why_section(PanelColumn& column, const FrameData& frame) {
  if (frame.why == nullptr) return;
  const Explanation& why = *frame.why;
  const std::string title = why.output.empty() ? "why" : "why: " + why.output;
  if (!column.section(PanelSection::kWhy, title, method_label(frame))) return;
  if (!why.refusal.empty()) return draw_refusal(column, why.refusal);
  column.skip(9);
  column.text(kSmallText, "here " + short_number(why.attribution.output), kLabel,
              "baseline " + short_number(why.attribution.baseline_output));
  column.skip(11);
  for (const ScoreBar& score : score_bars(frame, kMostBars)) draw_bar(column, score);
  const std::size_t count = num_scores(frame);
  std::vector<ObservedImage> images = explained_images(frame);
  if (images.size() == 1) images[0].name = "";  // a bar says it
  if (count > kMostBars) {
    column.text(kSmallText, std::to_string(count - kMostBars) + " more, of less weight", kLabel);
    if (!images.empty()) column.skip(kRow - kBodyText);
  } else if (images.empty()) {
    column.skip(-(kRow - kBodyText));
  }
  draw_image_tiles(column, images, kMostImageHeight);
}

}  // namespace tern
