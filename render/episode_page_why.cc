// The part of the page's script that shows images among the observations, and why.

#include "render/episode_page_html.h"

namespace tern {

const char* const kEpisodePageWhyScript = R"PAGE(
const mostScores = 8;        // rows of them
let whyMethod = "integrated gradients", whyOutput = "";  // "" : none; the first one

// ---------------------------------------------------------------- images

const sheets = new Map();  // images with many tiles below each other
function sheet(field, number) {
  const key = episode.number + "/" + field + "/" + number;
  if (!sheets.has(key)) {
    const image = new Image();
    image.onload = () => { image.isReady = true; show(); };
    sheets.set(key, image);
    image.src = "data:image/png;base64," + episode.images[field].sheets[number];
  }
  return sheets.get(key);
}
// A canvas with tile k of an image at the present step; null until its sheet is there.
function tile(index, k) {
  const field = episode.images[index], number = field.at[step][k];
  const image = sheet(index, Math.floor(number / field.rows));
  if (!image.isReady) return null;
  const canvas = document.createElement("canvas");
  canvas.width = field.width; canvas.height = field.height;
  canvas.getContext("2d", {willReadFrequently: true}).drawImage(image,
    0, number % field.rows * field.height, field.width, field.height, 0, 0, field.width, field.height);
  return canvas;
}
// Orange where the output gains, blue where it loses, on a grey picture.
function tint(canvas, heat, bytes, k) {
  const c = canvas.getContext("2d"), w = canvas.width, h = canvas.height;
  const picture = c.getImageData(0, 0, w, h), p = picture.data;
  const block = Math.max(Math.ceil(w / heat.width), Math.ceil(h / heat.height));
  for (let i = 0; i < w * h; ++i) {
    const x = Math.floor(i % w / block), y = Math.floor(Math.floor(i / w) / block);
    const part = (bytes.charCodeAt((k * heat.height + y) * heat.width + x) - 128) / 127;
    const color = part < 0 ? [0, 114, 178] : [230, 159, 0];
    const grey = (p[4 * i] + p[4 * i + 1] + p[4 * i + 2]) / 3;
    for (let n = 0; n < 3; ++n) p[4 * i + n] = Math.round(grey + Math.abs(part) * (color[n] - grey));
  }
  c.putImageData(picture, 0, 0);
}
function showTiles(parent, why) {
  parent.replaceChildren();
  (episode.images || []).forEach((field, index) => {
    const heat = why && why.heat[index], bytes = heat && heat.pixels[step];
    if (why && !bytes) return;
    const name = document.createElement("div"), box = document.createElement("div");
    name.textContent = field.name + (field.sheets.length ? "" : ": too large for a page");
    name.className = "muted"; box.className = "tiles";
    (field.at[step] || []).forEach((_, k) => {
      const canvas = tile(index, k);
      if (!canvas) return;
      if (heat && k < heat.tiles) tint(canvas, heat, atob(bytes), k);
      canvas.title = field.name + (field.at[step].length > 1 ? " " + k : "");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", canvas.title);
      box.append(canvas);
    });
    parent.append(name, box);
  });
}
function showImages() {
  $("images-box").hidden = !(episode.images || []).length;
  if (!$("images-box").hidden) showTiles($("images"), null);
}

// ---------------------------------------------------------------- why

function scoreText(x) {
  return x !== null && x !== 0 && Math.abs(x) < 0.01 ? x.toExponential(1) : short(x);
}
function unique(values) { return [...new Set(values)]; }
// Once for each episode: what there is to choose from.
function offerWhy() {
  const all = episode.why || [];
  const outputs = unique(all.map(why => why.output)), methods = unique(all.map(why => why.method));
  if (!outputs.includes(whyOutput)) whyOutput = outputs[0] || "";
  if (whyMethod && !methods.includes(whyMethod)) whyMethod = methods[0] || "";
  $("why-output").replaceChildren(...outputs.map(name => new Option(name, name)));
  $("why-method").replaceChildren(...methods.map(name => new Option(name, name)), new Option("none", ""));
  $("why-choices").hidden = all.length === 0;
  $("why-box").hidden = !data.agent;
}
function scoresOf(why) {
  const scores = why.scores[step].map((score, i) => [data.obs[i].name, score]);
  (why.sums ? why.sums[step] : []).forEach((sum, i) => scores.push([episode.images[i].name, sum]));
  return scores;
}
function showWhy() {
  const parent = $("why"), heat = $("why-heat");
  $("why-output").value = whyOutput; $("why-method").value = whyMethod;
  parent.replaceChildren(); heat.replaceChildren();
  $("why-ends").textContent = $("why-more").textContent = "";
  if (!episode.why) {
    $("why-more").textContent = "Not computed. Where it would take long, --why asks for it.";
    return;
  }
  const why = episode.why.find(one => one.method === whyMethod && one.output === whyOutput);
  if (!why) return;
  if (why.scores[step] === null) {
    $("why-more").textContent = step === pictures.length - 1
      ? "The episode is over: nothing is decided." : "This step is not explained.";
    return;
  }
  const ends = episode.why.find(one => one.output === whyOutput);
  $("why-ends").textContent = "here " + short(ends.here[step]) + ", baseline " + short(ends.baseline[step]);
  let scores = scoresOf(why);
  const far = Math.max(0, ...scores.map(s => Math.abs(s[1]))) || 1, count = scores.length;
  if (count > mostScores) {
    scores.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
    scores = scores.slice(0, mostScores);
    $("why-more").textContent = count - mostScores + " more, of less weight";
  }
  for (const [name, score] of scores) {
    row(parent, name, 0.5, 0.5 + (score || 0) / far / 2, scoreText(score), score < 0 ? "loss" : "gain");
  }
  if (why.heat) showTiles(heat, why);
}
function nextOption(select, choose) {
  if (select.options.length === 0) return;
  choose(select.options[(select.selectedIndex + 1) % select.options.length].value);
  showWhy();
}
$("why-method").onchange = () => { whyMethod = $("why-method").value; showWhy(); };
$("why-output").onchange = () => { whyOutput = $("why-output").value; showWhy(); };
keys.w = () => nextOption($("why-method"), value => { whyMethod = value; });
keys.e = () => nextOption($("why-output"), value => { whyOutput = value; });
)PAGE";

}  // namespace tern
