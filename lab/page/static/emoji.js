// The emoji names that operations messages use; others stay as typed.

const NAMED = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", red_circle: "🔴",
  large_yellow_circle: "🟡", large_green_circle: "🟢", large_blue_circle: "🔵", large_orange_circle: "🟠",
  white_circle: "⚪", black_circle: "⚫", rotating_light: "🚨", fire: "🔥", mag: "🔍", eyes: "👀",
  hourglass_flowing_sand: "⏳", hourglass: "⌛", stopwatch: "⏱️", lock: "🔒", unlock: "🔓", snowflake: "❄️",
  no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", arrow_right: "➡️", arrow_up: "⬆️", arrow_down: "⬇️",
  leftwards_arrow_with_hook: "↩️", rewind: "⏪", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉",
  bell: "🔔", robot_face: "🤖", wave: "👋", thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎",
  memo: "📝", link: "🔗", wrench: "🔧", gear: "⚙️", zap: "⚡", tada: "🎉", bulb: "💡", question: "❓",
  information_source: "ℹ️", point_right: "👉", clock1: "🕐", busts_in_silhouette: "👥", shield: "🛡️", raised_hand: "✋",
};

export const emoji = (name) => NAMED[name] ?? `:${name}:`;

export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name));
