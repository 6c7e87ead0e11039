// Draw the last minutes of one ratio as a small line.

import { svg } from "/page/dom.js";

const WIDTH = 240;
const HEIGHT = 64;
const THRESHOLD = 0.05;

export function drawChart(place, points) {
  const top = Math.max(0.1, ...points.map(([, value]) => value)) * 1.1;
  const first = points[0]?.[0] ?? 0;
  const span = Math.max(1, (points.at(-1)?.[0] ?? 1) - first);
  const x = (at) => ((at - first) / span) * WIDTH;
  const y = (value) => HEIGHT - 2 - (value / top) * (HEIGHT - 6);
  const line = points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const now = points.at(-1)?.[1] ?? 0;
  place.replaceChildren(svg("svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", class: now > THRESHOLD ? "hot" : "calm",
      "aria-label": `5xx of discourse in the last three minutes, now ${percent(now)}` },
    svg("line", { x1: 0, x2: WIDTH, y1: y(THRESHOLD), y2: y(THRESHOLD), class: "threshold" }),
    svg("polygon", { points: `0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`, class: "area" }),
    svg("polyline", { points: line, class: "line" })));
}

export const percent = (value) => `${(value * 100).toFixed(1)} %`;
