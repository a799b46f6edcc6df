#include "render/episode_page_html.h"

namespace tern {

const char* const kEpisodePageStyle = R"PAGE(  * { box-sizing: border-box; }
  :root { color-scheme: light dark; --page: #fafaf7; --card: #fff; --ink: #263238; --muted: #626e75;
    --line: #e2e4e2; --edge: #c9cdc9; --track: #ecefec; --faint: #828d92; }
  @media (prefers-color-scheme: dark) {
    :root { --page: #14181a; --card: #1c2124; --ink: #e3e8ea; --muted: #9eabb1; --line: #333b40;
      --edge: #4a545a; --track: #2c3338; --faint: #7d898f; }
  }
  [hidden] { display: none !important; }
  html, body { height: 100%; margin: 0; }
  body { font: 14px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--page);
    display: grid;
    grid-template: "stage panel" minmax(0, 1fr) "time panel" auto / minmax(0, 1fr) 340px; }
  #stage { grid-area: stage; width: 100%; height: 100%; min-height: 0; min-width: 0; }
  #time { grid-area: time; display: flex; gap: 8px; align-items: center; padding: 10px 14px;
    background: var(--card); border-top: 1px solid var(--line); flex-wrap: wrap; }
  #time input { flex: 1 1 120px; min-width: 60px; }
  #clock { min-width: 9em; margin-left: auto; text-align: right; font-variant-numeric: tabular-nums; }
  button, select { font: inherit; padding: 2px 10px; border: 1px solid var(--edge);
    background: var(--card); border-radius: 6px; color: inherit; }
  #panel { grid-area: panel; overflow: auto; padding: 16px 18px; background: var(--card);
    border-left: 1px solid var(--line); }
  h1 { font-size: 20px; margin: 0; overflow-wrap: anywhere; }
  h2 { font-size: 12px; margin: 16px 0 4px; color: var(--muted);
    font-weight: 400; display: flex; justify-content: space-between; gap: 8px; }
  .muted { color: var(--muted); overflow-wrap: anywhere; } .big { font-size: 30px; line-height: 1.2; }
  .small { font-size: 12px; }
  .row { display: grid; grid-template-columns: 42% 1fr 6.5em; gap: 8px; align-items: center;
    height: 21px; }
  .row > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .row > span:last-child { text-align: right; font-variant-numeric: tabular-nums; }
  .track { position: relative; height: 8px; background: var(--track); border-radius: 4px;
    overflow: hidden; }
  .track i { position: absolute; top: 0; bottom: 0; background: #56b4e9; border-radius: 4px; }
  .chosen .track i { background: #0072b2; } .chosen { font-weight: 600; }
  .gain .track i { background: #e69f00; } .loss .track i { background: #0072b2; }
  .forbidden { color: var(--faint); text-decoration: line-through; }
  .track b { position: absolute; top: 2px; bottom: 2px; background: #e69f00; }
  .track u { position: absolute; top: 0; bottom: 0; width: 3px; background: #d55e00; }
  canvas.chart { width: 100%; height: 64px; display: block; cursor: crosshair; }
  .choices { display: flex; gap: 6px; margin-bottom: 4px; }
  .choices select { flex: 1 1 0; min-width: 0; padding: 2px; font-size: 13px; }
  .choices select + select { flex-grow: 1.6; }
  .tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 4px; margin: 2px 0 6px; }
  .tiles canvas { width: 100%; image-rendering: pixelated; display: block;
    border: 1px solid var(--line); }
  .tiles canvas:only-child { grid-column: span 2; }
  @media (max-width: 800px) {
    body { height: auto; grid-template: "stage" 55vh "time" auto "panel" auto / minmax(0, 1fr); }
    #time { position: sticky; bottom: 0; top: 0; z-index: 1; }
    #time input { order: -1; flex-basis: 100%; }
    #clock { min-width: 0; }
    #panel { border-left: 0; }
  }
)PAGE";

const char* const kEpisodePageBody =
    R"PAGE(<canvas id="stage" role="img" aria-label="the environment"></canvas>
<div id="time">
  <button id="play" title="space">play</button>
  <button id="back" title="left arrow">&lsaquo;</button>
  <button id="forth" title="right arrow">&rsaquo;</button>
  <input id="cursor" type="range" min="0" value="0" step="1" aria-label="step">
  <select id="speed" aria-label="speed"></select>
  <select id="episode" aria-label="episode"></select>
  <span id="clock"></span>
</div>
<div id="panel">
  <h1 id="env"></h1><div id="agent" class="muted"></div><div id="goal" class="muted"></div>
  <h2><span>return</span><span id="reward"></span></h2><div id="return" class="big"></div>
  <canvas class="chart" id="returns"></canvas>
  <div id="values-box"><h2><span id="value-name">value V(s)</span><span id="value"></span></h2>
    <canvas class="chart" id="values"></canvas></div>
  <h2><span id="action-title">action</span></h2><div id="actions"></div>
  <div id="why-box"><h2><span>why</span><span id="why-ends"></span></h2>
    <div id="why-choices" class="choices">
      <select id="why-output" aria-label="of which output" title="e: the next one"></select>
      <select id="why-method" aria-label="by which method" title="w: the next one"></select>
    </div>
    <div id="why"></div><div id="why-more" class="muted small"></div><div id="why-heat"></div></div>
  <div id="terms-box"><h2><span>reward terms of the last step</span></h2><div id="terms"></div></div>
  <div id="info-box"><h2><span>info</span></h2><div id="info"></div></div>
  <div id="obs-box"><h2><span>observation</span></h2><div id="obs"></div></div>
  <div id="images-box"><h2><span>observed images</span></h2><div id="images"></div></div>
  <h2><span>state <span id="hash"></span></span></h2>
  <div class="muted small">space plays and pauses; left, right, home and end go from step to step;
    + and - change the speed; w and e ask why by another method, of another output</div>
</div>
)PAGE";

namespace {

const char* const kScript = R"PAGE("use strict";
const $ = id => document.getElementById(id);
let data, isBox, episode, pictures, returns, step = 0, timer = null;
let whenEnded = () => {};    // the last step was reached by playing
let whenTouched = () => {};  // somebody took hold of the time line

function short(x) {
  if (x === null || x === undefined) return "not finite";
  const a = Math.abs(x);
  if (a >= 999999.5) return x.toExponential(2);
  return String(+x.toFixed(a >= 999.95 ? 0 : a >= 99.995 ? 1 : a >= 9.9995 ? 2 : 3)).replace(/^-0$/, "0");
}

// Of the picture before, keep some calls and skip some, then come runs of others; over and over.
function unpack(changes) {
  const all = [];
  let last = [];
  for (const change of changes) {
    const now = [];
    let at = 0;
    for (let i = 0; i < change.length;) {
      for (let kept = change[i++]; kept > 0; --kept) now.push(last[at++]);
      at += change[i++];
      for (let runs = change[i++]; runs > 0; --runs) {
        const first = change[i++], count = change[i++];
        for (let k = 0; k < count; ++k) now.push(first + k);
      }
    }
    while (at < last.length) now.push(last[at++]);
    all.push(now);
    last = now;
  }
  return all;
}

const images = new Map();  // canvases of image calls and boards
function bitmap(number, width, height, fill) {
  if (!images.has(number)) {
    const canvas = document.createElement("canvas");
    canvas.width = width; canvas.height = height;
    const context = canvas.getContext("2d"), pixels = context.createImageData(width, height);
    fill(pixels.data);
    context.putImageData(pixels, 0, 0);
    images.set(number, canvas);
  }
  return images.get(number);
}
function rgba(color) {
  const part = i => parseInt(color.slice(i, i + 2), 16);
  return [part(1), part(3), part(5), color.length > 7 ? part(7) : 255];
}

function draw() {
  const stage = $("stage"), ratio = window.devicePixelRatio || 1;
  const width = Math.round(stage.clientWidth * ratio), height = Math.round(stage.clientHeight * ratio);
  if (stage.width !== width || stage.height !== height) { stage.width = width; stage.height = height; }
  const c = stage.getContext("2d");
  const scales = [1];
  const scale = () => scales[scales.length - 1];
  c.setTransform(1, 0, 0, 1, 0, 0);
  for (const number of pictures[step]) {
    const [kind, ...a] = episode.calls[number];
    const stroke = (w, cap) => {
      c.lineWidth = Math.max(w, 1 / scale()); c.lineCap = cap; c.strokeStyle = a[0];
      c.beginPath(); c.moveTo(a[1], a[2]); c.lineTo(a[3], a[4]); c.stroke();
    };
    const picture = (canvas, x, y, w, h) => {
      c.save(); c.imageSmoothingEnabled = false;
      c.translate(x, y); c.scale(1, -1); c.drawImage(canvas, 0, 0, w, h); c.restore();
    };
    switch (kind) {
      case "v": {
        while (scales.length > 1) { scales.pop(); c.restore(); }
        c.setTransform(1, 0, 0, 1, 0, 0);
        c.fillStyle = a[0]; c.fillRect(0, 0, width, height);
        const s = Math.min(width / (a[3] - a[1]), height / (a[4] - a[2]));
        c.setTransform(s, 0, 0, -s, (width - s * (a[3] - a[1])) / 2 - s * a[1],
          height - (height - s * (a[4] - a[2])) / 2 + s * a[2]);
        scales[0] = s;
        break;
      }
      case "p":
        c.fillStyle = a[0]; c.beginPath();
        for (let i = 1; i < a.length; i += 2) c.lineTo(a[i], a[i + 1]);
        c.fill();
        break;
      case "c":
        c.fillStyle = a[0]; c.beginPath(); c.arc(a[1], a[2], a[3], 0, 2 * Math.PI); c.fill();
        break;
      case "k":
        if (a[1] === a[3] && a[2] === a[4]) {
          c.fillStyle = a[0]; c.beginPath(); c.arc(a[1], a[2], a[5], 0, 2 * Math.PI); c.fill();
        } else {
          stroke(2 * a[5], "round");
        }
        break;
      case "l": stroke(a[5], "butt"); break;
      case "b": {
        const [x, y, size, rows, columns, kinds, colors] = a, palette = colors.map(rgba);
        picture(bitmap(episode.number + "/" + number, columns, rows, pixels => {
          kinds.forEach((k, i) => pixels.set(palette[k] || [0, 0, 0, 0], 4 * i));
        }), x, y, size * columns, size * rows);
        break;
      }
      case "i": {
        const [x0, y0, x1, y1, w, h, code] = a;
        picture(bitmap(episode.number + "/" + number, w, h, pixels => {
          const bytes = atob(code);
          for (let i = 0; i < w * h; ++i) {
            for (let k = 0; k < 3; ++k) pixels[4 * i + k] = bytes.charCodeAt(3 * i + k);
            pixels[4 * i + 3] = 255;
          }
        }), x0, y1, x1 - x0, y1 - y0);
        break;
      }
      case "t":  // heights are those of capitals
        c.save(); c.translate(a[1], a[2]); c.scale(a[3] / 72, -a[3] / 72);
        c.font = "100px system-ui, sans-serif"; c.textAlign = a[4]; c.fillStyle = a[0];
        c.fillText(a[5], 0, 0); c.restore();
        break;
      case "u":
        c.save(); c.translate(a[0], a[1]); c.rotate(a[2]); c.scale(a[3], a[3]);
        scales.push(scale() * a[3]);
        break;
      case "o":
        if (scales.length > 1) { scales.pop(); c.restore(); }
        break;
    }
  }
  while (scales.length > 1) { scales.pop(); c.restore(); }
}

function themed(name) { return getComputedStyle(document.body).getPropertyValue(name); }
function chart(canvas, values, color) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.width = Math.round(canvas.clientWidth * ratio);
  const height = canvas.height = Math.round(canvas.clientHeight * ratio);
  const c = canvas.getContext("2d"), known = values.filter(v => v !== null);
  if (known.length === 0) return;
  let low = Math.min(0, ...known), high = Math.max(0, ...known);
  if (low === high) high = low + 1;
  const x = i => 2 + (width - 4) * (values.length > 1 ? i / (values.length - 1) : 0);
  const y = v => height - 4 - (height - 8) * (v - low) / (high - low);
  c.strokeStyle = themed("--line"); c.lineWidth = ratio;
  c.beginPath(); c.moveTo(0, y(0)); c.lineTo(width, y(0)); c.stroke();
  c.strokeStyle = color; c.lineWidth = 1.6 * ratio; c.beginPath();
  let pen = false;
  values.forEach((v, i) => {
    if (v === null) { pen = false; return; }
    if (pen) c.lineTo(x(i), y(v)); else c.moveTo(x(i), y(v));
    pen = true;
  });
  c.stroke();
  c.fillStyle = "#d55e00"; c.fillRect(x(step) - ratio / 2, 0, ratio, height);
  canvas.title = short(low) + " to " + short(high);
}

function row(parent, name, from, to, number, kind, extra) {
  const line = document.createElement("div");
  line.className = "row " + (kind || "");
  const left = document.createElement("span"), track = document.createElement("div");
  const right = document.createElement("span"), fill = document.createElement("i");
  const part = v => 100 * Math.min(Math.max(v, 0), 1);
  left.textContent = left.title = name; right.textContent = right.title = number;
  track.className = "track"; track.title = number;
  fill.style.left = part(Math.min(from, to)) + "%";
  fill.style.width = Math.abs(part(to) - part(from)) + "%";
  track.append(fill);
  for (const [tag, at, until] of extra || []) {
    const mark = document.createElement(tag);
    mark.style.left = part(at) + "%";
    if (until !== undefined) mark.style.width = part(until) - part(at) + "%";
    track.append(mark);
  }
  line.append(left, track, right); parent.append(line);
}
function room(low, high, ...values) {  // the ends of a bar; unbounded ones grow with the value
  let far = 1;
  for (let i = 0; far < Math.max(...values.map(v => Math.abs(v || 0))) && i < 60; ++i) far *= i % 3 === 1 ? 2.5 : 2;
  const l = low === null ? -far : low, h = high === null ? far : high;
  return [l, h > l ? h : l + 1];
}

// "0.2 10 m" would say nothing: units that are multiples are left out.
function unit(field) { return !field.unit || /^[0-9]/.test(field.unit) ? "" : " " + field.unit; }

function showActions() {
  const parent = $("actions"); parent.replaceChildren();
  const action = (episode.action || [])[step] || [];
  const pick = name => (episode[name] || [])[step] || [];
  if (isBox) {
    const mean = pick("mean"), deviation = pick("deviation");
    data.actions.forEach((component, i) => {
      const [low, high] = room(component.low, component.high, action[i], mean[i]);
      const place = v => (v - low) / (high - low), extra = [];
      if (mean[i] !== undefined) {
        const s = deviation[i] || 0;
        extra.push(["b", place(mean[i] - s), place(mean[i] + s)], ["u", place(mean[i])]);
      }
      const value = action[i] === undefined ? 0 : action[i];
      row(parent, component.name, place(0), place(value),
        action[i] === undefined ? "" : short(value) + unit(component), "chosen", extra);
    });
    $("action-title").textContent = mean.length ? "action (mean and deviation in orange)" : "action";
    return;
  }
  const p = pick("probabilities"), q = pick("action_values"), mask = pick("mask");
  const allowed = i => mask.length === 0 || mask[i] !== 0;
  const finite = q.filter((v, i) => v !== null && allowed(i));
  const low = Math.min(0, ...finite), high = Math.max(0, ...finite), span = high - low || 1;
  $("action-title").textContent =
    p.length ? "action probabilities" : q.length ? "action values Q(s, a)" : "action";
  let flag = 0;
  data.actions.forEach((component, k) => component.options.forEach((option, i) => {
    const name = data.actions.length > 1 ? component.name + ": " + option : option;
    const chosen = action[k] === i;
    const kind = !allowed(flag) ? "forbidden" : chosen ? "chosen" : "";
    if (p.length) row(parent, name, 0, p[flag], short(p[flag]), kind);
    else if (q.length) row(parent, name, -low / span, ((q[flag] || 0) - low) / span, short(q[flag]), kind);
    else row(parent, name, 0, chosen ? 1 : 0, "", kind);
    ++flag;
  }));
}

function show() {
  const last = pictures.length - 1;
  draw();
  $("cursor").value = step;
  const end = step === last && episode.end ? ", " + episode.end : "";
  $("clock").textContent = "step " + step + " of " + last + end;
  $("return").textContent = short(returns[step]);
  $("reward").textContent = step > 0 ? "reward " + short(episode.reward[step]) : "";
  $("value").textContent = episode.value[step] === null ? "" : short(episode.value[step]);
  $("hash").textContent = episode.state_hash[step];
  chart($("returns"), returns, "#0072b2");
  if (!$("values-box").hidden) chart($("values"), episode.value, "#009e73");
  showActions();
  if (!$("why-box").hidden) showWhy();
  showImages();
  const terms = $("terms"); terms.replaceChildren();
  const now = (episode.terms || [])[step] || [];
  data.terms.forEach((name, i) => {
    const all = episode.terms ? episode.terms.map(t => t[i] || 0) : [0];
    const far = Math.max(1e-9, ...all.map(Math.abs)), v = now[i] || 0;
    row(terms, name, 0.5, 0.5 + v / far / 2, now.length ? short(v) : "");
  });
  const info = $("info"); info.replaceChildren();
  data.info.forEach((name, i) => {
    const v = ((episode.info || [])[step] || [])[i] || 0, [low, high] = room(null, null, v);
    row(info, name, 0.5, (v - low) / (high - low), short(v));
  });
  const obs = $("obs"); obs.replaceChildren();
  data.obs.forEach((field, i) => {
    const v = episode.obs[step][i];
    if (field.categories) {
      const at = v - field.first, n = field.categories;
      row(obs, field.name, at / n, (at + 1) / n, v + "/" + (field.first + n));
      return;
    }
    const [low, high] = room(field.low, field.high, v), place = x => (x - low) / (high - low);
    row(obs, field.name, place(Math.min(Math.max(0, low), high)), place(v), short(v) + unit(field));
  });
}

function go(to) { step = Math.min(Math.max(to, 0), pictures.length - 1); show(); }
function pause() {
  if (timer !== null) cancelAnimationFrame(timer);
  timer = null; $("play").textContent = "play";
}
function play() {
  if (timer !== null) { pause(); return; }
  if (step === pictures.length - 1) step = 0;
  $("play").textContent = "pause";
  let last = performance.now(), due = 0;
  const tick = now => {
    due += (now - last) / 1000 * data.frames_per_second * Number($("speed").value);
    last = now;
    const steps = Math.floor(due);
    due -= steps;
    if (steps > 0) go(step + steps);
    if (step === pictures.length - 1) { pause(); whenEnded(); return; }
    timer = requestAnimationFrame(tick);
  };
  timer = requestAnimationFrame(tick);
}
function choose(index) {
  pause();
  episode = data.episodes[index];
  pictures = unpack(episode.pictures);
  let sum = 0;
  returns = episode.reward.map(r => sum += r || 0);
  $("cursor").max = pictures.length - 1;
  $("values-box").hidden = episode.value.every(v => v === null);
  $("value-name").textContent = episode.action_values && !episode.probabilities ? "best Q(s, a)" : "value V(s)";
  step = 0;
  offerWhy();
  show();
}

// Shows the first of the episodes.
function load(page) {
  pause();
  data = page;
  isBox = data.actions.length > 0 && !data.actions[0].options;
  images.clear();
  sheets.clear();
  $("env").textContent = data.env;
  $("goal").textContent = data.summary;
  $("agent").textContent = data.agent
    ? data.agent + ", " + data.policy_step.toLocaleString("en") + " steps"
    : data.by_hand ? "played by hand" : "random actions";
  $("terms-box").hidden = data.terms.length === 0;
  $("info-box").hidden = data.info.length === 0;
  $("obs-box").hidden = data.obs.length === 0;
  $("episode").replaceChildren(...data.episodes.map((e, i) => new Option("episode " + e.number, i)));
  $("episode").hidden = data.episodes.length === 1;
  choose(0);
}

for (const speed of [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16]) {
  const name = speed < 1 ? "1/" + 1 / speed + "x" : speed + "x";
  $("speed").append(new Option(name, speed, speed === 1, speed === 1));
}
function byHand(act) { if (episode) { whenTouched(); act(); } }
function goByHand(to) { byHand(() => { pause(); go(to()); }); }
$("episode").onchange = () => byHand(() => choose(Number($("episode").value)));
$("play").onclick = () => byHand(play);
$("back").onclick = () => goByHand(() => step - 1);
$("forth").onclick = () => goByHand(() => step + 1);
$("cursor").oninput = () => goByHand(() => Number($("cursor").value));
for (const id of ["returns", "values"]) {
  $(id).onclick = event =>
    goByHand(() => Math.round(event.offsetX / $(id).clientWidth * (pictures.length - 1)));
}
function changeSpeed(by) {
  const select = $("speed");
  select.selectedIndex = Math.min(Math.max(select.selectedIndex + by, 0), select.options.length - 1);
}
const keys = {ArrowLeft: $("back").onclick, ArrowRight: $("forth").onclick,
  Home: () => goByHand(() => 0), End: () => goByHand(() => pictures.length - 1),
  "+": () => changeSpeed(1), "-": () => changeSpeed(-1), " ": $("play").onclick};
document.onkeydown = event => {
  if (event.target.closest("select, nav") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && event.target.matches("button:focus-visible")) return;  // presses it
  if (!episode || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
};
matchMedia("(prefers-color-scheme: dark)").onchange = () => window.dispatchEvent(new Event("resize"));
window.onresize = () => { if (episode) show(); };
)PAGE";

}  // namespace

std::string episode_page_script() {
  return std::string(kScript) + kEpisodePageWhyScript;
}

}  // namespace tern
