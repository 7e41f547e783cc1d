/* Draws the report's charts and tables from its data block. Text enters the page as text only, never as markup. */
"use strict";
(() => {
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
  const palette = () => (dark.matches ? DARK : LIGHT);

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
  const STEPS = [1, 2, 3, 5, 7, 10, 15, 30, 60, 90, 120, 180, 365, 730, 1825, 3650].map((each) => each * DAY_S);
  const days = (u, at, axis, space, step) => at.map((each, n) => {
    const day = new Date(each * 1000), year = day.getUTCFullYear(), month = MONTHS[day.getUTCMonth()];
    if (step >= 364 * DAY_S) return String(year);
    if (step >= 28 * DAY_S) return `${month} ${year}`;
    const turned = n === 0 || new Date(at[n - 1] * 1000).getUTCFullYear() !== year;
    return `${day.getUTCDate()} ${month}${turned ? `\n${year}` : ""}`;
  });

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

  function plan(chart) {
    const stacks = chart.series.filter((one) => one.kind === "stack");
    const sums = stacked(stacks, chart.x.length);
    const columns = [chart.x], shown = [{}];
    const colour = palette();
    const bars = uPlot.paths.bars({ size: [0.72, 46], align: 0 });
    stacks.map((one, n) => ({ one, n })).reverse().forEach(({ one, n }) => {
      columns.push(sums[n]);
      shown.push({ label: one.label, fill: colour[n % colour.length], stroke: colour[n % colour.length], width: 0, paths: bars, points: { show: false }, from: one, color: colour[n % colour.length] });
    });
    let lines = 0;
    const own = { line: stacks.length ? ink("--ink") : colour[0], low: "transparent", high: "transparent", told: "transparent" };
    [...chart.series.filter((one) => one.kind === "thin"), ...chart.series.filter((one) => one.kind !== "thin" && one.kind !== "stack")].forEach((one) => {
      const hue = one.kind === "thin" ? ink("--thin") : own[one.kind] ?? colour[(stacks.length + ++lines) % colour.length];
      columns.push(one.values);
      const few = chart.x.length < 60, part = one.kind === "part";
      shown.push({
        label: one.label, stroke: part ? `${hue}77` : hue, color: hue, from: one, scale: one.scale || "y", spanGaps: false,
        width: one.kind === "line" ? 2.5 : one.kind === "thin" || part ? 1 : 1.5, dash: one.kind === "dashed" ? [6, 4] : undefined,
        paths: one.kind === "dots" || one.kind === "told" ? () => null : undefined,
        points: { show: one.kind === "dots" || (few && (one.kind === "line" || one.kind === "dashed")), size: one.kind === "dots" && !few ? 4 : 6, fill: one.kind === "dots" ? ink("--card") : hue, stroke: hue, width: 2 },
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
      ctx.font = `${11 * ratio}px system-ui, sans-serif`;
      ctx.textAlign = "left";
      ctx.textBaseline = "alphabetic";
      for (const limit of chart.thresholds) {
        const y = Math.round(u.valToPos(limit.value, "y", true));
        if (y < bbox.top || y > bbox.top + bbox.height) continue;
        ctx.strokeStyle = ctx.fillStyle = ink("--med");
        ctx.lineWidth = ratio;
        ctx.setLineDash([3 * ratio, 3 * ratio]);
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
        ctx.setLineDash([]);
        const words = `${limit.label}${limit.label.includes("pts") ? "" : " " + SHORT[chart.unit](limit.value)}`;
        const foot = y - bbox.top < 16 * ratio ? y + 13 * ratio : y - 5 * ratio;
        ctx.fillStyle = ink("--card");
        ctx.fillRect(bbox.left + 4 * ratio, foot - 11 * ratio, ctx.measureText(words).width + 6 * ratio, 14 * ratio);
        ctx.fillStyle = ink("--med");
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

  const limits = (chart) => (u, low, high) => {
    if (low === null || high === null) return [0, 1];
    const values = chart.unit === "score" ? [0, 100] : [low, high, ...chart.thresholds.map((each) => each.value)];
    const bars = chart.series.some((one) => one.kind === "stack");
    const least = Math.min(...values, bars ? 0 : Infinity), most = Math.max(...values, bars ? 0 : -Infinity);
    const room = (most - least || Math.abs(most) || 1) * 0.08;
    if (chart.unit === "score") return [0, 100];
    return [least === 0 ? 0 : least - room, most + room];
  };

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
      const thin = near ? [shown[near]] : [];
      const rows = [...shown.filter((one) => one.from && one.from.kind !== "thin"), ...thin].filter((one) => one.from && value(one, n) !== null && value(one, n) !== undefined);
      const said = [chart.labels[n]];
      for (const one of rows.slice(0, 14)) {
        const row = node("div"), name = node("span"), dot = node("i");
        dot.style.background = one.color;
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

    const axis = (more) => ({ stroke: ink("--dim"), grid: { stroke: ink("--line"), width: 1 }, ticks: { stroke: ink("--line") }, font: "12px system-ui, sans-serif", ...more });
    const second = shown.some((one) => one.scale === "y2");
    const span = chart.x.length > 1 ? 0 : 30 * DAY_S;
    const pad = chart.series.some((one) => one.kind === "stack") ? Math.max(5 * DAY_S, chart.x.length > 1 ? (chart.x[chart.x.length - 1] - chart.x[0]) / chart.x.length / 1.4 : 0) : 2 * DAY_S;
    const whole = [chart.x[0] - pad - span, chart.x[chart.x.length - 1] + pad + span];
    const size = () => ({ width: Math.max(260, place.clientWidth), height: place.clientWidth < 560 ? 250 : 330 });
    const options = {
      ...size(), padding: [16, 8, 0, 0], tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      scales: { x: { time: true, range: (u, low, high) => (low === null || low === high ? whole : [low, high]) }, y: { range: limits(chart) }, y2: { range: (u, low, high) => (low === null ? [0, 1] : [Math.max(0, low - (high - low || low) * 0.4), high + (high - low || high) * 0.4]) } },
      axes: [axis({ values: days, space: 74, incrs: STEPS }), axis({ size: 66, values: (u, at) => at.map(SHORT[chart.unit]) }), ...(second ? [axis({ scale: "y2", side: 1, size: 58, grid: { show: false }, values: (u, at) => at.map(SHORT[chart.unit2]) })] : [])],
      series: shown.map((one, n) => (n ? { ...one, from: undefined } : one)), bands, legend: { show: false },
      cursor: { drag: { x: true, y: false }, focus: { prox: chart.series.some((one) => one.kind === "thin") ? 16 : -1 }, points: { show: false } }, focus: { alpha: 1 },
      hooks: { draw: [marks(chart)], setCursor: [tell], setSeries: [(u, n, o) => {
        if (o.focus === undefined) return;
        near = n && shown[n] && shown[n].from && shown[n].from.kind === "thin" ? n : null;
        shown.forEach((one, k) => { if (one.from && one.from.kind === "thin") { u.series[k].stroke = () => (k === near ? ink("--ink") : ink("--thin")); u.series[k].width = k === near ? 2 : 1; } });
        if (chart.series.some((one) => one.kind === "thin")) u.redraw(false);
      }] },
    };
    const u = new uPlot(options, columns, place);
    u.over.append(tip);
    const start = place.clientWidth < 560 && chart.x.length > 150 ? 366 : 0;
    u.setScale("x", { min: start ? whole[1] - start * DAY_S : whole[0], max: whole[1] });
    place.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
      if (!step && event.key !== "Home" && event.key !== "End" && event.key !== "Escape") return;
      event.preventDefault();
      if (event.key === "Escape") { u.setCursor({ left: -10, top: -10 }); return; }
      const last = chart.x.length - 1, from = u.cursor.idx ?? (step > 0 ? -1 : last + 1);
      let n = event.key === "Home" ? 0 : event.key === "End" ? last : Math.min(last, Math.max(0, from + step));
      if (!chart.labels[n]) n = Math.min(last, Math.max(0, n + Math.sign(step || 1)));
      u.setCursor({ left: u.valToPos(chart.x[n], "x"), top: u.over.clientHeight / 2 });
    });
    ranges(chart, u, whole, start);
    legend(chart, shown);
    return { u, size, place };
  }

  function ranges(chart, u, whole, start) {
    const tools = document.querySelector(`.tools[data-for="${chart.id}"]`);
    const choices = [["3 months", 92], ["1 year", 366], ["3 years", 1097], ["5 years", 1828], ["All", 0]].filter(([, days]) => !days || days * DAY_S < whole[1] - whole[0]);
    tools.replaceChildren();
    if (choices.length < 2) return;
    const buttons = choices.map(([words, days]) => {
      const button = node("button", words);
      button.type = "button";
      button.setAttribute("aria-pressed", String(days === start));
      button.addEventListener("click", () => {
        u.setScale("x", { min: days ? whole[1] - days * DAY_S : whole[0], max: whole[1] });
        buttons.forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
      });
      return button;
    });
    tools.append(...buttons);
  }

  function legend(chart, shown) {
    const place = document.getElementById(`l-${chart.id}`);
    place.replaceChildren();
    const thin = shown.filter((one) => one.from && one.from.kind === "thin");
    const named = shown.filter((one) => one.from && !["thin", "low", "high", "told"].includes(one.from.kind));
    const stacks = named.filter((one) => one.from.kind === "stack").reverse();
    for (const one of [...stacks, ...named.filter((each) => each.from.kind !== "stack")]) {
      const entry = node("span"), dot = node("i", null, one.from.kind === "stack" ? "" : "l");
      dot.style.background = one.color;
      entry.append(dot, node("bdi", one.label + (one.scale === "y2" ? " (right)" : "")));
      place.append(entry);
    }
    if (thin.length) {
      const entry = node("span"), dot = node("i", null, "l");
      dot.style.background = ink("--dim");
      entry.append(dot, node("span", `${thin.length} funds`));
      place.append(entry);
    }
    if (chart.alerts.length) place.append(node("span", "\u25BC alert"));
  }

  /* A table of columns and rows, sortable, filtered, a few hundred rows at a time. A cell is a value or [value, document]. */
  const PAGE = 200;
  const bare = (cell) => (Array.isArray(cell) ? cell[0] : cell);
  function table(section, place) {
    const tools = place.querySelector(".tabletools"), scroll = place.querySelector(".scroll");
    const { columns } = section.table;
    let rows = section.table.rows, sorted = null, up = true, wanted = "", count = PAGE;
    const find = node("input");
    find.type = "search";
    find.placeholder = "Find in the table";
    find.setAttribute("aria-label", "Find in the table");
    const told = node("span");
    tools.append(find, told);

    function documentOf(number, row) {
      const pair = data.documents[number];
      return pair ? [pair[0], pair[1].replaceAll("\u0001", row.day || "")] : ["", ""];
    }
    function cellOf(cell, kind, row) {
      const value = bare(cell);
      const td = node("td", null, kind === "words" ? "w" : kind === "text" ? "t" : kind === "day" ? "d" : "n");
      if (kind === "words") {
        const [, words] = documentOf(value, row);
        if (value !== null && words) td.append(node("q", words));
        else td.textContent = "\u2013";
        return td;
      }
      const shown = value === null || value === undefined || value === "" ? "\u2013" : FORMS[kind] ? FORMS[kind](value) : String(value);
      if (FORMS[kind] && value !== null && value !== undefined) td.dataset.value = String(value);
      const [url, words] = Array.isArray(cell) && cell[1] !== null ? documentOf(cell[1], row) : ["", ""];
      if (url.startsWith("https://")) {
        const a = node("a", shown);
        a.href = url;
        a.rel = "noopener noreferrer";
        a.target = "_blank";
        a.title = words;
        td.append(a);
      } else td.append(node("bdi", shown));
      return td;
    }
    function draw() {
      const asked = wanted.toLowerCase();
      let shown = asked ? rows.filter((row) => columns.some(([, kind], n) => String(kind === "words" ? documentOf(row[n], row)[1] : bare(row[n]) ?? "").toLowerCase().includes(asked))) : rows;
      if (sorted !== null) {
        const way = up ? 1 : -1;
        shown = [...shown].sort((a, b) => {
          const x = bare(a[sorted]), y = bare(b[sorted]);
          if (x === null || x === undefined || x === "") return 1;
          if (y === null || y === undefined || y === "") return -1;
          return way * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y)));
        });
      }
      const made = node("table"), head = node("tr");
      columns.forEach(([name, kind], n) => {
        const th = node("th", null, FORMS[kind] ? "n" : ""), button = node("button", name + (sorted === n ? (up ? " \u25B2" : " \u25BC") : ""));
        th.scope = "col";
        th.setAttribute("aria-sort", sorted === n ? (up ? "ascending" : "descending") : "none");
        button.type = "button";
        button.addEventListener("click", () => { up = sorted === n ? !up : !FORMS[kind]; sorted = n; draw(); scroll.querySelectorAll("th button")[n].focus(); });
        th.append(button);
        head.append(th);
      });
      const thead = node("thead"), body = node("tbody");
      thead.append(head);
      for (const row of shown.slice(0, count)) {
        const tr = node("tr");
        columns.forEach(([, kind], n) => tr.append(cellOf(row[n], kind, row)));
        body.append(tr);
      }
      made.append(thead, body);
      const parts = [made];
      if (shown.length > count) {
        const more = node("button", `Show ${Math.min(PAGE * 5, shown.length - count)} more of ${shown.length}`);
        more.type = "button";
        more.addEventListener("click", () => { count += PAGE * 5; draw(); });
        parts.push(more);
      }
      scroll.replaceChildren(...parts);
      told.textContent = `${shown.length} rows. ${section.table.note}`;
    }
    find.addEventListener("input", () => { wanted = find.value; count = PAGE; draw(); });
    return { tools, set(next) { rows = next; draw(); }, draw };
  }

  /* The funds of one day, from the columns kept by fund. */
  function fundRows(section, n) {
    const { labels } = section.chart;
    return Object.entries(section.table.funds).filter(([, fund]) => fund.discount[n] !== null || fund.why[n] !== null || fund.nav[n] !== null).map(([ticker, fund]) => {
      const nav = fund.nav[n] === null ? null : fund.navs[fund.nav[n]], day = fund.late[n] || labels[n];
      const row = [ticker, fund.name, [fund.discount[n], nav ? nav[4] : null], [fund.price[n], fund.paid[n]], fund.price[n] === null ? null : day, nav ? [nav[0], nav[4]] : null, nav ? nav[1] : null, nav ? nav[2] : null, nav ? nav[3] : null, fund.why[n] === null ? "" : fund.whys[fund.why[n]], nav ? nav[4] : null];
      row.day = day;
      return row;
    });
  }

  function funds(section, made) {
    const { labels } = section.chart, pick = node("select");
    pick.setAttribute("aria-label", "Day");
    labels.forEach((label, n) => { if (label) { const option = node("option", label); option.value = n; pick.prepend(option); } });
    pick.value = labels.length - 1;
    pick.addEventListener("change", () => made.set(fundRows(section, Number(pick.value))));
    made.tools.prepend(pick);
    made.set(fundRows(section, labels.length - 1));
  }

  const charts = [];
  function all() {
    charts.splice(0).forEach((each) => each && each.u.destroy());
    for (const chart of [data.composite, ...data.sections.map((each) => each.chart)]) charts.push(build(chart));
  }
  all();
  for (const section of data.sections) {
    const place = document.querySelector(`details.table[data-for="${section.chart.id}"]`);
    if (!place) continue;
    const first = () => {
      if (place.dataset.made) return;
      place.dataset.made = "yes";
      const made = table(section, place);
      if (section.table.funds) funds(section, made);
      else made.draw();
    };
    place.addEventListener("toggle", first);
    addEventListener("beforeprint", () => { place.open = true; first(); });
    if (place.open) first();
  }
  addEventListener("resize", () => charts.forEach((each) => each && each.u.setSize(each.size())));
  dark.addEventListener("change", all);
  document.documentElement.dataset.ready = "yes";
})();
