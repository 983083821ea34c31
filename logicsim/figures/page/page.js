"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const CONFIG = { displayModeBar: false, responsive: true };
const { history, network, wave } = data;

/** A time in ticks (ps) with a unit, to four digits. */
function told(ticks) {
  const size = Math.abs(ticks);
  const [unit, ps] = [["s", 1e12], ["ms", 1e9], ["µs", 1e6], ["ns", 1e3], ["ps", 1]]
    .find(([, each]) => size >= each) ?? ["ps", 1];
  return `${Number((ticks / ps).toPrecision(4))} ${unit}`;
}

function layout(more) {
  const axis = { gridcolor: ink("--rule"), linecolor: ink("--rule"), zeroline: false };
  return {
    paper_bgcolor: "transparent", plot_bgcolor: "transparent", dragmode: "pan",
    font: { color: ink("--ink"), family: "system-ui, sans-serif", size: 12 },
    margin: { l: 60, r: 12, t: 24, b: 40 }, hovermode: "closest",
    hoverlabel: { bgcolor: ink("--paper"), font: { color: ink("--ink") } },
    ...more, xaxis: { ...axis, ...more.xaxis }, yaxis: { ...axis, ...more.yaxis },
  };
}

// One step's waveform. Times are shown from `zero`, so that nanoseconds show beside milliseconds.
const view = { edge: 1, zero: 0, range: null, cursor: "a", a: null, b: null, step: 0 };
let steps = [];  // of each that is recorded: when its edge latches and counts
const named = new Map(wave ? wave.signals.map((signal) => [signal.name, signal]) : []);
const moments = () => wave.edges[view.edge] ?? {};

function rows() {
  return wave.signals.filter((signal) => signal.shown && (signal.edge ?? view.edge) === view.edge);
}

/** Of each step that is recorded, when the edge that is shown first latches and then counts. */
function momentsByStep() {
  const step = named.get(wave.step);
  const begins = step ? step.t.filter((_, i) => i || step.v[0] > 0) : [0];
  return begins.map((begin, place) => {
    const end = begins[place + 1] ?? wave.end, found = {};
    let from = begin;
    for (const [key, { net, to }] of Object.entries(moments())) {
      const { t, v } = named.get(net) ?? { t: [], v: [] };
      const before = to === "0" ? "1" : "0";
      const time = t.find((each, i) => each >= from && each < end && i && v[i] === to && v[i - 1] === before);
      if (time !== undefined) from = found[key] = time;
    }
    return found;
  });
}

/** A signal as a line of its row: a wire from 0 to 1, a number from its least to its largest. */
function trace(row, place, count) {
  const base = count - 1 - place;
  const levels = row.kind === "wire" ? row.v.map((v) => ({ 0: 0, 1: 1 })[v] ?? 0.5) : row.v;
  const numbers = levels.filter((v) => v !== null);
  const least = row.kind === "wire" ? 0 : Math.min(...numbers);
  const span = row.kind === "wire" ? 1 : Math.max(...numbers) - least;
  const height = (v) => v === null ? null : base + 0.7 * (span ? (v - least) / span : 0.5);
  const value = (v) => row.kind === "real" && v !== null ? `${Number(v.toPrecision(4))} V` : String(v);
  const bus = row.kind !== "wire";
  return {
    x: [...row.t, wave.end].map((t) => (t - view.zero) / 1e12),
    y: [...levels, levels.at(-1)].map(height),
    text: [...row.v.map(value), bus ? "" : value(row.v.at(-1))], mode: bus ? "lines+text" : "lines",
    textposition: "top right", textfont: { size: 11, color: ink(row.ink) }, cliponaxis: true,
    line: { shape: "hv", color: ink(row.ink), width: 2 }, connectgaps: false,
    customdata: [...row.t, wave.end], hovertemplate: `${row.label} %{text}<br>%{x:.6s}s<extra></extra>`,
  };
}

function marks() {
  const line = (t, colour, dash) => ({ type: "line", x0: (t - view.zero) / 1e12, x1: (t - view.zero) / 1e12,
    yref: "paper", y0: 0, y1: 1, line: { color: ink(colour), width: 1.5, dash } });
  const note = (t, text, colour, y) => ({ x: (t - view.zero) / 1e12, yref: "paper", y, yanchor: "bottom",
    showarrow: false, text, font: { color: ink(colour), size: 11 } });
  const shapes = [], annotations = [];
  steps.forEach((each, place) => Object.entries(each).forEach(([key, t]) => {
    shapes.push(line(t, "--mark", "dot"));
    if (place === view.step) annotations.push(note(t, moments()[key].name, "--mark", 1));
  }));
  for (const name of ["a", "b"]) {
    if (view[name] === null) continue;
    shapes.push(line(view[name], "--output", "solid"));
    annotations.push(note(view[name], name.toUpperCase(), "--output", 1.05));
  }
  return { shapes, annotations };
}

function drawWave() {
  const shown = rows();
  const range = view.range.map((t) => (t - view.zero) / 1e12);
  const here = steps[view.step] ?? {};
  const at = Object.keys(here).find((key) => here[key] === view.zero);
  const zero = at ? moments()[at].name : "the recording begins";
  const narrow = innerWidth < 600;
  Plotly.react("wave", shown.map((row, place) => trace(row, place, shown.length)), layout({
    height: 60 + 44 * shown.length, showlegend: false, margin: { l: narrow ? 88 : 110, r: 12, t: 44, b: 46 },
    xaxis: { range, exponentformat: "SI", minexponent: 0, ticksuffix: "s", nticks: narrow ? 4 : 8, title: { text: `time, 0 where ${zero}` } },
    yaxis: { range: [-0.2, shown.length], fixedrange: true, showgrid: false,
      tickvals: shown.map((_, place) => shown.length - 1 - place + 0.35), ticktext: shown.map((row) => row.label) },
    ...marks(),
  }), { ...CONFIG, scrollZoom: true });
  measure();
}

function measure() {
  for (const name of ["a", "b"]) $(`cursor-${name}`).setAttribute("aria-pressed", view.cursor === name);
  const at = (name) => view[name] === null ? `${name.toUpperCase()} –` : `${name.toUpperCase()} ${told(view[name] - view.zero)}`;
  const both = view.a !== null && view.b !== null;
  $("measured").textContent = `${at("a")} · ${at("b")}` + (both ? ` · B − A = ${told(view.b - view.a)}` : "");
}

function jump(from, to, zero) {
  Object.assign(view, { zero, range: [from, to] });
  drawWave();
}

function zoom(factor) {
  const middle = view[view.cursor] ?? (view.range[0] + view.range[1]) / 2;
  const half = Math.max(500, (view.range[1] - view.range[0]) * factor / 2);
  jump(middle - half, middle + half, view.zero);
}

function walk(way) {
  const times = [...new Set(rows().flatMap((row) => row.t))].sort((x, y) => x - y);
  const now = view[view.cursor] ?? view.range[0];
  const next = way > 0 ? times.find((t) => t > now) : times.findLast((t) => t < now);
  if (next === undefined) return;
  view[view.cursor] = next;
  const [from, to] = view.range;
  if (next < from || next > to) view.range = [next - (to - from) / 2, next + (to - from) / 2];
  drawWave();
}

function choose(cursor) {
  view.cursor = cursor;
  measure();
}

function button(text, act) {
  const made = document.createElement("button");
  made.textContent = text;
  made.addEventListener("click", act);
  $("jumps").append(made, " ");
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** Cursors on the latch and the count of the step that is shown, told in words; what to show of it. */
function story() {
  const { latch, count } = steps[view.step] ?? {};
  if (latch === undefined || count === undefined) {
    $("story").textContent = "When this step latches and counts is not in this recording.";
    return [0, wave.end];
  }
  const numbers = named.get(wave.step);
  const number = numbers && steps.length > 1 ? `Step ${numbers.v[numbers.t.findLastIndex((t) => t <= latch)]}. ` : "";
  const { latch: latches, count: counts } = moments();
  $("story").textContent = `${number}${capital(latches.at)} ${latches.told}; ` +
    `${told(count - latch)} later, ${counts.at}, ${counts.told}.`;
  Object.assign(view, { zero: latch, a: latch, b: count });
  return [latch - 1.2 * (count - latch), count + 0.8 * (count - latch)];
}

function openWave() {
  if (!wave) {
    $("step").hidden = true;
    return;
  }
  view.edge = Number(Object.keys(wave.edges)[0]);
  steps = momentsByStep();
  for (const number of Object.keys(wave.edges)) {
    const [a, b] = network.edges[number - 1];
    $("edge").add(new Option(`${number} (${a}–${b})`, number));
  }
  $("edge").value = view.edge;
  $("recorded").textContent = `Recorded from ${told(wave.begin)} on.` +
    (wave.cut ? " There was more than a page can hold: it ends early." : "");
  $("edge").addEventListener("change", () => {
    view.edge = Number($("edge").value);
    steps = momentsByStep();
    drawWave();
  });
  const tell = () => jump(...story(), view.zero);
  const turn = (way) => {
    view.step = Math.min(Math.max(view.step + way, 0), steps.length - 1);
    tell();
  };
  button("latch before step", tell);
  for (const [key, { name }] of Object.entries(moments())) {
    button(name, () => { const t = steps[view.step][key]; if (t !== undefined) jump(t - 2e4, t + 6e4, t); });
  }
  if (steps.length > 1) {
    button("◀ step", () => turn(-1));
    button("step ▶", () => turn(1));
  }
  button("whole recording", () => jump(0, wave.end, 0));
  tell();
  $("wave").on("plotly_click", ({ points }) => { view[view.cursor] = points[0].customdata; drawWave(); });
  $("wave").on("plotly_relayout", (change) => {
    if ("xaxis.range[0]" in change) {
      view.range = ["xaxis.range[0]", "xaxis.range[1]"].map((key) => change[key] * 1e12 + view.zero);
    }
  });
  const keys = { ArrowLeft: () => walk(-1), ArrowRight: () => walk(1), "+": () => zoom(0.5), "=": () => zoom(0.5),
    "-": () => zoom(2), a: () => choose("a"), b: () => choose("b") };
  $("wave").addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  for (const name of ["a", "b"]) $(`cursor-${name}`).addEventListener("click", () => choose(name));
  for (const [id, act] of [["earlier", () => walk(-1)], ["later", () => walk(1)],
    ["in", () => zoom(0.5)], ["out", () => zoom(2)]]) $(id).addEventListener("click", act);
}

// Cividis, told apart by colour-blind eyes, from the least resistance to the largest.
const SCALE = ["#fde737", "#d2c060", "#a59c74", "#7b7b78", "#575d6d", "#26456e", "#00224e"];
const SVG = "http://www.w3.org/2000/svg";

function colour(code) {
  const [least, most] = [Math.min(...network.ohms), Math.max(...network.ohms)];
  const part = (network.ohms[code] - least) / (most - least);
  return { part, css: SCALE[Math.round(part * (SCALE.length - 1))] };
}

function element(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return $("network").appendChild(made);
}

function openNetwork() {
  const [xs, ys] = [0, 1].map((axis) => network.places.map((place) => place[axis]));
  const [x0, y0] = [Math.min(...xs), Math.min(...ys)];
  const span = Math.max(Math.max(...xs) - x0, Math.max(...ys) - y0) || 1;
  const at = (node) => [(xs[node - 1] - x0) / span * 80, (ys[node - 1] - y0) / span * 80];
  const size = [xs, ys].map((each) => (Math.max(...each) - Math.min(...each)) / span * 80 + 14);
  $("network").setAttribute("viewBox", `-7 -7 ${size[0]} ${size[1]}`);
  const lines = network.edges.map(([a, b]) => {
    const [[x1, y1], [x2, y2]] = [at(a), at(b)];
    // A rim, so that both ends of the scale show on white and on black.
    const rim = element("line", { x1, y1, x2, y2, style: "stroke: var(--faint)" });
    const line = element("line", { x1, y1, x2, y2 });
    line.appendChild(document.createElementNS(SVG, "title"));
    return { rim, line };
  });
  network.places.forEach((_, place) => {
    const [cx, cy] = at(place + 1);
    const input = network.inputs.includes(place + 1), output = network.outputs.includes(place + 1);
    element("circle", { cx, cy, r: 3.4, "stroke-width": 0.9,
      style: `fill: var(${input ? "--mark" : "--paper"}); stroke: var(${input ? "--mark" : output ? "--output" : "--faint"})` });
    element("text", { x: cx, y: cy + 1.4, "text-anchor": "middle",
      style: input ? "fill: var(--paper)" : "" }, place + 1);
  });
  $("scale").style.background = `linear-gradient(90deg, ${SCALE.join(",")})`;
  for (const ohms of [Math.min(...network.ohms), Math.max(...network.ohms)]) {
    const end = document.createElement("span");
    end.textContent = `${Number((ohms / 1e3).toPrecision(3))} kΩ`;
    $("ends").append(end);
  }
  const show = () => {
    const place = Number($("slider").value);
    $("at").textContent = `${history.step[place]}, task ${history.task[place]}`;
    history.free[place].forEach((code, edge) => {
      const { part, css } = colour(code);
      const { rim, line } = lines[edge];
      line.setAttribute("stroke", css);
      line.setAttribute("stroke-width", 3 - 2 * part);
      rim.setAttribute("stroke-width", 3.6 - 2 * part);
      line.firstChild.textContent = `edge ${edge + 1}: code ${code}, ${Math.round(network.ohms[code])} Ω`;
    });
  };
  $("slider").max = history.step.length - 1;
  $("slider").value = history.step.length - 1;
  $("slider").addEventListener("input", show);
  show();
}

/** Codes of one network by edge and step, or how far the twins are apart. */
function heatmap(side) {
  const apart = side === "apart", last = network.ohms.length - 1;
  const codes = apart
    ? history.free.map((row, step) => row.map((code, edge) => code - history.clamped[step][edge]))
    : history[side];
  const most = apart ? Math.max(1, ...codes.map((row) => Math.max(...row.map(Math.abs)))) : last;
  return { type: "heatmap", x: history.step, y: network.edges.map((_, edge) => edge + 1),
    z: network.edges.map((_, edge) => codes.map((row) => row[edge])), zsmooth: false,
    zmin: apart ? -most : 0, zmax: most, colorscale: apart ? "RdBu" : "Cividis",
    colorbar: { title: { text: apart ? "free − clamped" : "code" }, thickness: 10 },
    hovertemplate: "step %{x}, edge %{y}: %{z}<extra></extra>" };
}

function drawHistory() {
  const tasks = history.step.filter((_, i) => i && history.task[i] !== history.task[i - 1]);
  const shapes = tasks.map((x) => ({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1,
    line: { color: ink("--faint"), width: 1, dash: "dot" } }));
  const xaxis = { title: { text: "training step" } };
  const curves = [{ x: history.step, y: history.error.map((v) => v > 0 ? v : null), name: "error (V²)",
    line: { color: ink("--free"), width: 1.6 }, hovertemplate: "step %{x}<br>%{y:.3g} V²<extra></extra>" }];
  if (history.accuracy.some((v) => v !== null)) {
    curves.push({ x: history.step, y: history.accuracy, name: "accuracy", yaxis: "y2",
      line: { color: ink("--mark"), width: 1.6 } });
  }
  // On a narrow screen a finger on a curve scrolls the page.
  const narrow = innerWidth < 600, dragmode = narrow ? false : "zoom";
  const few = network.edges.length <= 2;
  $("sides").hidden = few;
  Plotly.react("learning", curves, layout({ height: 280, shapes, xaxis, dragmode,
    margin: { l: 60, r: curves.length > 1 ? 52 : 12, t: 36, b: 40 }, showlegend: curves.length > 1,
    legend: { orientation: "h", y: 1.02, yanchor: "bottom" },
    yaxis: { type: "log", title: { text: "error (V²)" }, exponentformat: "power" },
    yaxis2: { overlaying: "y", side: "right", range: [0, 1.02], tickmode: "linear", dtick: 0.25, tickformat: ".0%", showgrid: false } }), CONFIG);
  const lines = few
    ? network.edges.flatMap((_, edge) => ["free", "clamped"].map((side) => ({ x: history.step,
      y: history[side].map((codes) => codes[edge]), name: `edge ${edge + 1} ${side}`,
      line: { color: ink(side === "free" ? "--free" : "--clamped"), width: 1.6, shape: "hv", dash: edge ? "dash" : "solid" } })))
    : [heatmap($("side").value)];
  Plotly.react("codes", lines, layout({ height: few ? 280 : 380, shapes: few ? shapes : [], xaxis, dragmode,
    margin: { l: 60, r: 12, t: narrow && few ? 92 : 36, b: 40 },
    legend: { orientation: "h", y: 1.02, yanchor: "bottom" }, yaxis: { title: { text: few ? "code" : "edge" } } }), CONFIG);
}

openWave();
openNetwork();
drawHistory();
$("side").addEventListener("change", drawHistory);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (wave) drawWave(); drawHistory(); });
