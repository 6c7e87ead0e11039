// Draw the few state emoji ourselves, so that they look the same without an emoji font.

import { el } from "/page/dom.js";

const MARKS = {
  "🔴": ["dot red", "red"], "🟠": ["dot orange", "orange"], "🟡": ["dot yellow", "yellow"], "🟢": ["dot green", "green"],
  "🔵": ["dot blue", "blue"], "⚪": ["dot white", "white"], "⚫": ["dot black", "black"],
  "⏱️": ["time", "for a while"], "⏰": ["time", "reminder"], "⏳": ["time", "waits"], "🧊": ["ice", "frozen"],
  "⛈️": ["storm", "storm"], "🌀": ["storm", "storm"], "📉": ["down", "downgraded"], "🙋": ["hand", "needs a person"],
  "✅": ["tick", "done"], "❌": ["cross", "failed"], "⚠️": ["warn", "warning"], "⚠": ["warn", "warning"], "⛔": ["stop", "stopped"],
};
const SIGNS = { tick: "✓", cross: "✕", warn: "!", stop: "–", time: "◷", ice: "❄", storm: "☇", down: "↘", hand: "☝" };
const ANY_MARK = /(🔴|🟠|🟡|🟢|🔵|⚪|⚫|✅|❌|⚠️|⚠|⛔|⏱️|⏰|⏳|🧊|⛈️|🌀|📉|🙋)/u;

// Split text into strings and marks.
export function withMarks(text) {
  return text.split(ANY_MARK).filter((part) => part !== "").map((part) => {
    const mark = MARKS[part];
    return mark ? el("span", { class: `mark ${mark[0]}`, role: "img", "aria-label": mark[1] }, SIGNS[mark[0]] ?? "") : part;
  });
}
