#include "cli/serve/serve_page.h"

#include "render/episode_page_html.h"

namespace tern::cli {
namespace {

const char* const kStyle = R"PAGE(
  :root { --pick: #e8f1f8; --pick-edge: #b9d4e8; --warn: #fdf3e1; }
  @media (prefers-color-scheme: dark) {
    :root { --pick: #1f3443; --pick-edge: #3b6484; --warn: #3f331d; }
  }
  body { grid-template: "runs stage panel" minmax(0, 1fr) "runs time panel" auto / 250px minmax(0, 1fr) 340px; }
  #runs { grid-area: runs; overflow: auto; background: var(--card); border-right: 1px solid var(--line);
    padding: 16px 10px; }
  #runs > h1 { margin: 0 8px 8px; }
  #runs button { display: block; width: 100%; text-align: left; border: 1px solid transparent;
    border-radius: 8px; padding: 6px 8px; margin: 2px 0; background: none; }
  #runs button:hover { background: var(--track); }
  #runs button[aria-current=true] { background: var(--pick); border-color: var(--pick-edge); }
  #runs button > * { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  #runs button > span:first-child { font-weight: 600; }
  #runs canvas { width: 100%; height: 26px; margin: 2px 0; }
  #runs p { margin: 0 8px; }
  #message { grid-area: stage; place-self: center; max-width: 60ch; padding: 0 24px; color: var(--muted);
    overflow-wrap: anywhere; text-align: center; }
  #run { padding-bottom: 12px; margin-bottom: 14px; border-bottom: 1px solid var(--line);
    overflow-wrap: anywhere; }
  #run canvas { width: 100%; height: 130px; display: block; cursor: crosshair; }
  #run .buttons { display: flex; gap: 8px; align-items: center; margin-top: 10px; }
  #run .buttons button { flex: none; }
  #live[aria-pressed=true] { background: #0072b2; border-color: #0072b2; color: #fff; }
  .warning { background: var(--warn); border-radius: 6px; padding: 6px 10px; margin: 8px 0 0; }
  .no-episode #time, .no-episode #panel > :not(#run) { display: none; }
  .no-run #panel { display: none; }
  @media (max-width: 1200px) {
    body { grid-template-columns: 190px minmax(0, 1fr) 300px; }
    #time input { order: -1; flex-basis: 100%; }
  }
  @media (max-width: 800px) {
    body { grid-template: "runs" auto "stage" 55vh "time" auto "panel" auto / minmax(0, 1fr); }
    #runs { border-right: 0; border-bottom: 1px solid var(--line); max-height: 30vh; }
  }
)PAGE";

const char* const kHead = R"PAGE(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tern</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/serve.css">
</head>
<body class="no-episode no-run">
<nav id="runs" aria-label="runs">
  <h1>Runs</h1>
  <p id="connection" class="warning" hidden></p>
  <div id="list"></div>
</nav>
<div id="message" role="status">looking for runs</div>
)PAGE";

const char* const kTail = R"PAGE(<section id="run">
  <h1 id="run-name"></h1><div id="run-kind" class="muted"></div><div id="run-state"></div>
  <p id="remark" class="warning" hidden></p>
  <h2><span>learning curve</span><span id="curve-point"></span></h2>
  <canvas id="curve"></canvas>
  <div class="buttons">
    <button id="live" aria-pressed="true" title="play on and on, always the newest policy">live</button>
    <button id="another" title="the next episode">next</button>
    <span id="episode-name" class="muted"></span>
  </div>
</section>
<script src="/serve.js"></script>
</body>
</html>
)PAGE";

const char* const kScript = R"PAGE(
{
const runs = new Map();     // id -> what the server says of the run
const entries = new Map();  // id -> its elements in the list
let chosen = null;          // id
let ghost = null;           // what was known of the chosen run, where it is gone
// Whoever asks for less motion starts it.
const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
let live = !isCalm;            // play on and on, always the newest policy
let shown = null;           // {checkpoint, number} of the episode on the stage
let asked = 0, failed = false, note = "", rest = null, stream = null;
let curve = null, curveAsked = false, curveStale = false, dots = [];

$("panel").prepend($("run"));

function count(n) {
  if (n < 10000) return String(n);
  return n < 999500 ? +(n / 1e3).toPrecision(3) + " k" : +(n / 1e6).toPrecision(3) + " M";
}
function stateText(run) {
  if (!run.is_running) return run.state + (run.step > 0 ? ", step " + count(run.step) : "");
  const total = run.total_steps;
  return run.state + ": step " + count(run.step) +
    (total > 0 ? " of " + count(total) + ", " + Math.floor(100 * run.step / total) + " %" : "") +
    (run.steps_per_second > 0 ? ", " + count(Math.round(run.steps_per_second)) + " steps/s" : "");
}
function number(x) { return typeof x === "number" ? short(x) : String(x); }

// ---------------------------------------------------------------- the list

function inOrder() {
  return [...runs.values()].sort((a, b) => b.is_running - a.is_running ||
    (a.is_running ? 0 : b.changed - a.changed) || (a.id < b.id ? -1 : 1));
}
function canvasOf(element) {
  const ratio = window.devicePixelRatio || 1;
  element.width = Math.round(element.clientWidth * ratio);
  element.height = Math.round(element.clientHeight * ratio);
  const c = element.getContext("2d");
  c.scale(ratio, ratio);
  return c;
}
function spark(canvas, points, isRunning) {
  const c = canvasOf(canvas), w = canvas.clientWidth, h = canvas.clientHeight;
  if (points.length < 2) return;
  const values = points.map(p => p[1]), low = Math.min(...values), high = Math.max(...values);
  const first = points[0][0], last = points[points.length - 1][0];
  c.strokeStyle = isRunning ? "#0072b2" : "#909ba0"; c.lineWidth = 1.4; c.beginPath();
  points.forEach(([s, v]) => c.lineTo(2 + (w - 4) * (s - first) / (last - first || 1),
    h - 3 - (h - 6) * (high > low ? (v - low) / (high - low) : 0.5)));
  c.stroke();
}
function showList() {
  const ordered = inOrder();
  for (const [id, entry] of entries) {
    if (!runs.has(id)) { entry.button.remove(); entries.delete(id); }
  }
  ordered.forEach((run, i) => {
    if (!entries.has(run.id)) {
      const button = document.createElement("button");
      const name = document.createElement("span"), line = document.createElement("canvas");
      const state = document.createElement("span");
      state.className = "muted"; name.textContent = button.title = run.id;
      button.append(name, line, state);
      button.onclick = () => { location.hash = "run=" + encodeURIComponent(run.id); };
      entries.set(run.id, {button, line, state});
    }
    const entry = entries.get(run.id);
    if ($("list").children[i] !== entry.button) $("list").insertBefore(entry.button, $("list").children[i]);
    entry.button.setAttribute("aria-current", run.id === chosen);
    const state = run.is_running ? Math.floor(100 * run.step / (run.total_steps || 1)) + " %" : run.state;
    entry.state.textContent = (run.return === null ? "" : "return " + number(run.return) + ", ") + state;
    spark(entry.line, run.curve, run.is_running);
  });
}

// ---------------------------------------------------------------- the run

function say(text) { $("message").textContent = text; $("message").hidden = text === ""; }
function warn(text) { $("remark").textContent = text; $("remark").hidden = text === ""; }

function chosenRun() { return runs.get(chosen) || ghost; }
function lose(id) {
  if (id === chosen) {
    ghost = Object.assign({}, runs.get(id), {is_running: false, state: "gone",
      remark: id + " is gone: its folder was removed or renamed."});
    clearTimeout(rest);
    if (!shown) say(ghost.remark);
  }
  runs.delete(id);
}
function showRun() {
  const run = chosenRun();
  document.body.classList.toggle("no-run", !run);
  if (!run) return;
  document.title = run.id + " - Tern";
  $("run-name").textContent = run.id;
  $("run-kind").textContent = run.agent + " on " + run.env;
  $("run-state").textContent = stateText(run);
  warn([run.remark, note].filter(text => text).join(" "));
  $("live").setAttribute("aria-pressed", live);
  $("another").disabled = ghost !== null || !(shown || failed);
  $("episode-name").textContent = !shown ? "" : "checkpoint " + count(shown.checkpoint) +
    ", episode " + shown.number +
    (live && run.checkpoint > shown.checkpoint ? "; then " + count(run.checkpoint) : "");
}

async function askCurve() {
  if (curveAsked) { curveStale = true; return; }
  curveAsked = true;
  do {
    curveStale = false;
    const run = chosen;
    try {
      const answer = await (await fetch("/curve?run=" + encodeURIComponent(run))).json();
      if (run === chosen && !answer.error) curve = answer;
      if (run !== chosen) curveStale = chosen !== null;
    } catch (error) { break; }  // the news tell when the server is back
    showCurve();
  } while (curveStale);
  curveAsked = false;
}
function showCurve() {
  const canvas = $("curve"), c = canvasOf(canvas), run = chosenRun();
  const w = canvas.clientWidth, h = canvas.clientHeight, left = 2, bottom = h - 18, top = 14;
  dots = [];
  c.font = "11px system-ui, sans-serif"; c.fillStyle = themed("--muted");
  if (!run || !curve || curve.returns.length + curve.evaluations.length === 0) {
    c.fillText("no report yet", left, h / 2);
    $("curve-point").textContent = "";
    return;
  }
  const all = curve.returns.concat(curve.evaluations), values = all.map(p => p[1]);
  let low = Math.min(...values), high = Math.max(...values);
  if (low === high) { low -= 1; high += 1; }
  const end = Math.max(run.total_steps, ...all.map(p => p[0]), 1);
  const x = s => left + 3 + (w - left - 6) * s / end;
  const y = v => bottom - 3 - (bottom - top - 6) * (v - low) / (high - low);
  c.strokeStyle = themed("--line"); c.lineWidth = 1;
  c.strokeRect(left + 0.5, top + 0.5, w - left - 1, bottom - top);
  c.fillText(number(high), left, top - 3); c.fillText(number(low), left, h - 4);
  const right = count(end) + " steps";
  c.fillText(right, w - c.measureText(right).width, h - 4);
  c.strokeStyle = "#0072b2"; c.lineWidth = 1.5; c.beginPath();
  curve.returns.forEach(([s, v]) => { c.lineTo(x(s), y(v)); });
  c.stroke();
  curve.returns.forEach(([s, v]) => dots.push({x: x(s), y: y(v), text: count(s) + ": return " + number(v)}));
  c.strokeStyle = c.fillStyle = "#009e73";
  curve.evaluations.forEach(([s, v, deviation]) => {
    const isKept = run.checkpoints.includes(s);
    c.beginPath(); c.arc(x(s), y(v), 3, 0, 2 * Math.PI);
    if (isKept) c.fill(); else c.stroke();
    dots.push({x: x(s), y: y(v), step: isKept ? s : null, isEvaluation: true,
      text: count(s) + ": evaluated " + number(v) + " \u00b1 " + number(deviation)});
  });
  if (shown) { c.fillStyle = "#d55e00"; c.fillRect(x(shown.checkpoint) - 0.5, top, 1, bottom - top); }
  $("curve-point").textContent = run.return === null ? "" : "return " + number(run.return);
}
function dotAt(event) {
  const far = dot => Math.abs(dot.x - event.offsetX) + (dot.isEvaluation ? 0 : 4) +
    Math.abs(dot.y - event.offsetY) / 20;
  return dots.reduce((best, dot) => !best || far(dot) < far(best) ? dot : best, null);
}
$("curve").onmousemove = event => {
  const dot = dotAt(event);
  if (dot) $("curve-point").textContent = dot.text;
};
$("curve").onmouseleave = showCurve;
$("curve").onclick = event => {
  const dot = dotAt(event);
  if (!dot || dot.step === undefined || dot.step === null) return;
  live = false;
  ask(dot.step, 1);
};

// ---------------------------------------------------------------- its episodes

// checkpoint: null for the newest.
async function ask(checkpoint, episodeNumber) {
  const run = chosen, turn = ++asked;
  clearTimeout(rest);
  if (!shown) say("the policy plays an episode");
  let answer;
  try {
    answer = await (await fetch("/episode?run=" + encodeURIComponent(run) + "&number=" +
      episodeNumber + (checkpoint === null ? "" : "&checkpoint=" + checkpoint))).json();
  } catch (error) {
    answer = {error: "tern serve does not answer"};
  }
  if (turn !== asked) return;
  failed = Boolean(answer.error);
  note = answer.error && !shown ? "" : answer.error || answer.warning || "";
  if (failed) {
    if (!shown) say(answer.error);
    showRun();
    return;
  }
  shown = {checkpoint: answer.checkpoint, number: answer.number};
  say("");
  document.body.classList.remove("no-episode");
  load(answer.page);
  showRun();
  showCurve();
  if (live) play();
}
function goOn() {
  if (!runs.has(chosen)) return;
  const newest = runs.get(chosen).checkpoint;
  if (!shown) ask(null, 1);
  else if (live && newest !== shown.checkpoint) ask(null, 1);
  else ask(shown.checkpoint, shown.number + 1);
}
whenEnded = () => { if (live) rest = setTimeout(goOn, 1000); };
whenTouched = () => { live = false; clearTimeout(rest); showRun(); };
$("live").onclick = () => {
  live = !live;
  clearTimeout(rest);
  showRun();
  if (!live) { pause(); return; }
  const isOver = shown && step === pictures.length - 1;
  const isOlder = runs.has(chosen) && shown && runs.get(chosen).checkpoint !== shown.checkpoint;
  if (!shown || isOver || isOlder) goOn();
  else if (timer === null) play();
};
$("another").onclick = goOn;

function select(id) {
  if (id === chosen) return;
  pause();
  clearTimeout(rest);
  chosen = id; ghost = null; shown = null; curve = null; live = !isCalm; failed = false; note = ""; ++asked;
  document.body.classList.add("no-episode");
  showList(); showRun(); showCurve();
  if (!runs.has(id)) return;
  entries.get(id).button.scrollIntoView({block: "nearest"});
  askCurve();
  ask(null, 1);
}
function selectWanted() {
  const wanted = /run=([^&]*)/.exec(location.hash);
  let id = null;
  try { id = wanted && decodeURIComponent(wanted[1]); } catch (error) { id = null; }
  if (id !== null && runs.has(id)) { select(id); return; }
  if (chosen !== null) return;
  const first = inOrder()[0];
  if (first) select(first.id);
  else say("There are no runs yet. 'tern train' makes one, and it appears here by itself.");
}
window.onhashchange = selectWanted;

// ---------------------------------------------------------------- the news

function take(run) {
  const before = runs.get(run.id);
  runs.set(run.id, run);
  if (run.id !== chosen) return;
  ghost = null;
  askCurve();
  const isNew = !before || before.checkpoint !== run.checkpoint;
  if ((!shown || failed) && isNew && run.checkpoint !== null) ask(null, 1);
}
let due = null;
function showSoon() {  // many pieces of news at once are shown once
  if (due === null) due = requestAnimationFrame(() => { due = null; showList(); showRun(); selectWanted(); });
}
function connect() {
  if (stream) stream.close();
  if (document.hidden) return;  // until somebody sees the page
  stream = new EventSource("/events");
  let before = new Set();
  stream.addEventListener("all", () => {
    $("connection").hidden = true;
    before = new Set(runs.keys());
    setTimeout(() => { before.forEach(lose); showSoon(); }, 500);
    if (failed) { failed = false; goOn(); }
    showSoon();
  });
  stream.addEventListener("run", event => {
    const run = JSON.parse(event.data);
    before.delete(run.id);
    take(run);
    showSoon();
  });
  stream.addEventListener("gone", event => {
    lose(JSON.parse(event.data).id);
    showSoon();
  });
  stream.onerror = () => {
    $("connection").textContent = "tern serve does not answer; trying again";
    $("connection").hidden = false;
    if (stream.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  };
}
document.onvisibilitychange = () => {  // a page that nobody sees asks nothing
  if (!document.hidden) connect(); else if (stream) stream.close();
};
window.addEventListener("resize", () => { showList(); showCurve(); });
connect();
}
)PAGE";

}  // namespace

std::string serve_page_html() {
  return std::string(kHead) + kEpisodePageBody + kTail;
}

std::string serve_page_style() {
  return std::string(kEpisodePageStyle) + kStyle;
}

std::string serve_page_script() {
  return episode_page_script() + kScript;
}

const std::vector<std::pair<std::string, std::string>>& page_headers() {
  static const std::vector<std::pair<std::string, std::string>> headers = {
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src "
       "data:; "
       "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cache-Control", "no-store"}};
  return headers;
}

}  // namespace tern::cli
