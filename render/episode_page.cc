#include "render/episode_page.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/error.h"
#include "core/files/json.h"
#include "render/episode_page_html.h"

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

/// JSON written piece by piece: numbers as short as their digits.
class Writer {
 public:
  std::string take() { return std::move(text_); }
  Writer& raw(const std::string& text) {
    text_ += text;
    return *this;
  }
  Writer& number(double value, int digits = 6) {
    if (!std::isfinite(value)) return raw("null");
    char text[40];
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    return raw(text);
  }
  Writer& coordinate(float value) { return number(static_cast<double>(value), 5); }
  Writer& text(const std::string& line) {
    return raw(Json(line).dump());
  }
  /// "[a,b,..]"; each(i) writes element i.
  template <class Each>
  Writer& list(std::size_t count, const Each& each) {
    text_ += '[';
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) text_ += ',';
      each(i);
    }
    text_ += ']';
    return *this;
  }
  template <class T>
  Writer& numbers(const std::vector<T>& values) {
    return list(values.size(), [&](std::size_t i) { number(static_cast<double>(values[i])); });
  }

 private:
  std::string text_;
};

std::string hex(Color color) {
  char text[16];
  std::snprintf(text, sizeof text, color.a == 255 ? "\"#%02x%02x%02x\"" : "\"#%02x%02x%02x%02x\"",
                color.r, color.g, color.b, color.a);
  return text;
}

std::string base64(const std::vector<std::uint8_t>& bytes) {
  static const char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned word = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      word = word << 8 | (i + k < bytes.size() ? bytes[i + k] : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k > bytes.size() ? '=' : kDigits[word >> (18 - 6 * k) & 63];
    }
  }
  return text;
}

/// Cells that only text canvases show.
bool is_invisible(const DrawCall& call) {
  return call.kind == DrawCall::Kind::kCells &&
         std::all_of(call.styles.begin(), call.styles.end(),
                     [](const CellStyle& style) { return style.color.a == 0; });
}

/// The letter of the call, its colour if it has one, then its numbers.
void write_call(Writer& out, const DrawCall& call) {
  const auto shape = [&](char letter, bool has_size) {
    out.raw("[\"").raw(std::string(1, letter)).raw("\",").raw(hex(call.color));
    for (const Point& point : call.points) {
      out.raw(",").coordinate(point.x).raw(",").coordinate(point.y);
    }
    if (has_size) out.raw(",").coordinate(call.size);
  };
  const auto placed = [&](char letter) {
    out.raw("[\"").raw(std::string(1, letter)).raw("\"");
    for (const Point& point : call.points) {
      out.raw(",").coordinate(point.x).raw(",").coordinate(point.y);
    }
  };
  switch (call.kind) {
    case DrawCall::Kind::kSetView: shape('v', false); break;
    case DrawCall::Kind::kPolygon: shape('p', false); break;
    case DrawCall::Kind::kCircle: shape('c', true); break;
    case DrawCall::Kind::kCapsule: shape('k', true); break;
    case DrawCall::Kind::kLine: shape('l', true); break;
    case DrawCall::Kind::kCells:
      placed('b');
      out.raw(",").coordinate(call.size).raw(",").number(call.rows).raw(",").number(call.columns);
      out.raw(",").numbers(call.bytes).raw(",");
      out.list(call.styles.size(), [&](std::size_t i) { out.raw(hex(call.styles[i].color)); });
      break;
    case DrawCall::Kind::kImage:
      placed('i');
      out.raw(",").number(call.columns).raw(",").number(call.rows);
      out.raw(",\"").raw(base64(call.bytes)).raw("\"");
      break;
    case DrawCall::Kind::kText: {
      shape('t', true);
      static const char* const kAligns[] = {"left", "center", "right"};
      out.raw(",\"").raw(kAligns[static_cast<int>(call.align)]).raw("\",").text(call.line);
      break;
    }
    case DrawCall::Kind::kPush:
      placed('u');
      out.raw(",").coordinate(call.size).raw(",").coordinate(call.scale);
      break;
    case DrawCall::Kind::kPop: placed('o'); break;
  }
  out.raw("]");
}

/// The calls that a page shows, and the pictures as the change from the one before.
void write_drawings(Writer& out, const Drawings& drawings) {
  constexpr std::size_t kNone = ~std::size_t{0};
  std::vector<std::size_t> numbers;  // in the page, of each call
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < drawings.calls().size(); ++i) {
    const bool is_shown = !is_invisible(drawings.calls()[i]);
    numbers.push_back(is_shown ? shown.size() : kNone);
    if (is_shown) shown.push_back(i);
  }
  out.raw("\"calls\":");
  out.list(shown.size(), [&](std::size_t i) { write_call(out, drawings.calls()[shown[i]]); });
  out.raw(",\"pictures\":");
  std::vector<std::size_t> last;
  out.list(drawings.size(), [&](std::size_t picture) {
    std::vector<std::size_t> now;
    for (const std::uint32_t call : drawings.picture(picture)) {
      if (numbers[call] != kNone) now.push_back(numbers[call]);
    }
    const std::size_t shorter = std::min(now.size(), last.size());
    std::size_t begin = 0, end = 0;
    while (begin < shorter && now[begin] == last[begin]) ++begin;
    while (begin + end < shorter && now[now.size() - 1 - end] == last[last.size() - 1 - end]) ++end;
    std::vector<std::size_t> change = {begin, end};
    change.insert(change.end(), now.begin() + static_cast<std::ptrdiff_t>(begin),
                  now.end() - static_cast<std::ptrdiff_t>(end));
    out.list(change.size(), [&](std::size_t i) { out.raw(std::to_string(change[i])); });
    last = std::move(now);
  });
}

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

void write_episode(Writer& out, const Episode& episode) {
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
  Writer out;
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
  page.append("</script>\n<script>\n").append(kEpisodePageScript).append(kTail);
  return page;
}

}  // namespace tern
