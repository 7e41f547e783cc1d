/* Draws everything, and again when the colours or the paper change. */
const charts = new Map();
function again(chart) {
  if (charts.has(chart.id)) {
    const { u } = charts.get(chart.id);
    if (chart.range === "own") chart.own = { min: u.scales.x.min, max: u.scales.x.max };
    u.destroy();
    charts.delete(chart.id);
  }
  const made = build(chart);
  if (made) charts.set(chart.id, made);
}
const drawn = [data.composite, ...data.sections.map((each) => each.chart)].filter((chart) => chart.x.length && document.getElementById(`c-${chart.id}`));
function all() {
  for (const chart of drawn) {
    legend(chart, again);
    again(chart);
  }
}
for (const chart of drawn) {
  chart.hidden = new Set();
  chart.series = chart.series.filter((one) => one.values.some((each) => each !== null));
}
const index = data.composite.series[0];
if (index.values.filter((each) => each !== null).length > 1) data.composite.series.slice(1).forEach((one) => data.composite.hidden.add(one.label));
all();
for (const section of [{ chart: { id: "alerts" }, table: data.alerts }, ...data.sections]) {
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
addEventListener("resize", () => charts.forEach((each) => each.u.setSize(each.size())));
dark.addEventListener("change", all);
for (const [name, now] of [["beforeprint", true], ["afterprint", false]]) addEventListener(name, () => { printing = now; if (dark.matches) all(); });
document.documentElement.dataset.ready = "yes";
