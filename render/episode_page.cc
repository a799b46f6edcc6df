#include "render/episode_page.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/error.h"
#include "core/files/json.h"
#include "render/episode_page_html.h"
#include "render/page_drawings.h"
#include "render/page_images.h"
#include "render/page_writer.h"

namespace tern {
namespace {

constexpr std::size_t kMostObserved = 256;

// One file, and a policy that forbids the browser to load anything else.
const char* const kHead = R"PAGE(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>Tern episode</title>
)PAGE";

const char* const kTail = R"PAGE(load(JSON.parse($("data").textContent));
document.title = data.env + " - Tern episode";
const wanted = /step=(\d+)/.exec(location.hash);
if (wanted) go(Number(wanted[1]));
</script>
</body>
</html>
)PAGE";

struct Element {
  std::size_t place = 0;  // in the observation
  const Field* field = nullptr;
  std::size_t index = 0;  // in the field
};

std::vector<Element> elements_of(const ObsSpace& space) {
  std::vector<Element> elements;
  for (const Field& field : space.fields()) {
    if (field.is_image()) continue;
    for (std::size_t i = 0; i < field.size() && elements.size() < kMostObserved; ++i) {
      elements.push_back({field.offset + i, &field, i});
    }
  }
  return elements;
}

bool has_images(const ObsSpace& space) {
  return std::any_of(space.fields().begin(), space.fields().end(),
                     [](const Field& field) { return field.is_image(); });
}

Json bound(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json facts_of(const Episode& episode) {
  const EnvSpec& spec = *episode.spec;
  Json facts = {{"env", spec.id},
                {"summary", spec.summary},
                {"frames_per_second", std::max(spec.frames_per_second, 1)},
                {"agent", episode.agent},
                {"by_hand", episode.is_by_hand},
                {"policy_step", episode.moments.front().policy_step},
                {"max_steps", episode.max_steps}};
  facts["obs"] = Json::list();
  for (const Element& element : elements_of(spec.obs)) {
    const Field& field = *element.field;
    const std::string index = field.size() > 1 ? " " + std::to_string(element.index) : "";
    facts["obs"].push_back({{"name", field.name + index},
                            {"unit", field.unit},
                            {"low", bound(field.low)},
                            {"high", bound(field.high)},
                            {"categories", field.categories},
                            {"first", field.first}});
  }
  facts["actions"] = Json::list();
  for (const ActionComponent& component : spec.action.components()) {
    if (spec.action.is_box()) {
      facts["actions"].push_back({{"name", component.name},
                                  {"unit", component.unit},
                                  {"low", bound(component.low)},
                                  {"high", bound(component.high)}});
    } else {
      facts["actions"].push_back({{"name", component.name}, {"options", component.options}});
    }
  }
  facts["terms"] = spec.reward_terms;
  facts["info"] = spec.info;
  return facts;
}

void write_episode(PageWriter& out, const Episode& episode) {
  const std::vector<Moment>& moments = episode.moments;
  const std::vector<Element> elements = elements_of(episode.spec->obs);
  const auto series = [&](const char* name, const auto& of) {
    out.raw(",\"").raw(name).raw("\":");
    out.list(moments.size(), [&](std::size_t t) { of(moments[t]); });
  };
  const auto rows = [&](const char* name, const auto& of) {
    const bool is_empty = std::all_of(moments.begin(), moments.end(),
                                      [&](const Moment& moment) { return of(moment).empty(); });
    if (!is_empty) series(name, [&](const Moment& moment) { out.numbers(of(moment)); });
  };
  const char* end = moments.back().terminated ? "terminated"
                    : moments.back().is_cut ? "cut"
                    : moments.back().truncated ? "time limit"
                                               : "";
  out.raw("{\"number\":").number(episode.number).raw(",\"level\":");
  out.raw(std::to_string(episode.level)).raw(",\"end\":\"").raw(end).raw("\",");
  write_drawings(out, episode.drawings);
  if (has_images(episode.spec->obs)) {
    out.raw(",");
    write_images(out, episode);
  }
  if (!episode.why.empty()) {
    std::vector<std::size_t> places;
    for (const Element& element : elements) places.push_back(element.place);
    out.raw(",");
    write_why(out, episode, places);
  }
  series("obs", [&](const Moment& moment) {
    out.list(elements.size(), [&](std::size_t i) {
      const std::size_t place = elements[i].place;
      out.number(place < moment.obs.size()
                     ? static_cast<double>(moment.obs[place])
                     : static_cast<double>(moment.obs_bytes[place - moment.obs.size()]));
    });
  });
  series("reward", [&](const Moment& moment) { out.number(static_cast<double>(moment.reward)); });
  series("value", [&](const Moment& moment) {
    const auto value = state_value(moment.inspection, Row<const std::uint8_t>(moment.mask));
    out.number(value ? *value : NAN);
  });
  rows("action", [](const Moment& moment) { return moment.action; });
  rows("terms", [](const Moment& moment) { return moment.reward_terms; });
  rows("info", [](const Moment& moment) { return moment.info; });
  rows("probabilities", [](const Moment& moment) { return moment.inspection.probabilities; });
  rows("action_values", [](const Moment& moment) { return moment.inspection.action_values; });
  rows("mean", [](const Moment& moment) { return moment.inspection.mean; });
  rows("deviation", [](const Moment& moment) { return moment.inspection.standard_deviation; });
  if (episode.spec->has_masks) rows("mask", [](const Moment& moment) { return moment.mask; });
  series("state_hash", [&](const Moment& moment) {
    char text[24];
    std::snprintf(text, sizeof text, "\"%016llx\"",
                  static_cast<unsigned long long>(moment.state_hash));
    out.raw(text);
  });
  out.raw("}");
}

}  // namespace

std::string episode_page_data(const std::vector<Episode>& episodes) {
  if (episodes.empty()) throw Error("a page needs at least one episode");
  std::string facts = facts_of(episodes.front()).dump();
  facts.pop_back();  // the brace: the episodes follow
  PageWriter out;
  out.raw(facts).raw(",\"episodes\":");
  out.list(episodes.size(), [&](std::size_t i) { write_episode(out, episodes[i]); });
  return out.raw("}").take();
}

std::string episode_page(const std::vector<Episode>& episodes) {
  std::string page = kHead;
  page.append("<style>\n").append(kEpisodePageStyle).append("</style>\n</head>\n<body>\n");
  page.append(kEpisodePageBody).append("<script type=\"application/json\" id=\"data\">");
  for (const char c : episode_page_data(episodes)) {  // "</script>" in a name ends nothing
    if (c == '<') {
      page += "\\u003c";
    } else {
      page += c;
    }
  }
  page.append("</script>\n<script>\n").append(episode_page_script()).append(kTail);
  return page;
}

}  // namespace tern
