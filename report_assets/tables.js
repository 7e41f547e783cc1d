/* The tables. Text enters the page as text only, never as markup. */
/* A table of columns and rows, sortable, filtered, a few hundred rows at a time. A cell is a value or [value, document]. */
const PAGE = 200, PRINTED = 25;
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
  function linked(url, shown, words) {
    const a = node("a", shown);
    a.href = url;
    a.rel = "noopener noreferrer";
    a.target = "_blank";
    a.title = words;
    return a;
  }
  function cellOf(cell, kind, row) {
    const value = bare(cell);
    const td = node("td", null, { words: "w", text: "t", wide: "t x", day: "d", level: "d" }[kind] || "n");
    if (kind === "words") {
      const [url, words] = documentOf(value, row);
      if (value !== null && words) td.append(node("q", words));
      else if (url.startsWith("https://")) td.append(linked(url, "document", ""));
      else td.textContent = "\u2013";
      return td;
    }
    if (kind === "level") { td.append(node("span", value, `badge ${value}`)); return td; }
    const shown = value === null || value === undefined || value === "" ? "\u2013" : FORMS[kind] ? FORMS[kind](value) : String(value);
    if (FORMS[kind] && value !== null && value !== undefined) td.dataset.value = String(value);
    const [url, words] = Array.isArray(cell) && cell[1] !== null ? documentOf(cell[1], row) : ["", ""];
    td.append(url.startsWith("https://") && shown !== "\u2013" ? linked(url, shown, words) : node("bdi", shown));
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
      const th = node("th", null, FORMS[kind] || kind === "right" ? "n" : ""), button = node("button", name + (sorted === n ? (up ? " \u25B2" : " \u25BC") : ""));
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
    told.textContent = `${shown.length} ${shown.length === 1 ? "row" : "rows"}. ${section.table.note}`;
    scroll.classList.toggle("cut", shown.length > PRINTED);
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
