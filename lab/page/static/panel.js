// The lab's controls: break, heal, misbehave, and what the platform does meanwhile.

import { byId, el, toast } from "/page/dom.js";
import { get, post } from "/page/api.js";
import { drawChart, percent } from "/page/chart.js";

const BREAKAGES = [
  ["bad_flag", "Bad flag", "new_ranker goes to 100 %: discourse answers 5xx"],
  ["traffic_surge", "Traffic surge", "five times the replies, more than discourse can take"],
  ["slow_queue", "Slow queue", "one consumer left on discourse-replies"],
  ["identity_errors", "Identity errors", "the key store is away: nothing to turn off"],
  ["push_latency", "Push latency", "push p99 ten times as long, no errors"],
  ["dogpile", "Dogpile", "2,400 replies an hour on one post; a friction calms it"],
  ["stuck_consumer", "Stuck consumer", "warehouse-loader stops: lag grows, a gap stays"],
];
const FAULTS = [
  ["http_429", "rate limited (429)"],
  ["http_500", "server error (500)"],
  ["reset_after", "posts, then hangs up"],
  ["reset_before", "hangs up"],
  ["slow", "answers after 5 s"],
];
const METHODS = ["chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "*"];

export function panel() {
  byId("panel").replaceChildren(
    el("h2", {}, "discourse 5xx"),
    el("div", { class: "reading" },
      el("strong", { id: "ratio" }, "–"), el("span", { id: "platform-note", role: "status" }, "")),
    el("div", { class: "chart", id: "chart" }),
    el("h2", {}, "Break the platform"),
    el("div", { class: "breakages" }, BREAKAGES.map(([kind, label, tip]) =>
      el("button", { type: "button", class: "break", "data-kind": kind, "aria-pressed": "false", title: tip, onclick: () => told("/lab/break", { kind }, `${label}: ${tip}.`) }, label)),
      el("button", { type: "button", class: "heal", id: "heal", onclick: heal }, "Heal everything")),
    slackFaults());
  refresh();
  setInterval(() => { if (document.visibilityState === "visible") refresh(); }, 1000);
}

async function heal() {
  await fetch("/lab/faults", { method: "DELETE" });
  await told("/lab/heal", {}, "Everything is healthy again.");
}

function slackFaults() {
  const method = el("select", { "aria-label": "Slack method" }, METHODS.map((name) => el("option", { value: name }, name === "*" ? "every method" : name)));
  const kind = el("select", { "aria-label": "Misbehaviour" }, FAULTS.map(([name, label]) => el("option", { value: name }, label)));
  const count = el("input", { type: "number", min: 1, max: 99, value: 3, "aria-label": "How many times" });
  return el("details", { class: "slack-faults" },
    el("summary", {}, "Make Slack misbehave"),
    el("form", { onsubmit: (event) => {
      event.preventDefault();
      told("/lab/faults", { method: method.value, kind: kind.value, count: Number(count.value) || 1 }, `Slack: ${method.value} ${kind.selectedOptions[0].text}, ${count.value}×.`);
    } }, method, kind, el("div", { class: "row" }, el("label", {}, "times ", count), el("button", { type: "submit", class: "break" }, "Start"))),
    el("ul", { class: "armed", id: "armed", "aria-label": "Waiting misbehaviour" }));
}

async function told(path, body, done) {
  try {
    await post(path, body);
    toast(done);
    refresh();
  } catch (refusal) {
    toast(refusal.message, "bad");
  }
}

async function refresh() {
  try {
    const [platform, { faults }] = await Promise.all([get("/lab/platform"), get("/lab/faults")]);
    show(platform);
    byId("armed").replaceChildren(...faults.map((fault) => el("li", {}, `${fault.label} ${fault.kind} ${fault.left}×`)));
  } catch {
    byId("platform-note").textContent = "the lab does not answer";
  }
}

function show(platform) {
  const points = platform.history.discourse.error_ratio;
  drawChart(byId("chart"), points);
  byId("ratio").textContent = percent(points.at(-1)?.[1] ?? 0);
  const queue = platform.queues.find((one) => one.name === "discourse-replies");
  const throttled = platform.throttles.length ? ` · throttled: ${platform.throttles.map((one) => `${one.limit_rps}/s`).join(", ")}` : "";
  const waiting = queue.depth > 200 ? ` · ${queue.depth.toLocaleString("en")} jobs wait` : "";
  const ratio = points.at(-1)?.[1] ?? 0;
  const word = platform.broken.length ? "broken" : ratio > 0.01 ? "recovering" : "healthy";
  byId("platform-note").textContent = `${word}${waiting}${throttled}`;
  for (const button of document.querySelectorAll(".break[data-kind]")) {
    button.setAttribute("aria-pressed", String(platform.broken.includes(button.dataset.kind)));
  }
}
