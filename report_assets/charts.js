/* The charts: what is drawn, its ranges, hover, keys and legend. */
/* Where the time axis is marked: at the periods themselves while they are few, else at months' or weeks' beginnings. */
const FEW = 26;
function marked(chart, u, low, high) {
  const most = Math.max(2, Math.floor((u.width - 120) / 82));
  const seen = chart.x.filter((at, n) => chart.labels[n] && at >= low && at <= high);
  if (seen.length && seen.length <= FEW) {
    const step = Math.ceil(seen.length / most);
    return seen.filter((_, n) => (seen.length - 1 - n) % step === 0);
  }
  const found = [], begin = new Date(low * 1000), months = (high - low) / (30.4 * DAY_S);
  if (months < 4) {
    const step = [7, 14, 28].find((each) => (high - low) / (each * DAY_S) <= most) || 28;
    const monday = (Math.floor(low / DAY_S) + 7 - ((Math.floor(low / DAY_S) + 3) % 7)) * DAY_S;
    for (let at = monday; at <= high; at += step * DAY_S) found.push(at);
    return found;
  }
  const step = [1, 2, 3, 6, 12, 24, 60].find((each) => months / each <= most) || 120;
  for (let month = begin.getUTCFullYear() * 12 + begin.getUTCMonth(); ; month += 1) {
    const at = Date.UTC(Math.floor(month / 12), month % 12, 1) / 1000;
    if (at > high) return found;
    if (at >= low && month % step === 0) found.push(at);
  }
}
const named = (chart) => (u, at) => {
  const places = new Map(chart.x.map((each, n) => [each, chart.labels[n]]));
  const { min, max } = u.scales.x, few = chart.x.filter((each, n) => chart.labels[n] && each >= min && each <= max).length <= FEW;
  const wide = max - min > 4 * 30.4 * DAY_S;
  return at.map((each, n) => {
    if (few) return places.get(each) || "";
    const day = new Date(each * 1000), year = day.getUTCFullYear(), month = MONTHS[day.getUTCMonth()];
    const turned = n === 0 || new Date(at[n - 1] * 1000).getUTCFullYear() !== year;
    return `${wide ? month : `${day.getUTCDate()} ${month}`}${turned ? `\n${year}` : ""}`;
  });
};

/* Stacked values as cumulative ones, falls below zero apart from rises above it; the outermost is drawn first. */
function stacked(series, length) {
  const up = new Array(length).fill(0), down = new Array(length).fill(0);
  return series.map((one) => one.values.map((value, n) => {
    if (value === null) return null;
    const sums = value < 0 ? down : up;
    sums[n] += value;
    return sums[n];
  }));
}

/* What the legend switches: a series by its name, the thin lines and the band as one. */
const nameOf = (one) => (one.kind === "thin" ? "\u0001thin" : one.kind === "low" || one.kind === "high" ? "\u0001band" : one.label);
function hueOf(chart, one, colour, stacks) {
  if (one.kind === "thin") return ink("--thin");
  if (one.kind === "low" || one.kind === "high" || one.kind === "told") return "transparent";
  if (one.kind === "stack") return one.label.endsWith(" others") || one.label === "1 other" ? colour[9] : colour[stacks.indexOf(one) % 9];
  if (one.kind === "line") return stacks.length ? ink("--ink") : colour[0];
  if (one.kind === "dots") return ink("--ink");
  const lines = chart.series.filter((each) => ["dashed", "part"].includes(each.kind));
  return colour[(stacks.length + 1 + lines.indexOf(one)) % 9];
}

function plan(chart) {
  const seen = chart.series.filter((one) => !chart.hidden.has(nameOf(one)));
  const all = chart.series.filter((one) => one.kind === "stack"), stacks = seen.filter((one) => one.kind === "stack");
  const sums = stacked(stacks, chart.x.length);
  const columns = [chart.x], shown = [{}];
  const colour = palette();
  const bars = uPlot.paths.bars({ size: [0.72, 46], align: 0 });
  stacks.map((one, n) => ({ one, n })).reverse().forEach(({ one, n }) => {
    const hue = hueOf(chart, one, colour, all);
    columns.push(sums[n]);
    shown.push({ label: one.label, fill: hue, stroke: hue, width: 0, paths: bars, points: { show: false }, from: one, color: hue });
  });
  [...seen.filter((one) => one.kind === "thin"), ...seen.filter((one) => one.kind !== "thin" && one.kind !== "stack")].forEach((one) => {
    const hue = hueOf(chart, one, colour, all);
    columns.push(one.values);
    const few = chart.x.length < 60, part = one.kind === "part";
    shown.push({
      label: one.label, stroke: part ? `${hue}99` : hue, color: hue, from: one, scale: one.scale || "y", spanGaps: false,
      width: one.kind === "line" ? 2.5 : one.kind === "thin" || part ? 1 : 1.5, dash: one.kind === "dashed" ? [6, 4] : undefined,
      paths: one.kind === "dots" || one.kind === "told" ? () => null : undefined,
      points: { show: one.kind === "dots" || (few && (one.kind === "line" || one.kind === "dashed")), size: one.kind === "dots" ? (few ? 9 : 5) : 6, fill: one.kind === "dots" ? ink("--card") : hue, stroke: hue, width: 2 },
    });
  });
  const low = shown.findIndex((one) => one.from && one.from.kind === "low"), high = shown.findIndex((one) => one.from && one.from.kind === "high");
  return { columns, shown, bands: low > 0 && high > 0 ? [{ series: [high, low], fill: ink("--band") }] : [] };
}

/* Thresholds and alert marks, over the drawn series. */
function marks(chart) {
  return (u) => {
    const { ctx, bbox } = u, ratio = devicePixelRatio || 1;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top - 14 * ratio, bbox.width, bbox.height + 14 * ratio);
    ctx.clip();
    ctx.font = `600 ${font(11 * ratio)}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    const told = [];
    for (const limit of chart.thresholds) {
      const y = Math.round(u.valToPos(limit.value, "y", true));
      if (y < bbox.top || y > bbox.top + bbox.height) continue;
      const newest = u.valToPos(chart.x[chart.x.length - 1], "x", true);
      const right = bbox.left + bbox.width, left = limit.newest ? Math.max(bbox.left, Math.min(newest - 34 * ratio, right - 60 * ratio)) : bbox.left;
      ctx.strokeStyle = ctx.fillStyle = ink("--med");
      ctx.lineWidth = limit.newest ? 2 * ratio : ratio;
      ctx.setLineDash([4 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(left, y);
      ctx.lineTo(right, y);
      ctx.stroke();
      ctx.setLineDash([]);
      if (limit.newest || u.width < 560) continue;
      const words = limit.label, foot = y - bbox.top < 16 * ratio || told.some((each) => Math.abs(each - y) < 14 * ratio) ? y + 13 * ratio : y - 5 * ratio;
      told.push(y);
      ctx.lineJoin = "round";
      ctx.lineWidth = 4 * ratio;
      ctx.strokeStyle = ink("--card");
      ctx.strokeText(words, bbox.left + 7 * ratio, foot);
      ctx.fillText(words, bbox.left + 7 * ratio, foot);
    }
    const seen = new Map();
    for (const alert of chart.alerts) {
      const order = Object.keys(LEVELS), kept = seen.get(alert.at);
      if (!kept || order.indexOf(alert.level) > order.indexOf(kept)) seen.set(alert.at, alert.level);
    }
    for (const [at, level] of seen) {
      const x = u.valToPos(chart.x[at], "x", true);
      ctx.fillStyle = LEVELS[level];
      ctx.beginPath();
      ctx.moveTo(x - 5 * ratio, bbox.top - 10 * ratio);
      ctx.lineTo(x + 5 * ratio, bbox.top - 10 * ratio);
      ctx.lineTo(x, bbox.top - 1 * ratio);
      ctx.fill();
    }
    ctx.restore();
  };
}

/* The range of the funds' thin lines that most of them keep to; what lies outside is named under the chart. */
function fences(chart, u) {
  const thin = chart.series.filter((one) => one.kind === "thin"), [first, last] = u.series[0].idxs || [0, chart.x.length - 1];
  if (!thin.length || chart.whole || chart.hidden.has("\u0001thin")) return null;
  const step = Math.max(1, Math.floor((last - first) / 120)), values = [];
  for (const one of thin) for (let n = last; n >= first; n -= step) if (one.values[n] !== null) values.push(one.values[n]);
  if (values.length < 8) return null;
  values.sort((a, b) => a - b);
  const low = values[Math.floor(values.length / 4)], high = values[Math.floor(values.length * 3 / 4)], reach = 2 * (high - low) || Math.abs(high) || 1;
  const inside = values.filter((each) => each >= low - reach && each <= high + reach);
  return { low: inside[0], high: inside[inside.length - 1], first, last, thin };
}

const limits = (chart) => (u, low, high) => {
  if (chart.unit === "score") return [0, 100];
  if (low === null || high === null) return [0, 1];
  const fence = fences(chart, u), inside = [];
  if (fence) {
    inside.push(fence.low, fence.high);
    for (const one of chart.series) if (one.kind !== "thin" && !chart.hidden.has(nameOf(one))) for (let n = fence.first; n <= fence.last; n += 1) if (one.values[n] !== null) inside.push(one.values[n]);
    outside(chart, fence);
  } else {
    inside.push(low, high);
    outside(chart, null);
  }
  let least = Math.min(...inside), most = Math.max(...inside);
  /* The nearest threshold is always in view, a further one once the one before it has been crossed. */
  const near = [...chart.thresholds].sort((a, b) => Math.abs(a.value - (least + most) / 2) - Math.abs(b.value - (least + most) / 2));
  for (const limit of near) {
    const crossed = limit.value >= least && limit.value <= most;
    least = Math.min(least, limit.value);
    most = Math.max(most, limit.value);
    if (!crossed && !limit.newest) break;
  }
  if (chart.series.some((one) => one.kind === "stack")) { least = Math.min(least, 0); most = Math.max(most, 0); }
  const room = (most - least || Math.abs(most) || 1) * 0.07;
  const above = chart.series.some((one) => one.scale === "y2" && !chart.hidden.has(nameOf(one))) ? (most - least) * 0.38 : room;
  return [least === 0 ? 0 : least - room, most === 0 ? room : most + above];
};

function outside(chart, fence) {
  const note = document.querySelector(`#l-${chart.id} .outside`);
  if (!note) return;
  const names = fence ? fence.thin.filter((one) => { for (let n = fence.first; n <= fence.last; n += 1) if (one.values[n] !== null && (one.values[n] < fence.low || one.values[n] > fence.high)) return true; return false; }).map((one) => one.label) : [];
  const words = `Outside the range drawn at times: ${names.slice(0, 6).join(", ")}${names.length > 6 ? ` and ${names.length - 6} more` : ""}.`;
  note.hidden = !names.length && !chart.whole;
  note.firstChild.textContent = names.length ? `${words} ` : "";
  note.lastChild.textContent = chart.whole ? "Fit most funds" : "Fit every fund";
}

function build(chart, onDay) {
  const place = document.getElementById(`c-${chart.id}`);
  if (!place || !chart.x.length) return null;
  const { columns, shown, bands } = plan(chart);
  const tip = node("div", null, "tip"), live = document.getElementById(`v-${chart.id}`);
  tip.hidden = true;
  let chosen = null, near = null;
  const value = (one, n) => one.from.values[n];
  const form = (one) => (one.scale === "y2" ? FORMS[chart.unit2] : FORMS[chart.unit]);

  function tell(u) {
    const n = u.cursor.idx;
    if (n === null || n === undefined || !chart.labels[n] || (u.cursor.left < 0)) { tip.hidden = true; return; }
    tip.replaceChildren(node("h4", chart.labels[n]));
    const thin = near ? [shown[near]] : [], stacks = shown.filter((one) => one.from && one.from.kind === "stack");
    const rows = [...thin, ...stacks, ...shown.filter((one) => one.from && one.from.kind !== "thin" && one.from.kind !== "stack")].filter((one) => one.from && value(one, n) !== null && value(one, n) !== undefined);
    const said = [chart.labels[n]];
    for (const one of rows.slice(0, 14)) {
      const row = node("div"), name = node("span"), dot = node("i");
      dot.style.background = one === thin[0] ? ink("--ink") : one.color;
      name.append(dot, node("bdi", one.label));
      row.append(name, node("b", form(one)(value(one, n))));
      tip.append(row);
      said.push(`${one.label} ${form(one)(value(one, n))}`);
    }
    for (const alert of chart.alerts.filter((each) => each.at === n)) {
      tip.append(node("p", `${alert.level}: ${alert.words}`));
      said.push(`${alert.level}: ${alert.words}`);
    }
    if (document.activeElement === place) live.textContent = said.join(", ");
    tip.hidden = false;
    const width = u.over.clientWidth, left = u.cursor.left;
    tip.style.left = `${Math.max(0, left > width / 2 ? left - tip.offsetWidth - 14 : left + 14)}px`;
    tip.style.top = "4px";
    if (onDay && chosen !== n) { chosen = n; onDay(n); }
  }

  const axis = (more) => ({ stroke: ink("--dim"), grid: { stroke: ink("--line"), width: 1 }, ticks: { stroke: ink("--line"), size: 5 }, font: font(12), ...more });
  const second = shown.some((one) => one.scale === "y2"), narrow = place.clientWidth < 560;
  const bars = chart.series.some((one) => one.kind === "stack");
  const span = chart.x.length > 1 ? 0 : 30 * DAY_S;
  const pad = bars ? Math.max(5 * DAY_S, chart.x.length > 1 ? (chart.x[chart.x.length - 1] - chart.x[0]) / chart.x.length / 1.4 : 0) : chart.x.length < 5 ? DAY_S / 2 : 2 * DAY_S;
  const whole = [chart.x[0] - pad - span, chart.x[chart.x.length - 1] + pad + span];
  const size = () => ({ width: Math.max(260, place.clientWidth), height: place.clientWidth < 560 ? 260 : 340 });
  /* The second scale keeps to the upper quarter, over the bars. */
  const upper = (u, low, high) => { if (low === null) return [0, 1]; const room = Math.max(high - low, 0.4); return [low - room * 3.6, high + room * 0.35]; };
  const least = () => Math.min(...chart.series.filter((one) => one.scale === "y2").flatMap((one) => one.values.filter((each) => each !== null)));
  const options = {
    ...size(), padding: [18, second ? 4 : narrow ? 20 : 30, 0, 0], tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
    scales: { x: { time: true, range: (u, low, high) => (low === null || low === high || (low === chart.x[0] && high === chart.x[chart.x.length - 1]) ? whole : [low, high]) }, y: { range: limits(chart) }, y2: { range: upper } },
    axes: [
      axis({ splits: (u, n, low, high) => marked(chart, u, low, high), values: named(chart), size: 44 }),
      axis({ size: narrow ? 58 : 68, values: (u, at) => at.map(SHORT[chart.unit]) }),
      ...(second ? [axis({ scale: "y2", side: 1, size: narrow ? 48 : 56, grid: { show: false }, filter: (u, at) => at.map((each) => (each >= least() - 0.3 ? each : null)), values: (u, at) => at.map((each) => (each === null ? "" : SHORT[chart.unit2](each))) })] : []),
    ],
    series: shown.map((one, n) => (n ? { ...one, from: undefined } : one)), bands, legend: { show: false },
    cursor: { drag: { x: true, y: false, dist: 8 }, focus: { prox: shown.some((one) => one.from && one.from.kind === "thin") ? 16 : -1 }, points: { show: false } }, focus: { alpha: 1 },
    hooks: { draw: [marks(chart)], setCursor: [tell], setSelect: [(u) => { if (u.select.width) { chart.range = "own"; pressed(chart); } }], setScale: [(u, key) => {
      if (key === "x" && chart.range === "own" && u.scales.x.min === whole[0] && u.scales.x.max === whole[1]) { chart.range = 0; pressed(chart); }
    }], setSeries: [(u, n, o) => {
      if (o.focus === undefined) return;
      near = n && shown[n] && shown[n].from && shown[n].from.kind === "thin" ? n : null;
      shown.forEach((one, k) => { if (one.from && one.from.kind === "thin") { u.series[k].stroke = () => (k === near ? ink("--ink") : ink("--thin")); u.series[k].width = k === near ? 2 : 1; } });
      if (chart.series.some((one) => one.kind === "thin")) u.redraw(false);
    }] },
  };
  const u = new uPlot(options, columns, place);
  u.over.append(tip);
  if (chart.range === undefined) chart.range = chart.x.length > 150 && (narrow || bars) ? 366 : 0;
  u.setScale("x", typeof chart.range === "number" ? { min: chart.range ? whole[1] - chart.range * DAY_S : whole[0], max: whole[1] } : chart.range === "own" ? chart.own : { min: whole[0], max: whole[1] });
  place.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    if (!step && event.key !== "Home" && event.key !== "End" && event.key !== "Escape") return;
    event.preventDefault();
    if (event.key === "Escape") { u.setCursor({ left: -10, top: -10 }); return; }
    const last = chart.x.length - 1, from = u.cursor.idx ?? (step > 0 ? -1 : last + 1);
    let n = event.key === "Home" ? 0 : event.key === "End" ? last : Math.min(last, Math.max(0, from + step));
    if (!chart.labels[n]) n = Math.min(last, Math.max(0, n + Math.sign(step || 1)));
    u.setCursor({ left: u.valToPos(chart.x[n], "x"), top: u.over.clientHeight / 2 });
  };
  ranges(chart, u, whole);
  return { chart, u, size };
}

const CHOICES = [["3 months", 92], ["1 year", 366], ["3 years", 1097], ["5 years", 1828], ["All", 0]];
function ranges(chart, u, whole) {
  const tools = document.querySelector(`.tools[data-for="${chart.id}"]`);
  const apart = (whole[1] - whole[0]) / chart.x.length;
  const choices = CHOICES.filter(([, days]) => !days || (days * DAY_S < 0.95 * (whole[1] - whole[0]) && days * DAY_S > 3 * apart));
  tools.replaceChildren();
  if (choices.length < 2) return;
  tools.setAttribute("role", "group");
  tools.setAttribute("aria-label", "Range");
  for (const [words, days] of choices) {
    const button = node("button", words);
    button.type = "button";
    button.dataset.days = days;
    button.addEventListener("click", () => {
      chart.range = days;
      u.setScale("x", { min: days ? whole[1] - days * DAY_S : whole[0], max: whole[1] });
      pressed(chart);
    });
    tools.append(button);
  }
  pressed(chart);
}
function pressed(chart) {
  const buttons = document.querySelectorAll(`.tools[data-for="${chart.id}"] button`);
  buttons.forEach((each) => each.setAttribute("aria-pressed", String(Number(each.dataset.days) === chart.range)));
}

/* The legend: every entry is a switch; thresholds and alert levels are told beside them. */
function legend(chart, again) {
  const place = document.getElementById(`l-${chart.id}`), colour = palette();
  const stacks = chart.series.filter((one) => one.kind === "stack"), thin = chart.series.filter((one) => one.kind === "thin");
  const lines = chart.series.filter((one) => ["line", "dashed", "part", "dots"].includes(one.kind));
  const entry = (name, words, style, hue) => {
    const button = node("button"), mark = node("i", null, style);
    button.type = "button";
    button.setAttribute("aria-pressed", String(!chart.hidden.has(name)));
    mark.style.color = hue;
    button.append(mark, node("bdi", words));
    button.addEventListener("click", () => {
      if (!chart.hidden.delete(name)) chart.hidden.add(name);
      button.setAttribute("aria-pressed", String(!chart.hidden.has(name)));
      again(chart);
    });
    place.append(button);
  };
  place.replaceChildren();
  for (const one of [...lines, ...stacks]) {
    entry(one.label, one.label + (one.scale === "y2" ? " (right axis)" : ""), { stack: "", dots: "o", dashed: "d" }[one.kind] ?? "l", hueOf(chart, one, colour, stacks));
  }
  if (chart.series.some((one) => one.kind === "low")) entry("\u0001band", "First to ninth decile", "b", ink("--accent"));
  if (thin.length) entry("\u0001thin", `${thin.length} funds, one line each`, "l", ink("--dim"));
  for (const limit of chart.thresholds) {
    const told = node("span"), mark = node("i", null, "d");
    mark.style.color = ink("--med");
    told.append(mark, node("span", limit.told || `${limit.label} ${SHORT[chart.unit](limit.value)}`));
    place.append(told);
  }
  for (const [level, hue] of Object.entries(LEVELS)) {
    if (!chart.alerts.some((each) => each.level === level)) continue;
    const told = node("span"), mark = node("i", null, "t");
    mark.style.color = hue;
    told.append(mark, node("span", level === "alert" ? "alert" : `alert: ${level}`));
    place.append(told);
  }
  if (thin.length) {
    const note = node("p", null, "outside"), button = node("button", "Fit every fund");
    button.type = "button";
    button.addEventListener("click", () => { chart.whole = !chart.whole; again(chart); });
    note.append(node("span"), button);
    note.hidden = true;
    place.append(note);
  }
}
