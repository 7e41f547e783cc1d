/* The page's data, its colours, and how amounts are written. The parts of the script are joined in one function by page.py. */
const data = JSON.parse(document.getElementById("data").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const LIGHT = ["#1f5fbf", "#d9731a", "#2a8f6a", "#8d4fc4", "#c23a5e", "#0f8ca3", "#a07a10", "#5c6bc0", "#7a5b4b", "#8a94a3"];
const DARK = ["#6ea8ff", "#f5a25d", "#5fd0a4", "#c79bf2", "#ff8ba7", "#58cbe0", "#e0c057", "#a5b0f5", "#c9a593", "#9aa5b5"];
const LEVELS = { alert: "#d98b16", medium: "#dd5a1c", high: "#cc2230" };
const DAY_S = 86400;
const node = (tag, words, name) => {
  const made = document.createElement(tag);
  if (words !== undefined && words !== null) made.textContent = words;
  if (name) made.className = name;
  return made;
};
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const font = (size) => `${size}px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`;
let printing = false;
const palette = () => (dark.matches && !printing ? DARK : LIGHT);

const grouped = (value, least, most) => value.toLocaleString("en-US", { minimumFractionDigits: least, maximumFractionDigits: most });
const minus = (words) => words.replace("-", "\u2212");
const FORMS = {
  usd: (v) => {
    const size = Math.abs(v), sign = v < 0 ? "\u2212" : "";
    if (size >= 1e9) return `${sign}$${grouped(size / 1e9, 2, 2)} bn`;
    return size >= 1e6 ? `${sign}$${grouped(size / 1e6, 1, 1)} m` : `${sign}$${grouped(size, 0, 0)}`;
  },
  money: (v) => minus(grouped(v, Number.isInteger(v) && Math.abs(v) > 999 ? 0 : 2, 4)),
  percent: (v) => minus(`${grouped(v, 2, 4)} %`),
  ratio: (v) => minus(`${grouped(v * 100, 2, 2)} %`),
  score: (v) => grouped(v, 1, 1),
};
const SHORT = {
  usd: (v) => {
    const size = Math.abs(v), sign = v < 0 ? "\u2212" : "";
    return v === 0 ? "0" : size >= 1e9 ? `${sign}$${grouped(size / 1e9, 0, 1)} bn` : size >= 1e6 ? `${sign}$${grouped(size / 1e6, 0, 1)} m` : `${sign}$${grouped(size, 0, 0)}`;
  },
  percent: (v) => minus(`${grouped(v, 0, 2)} %`),
  ratio: (v) => minus(`${grouped(v * 100, 0, 1)} %`),
  score: (v) => grouped(v, 0, 0),
};
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
