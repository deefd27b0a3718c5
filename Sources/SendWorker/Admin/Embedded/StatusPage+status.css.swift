// Generated from Sources/SendWorker/Admin/Page by Tests/Tools/embed-page.
// swift-format-ignore-file
extension StatusPage {
    static let statusCss = #"""
:root {
  color-scheme: light dark;
  --page: light-dark(#f4f6f8, #0e1116);
  --card: light-dark(#ffffff, #161b22);
  --sunk: light-dark(#f4f6f8, #0e1116);
  --text: light-dark(#18202a, #e4e8ee);
  --soft: light-dark(#546070, #9ba7b6);
  --line: light-dark(#dde2e8, #2a313b);
  --edge: light-dark(#7c8896, #6d7987);
  --link: light-dark(#1d5fa8, #82b4f5);
  --good: light-dark(#0c6b4c, #5fcb9d);
  --good-wash: light-dark(#e3f4ec, #12291f);
  --warn: light-dark(#855000, #e8b757);
  --warn-wash: light-dark(#fdf1d9, #2e2410);
  --bad: light-dark(#ad2018, #ff9187);
  --bad-wash: light-dark(#fde8e6, #351715);
  --plain-wash: light-dark(#eaeef2, #212832);
  --sent: light-dark(#2f7fc4, #4a94dd);
  --rejected: light-dark(#b98a1d, #d1a545);
  --failed: light-dark(#c8382e, #ea6a60);
  --expired: light-dark(#7b6bb5, #9a8bd6);
  --unknown: light-dark(#4d5866, #c3ccd8);
  --gap: 1rem;
}
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }

* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font: 0.875rem/1.45 Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant: tabular-nums no-contextual;
  -webkit-text-size-adjust: 100%;
}
h1, h2, h3, p, dl, dd, ul, fieldset { margin: 0; padding: 0; border: 0; }
ul { list-style: none; }
a { color: var(--link); }
button, input { font: inherit; color: inherit; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100rem; top: 0; padding: 0.5rem 1rem; background: var(--card); z-index: 1; }
.skip:focus { left: 0; }
.aside { color: var(--soft); font-size: 0.8125rem; }

.top, main, footer { max-width: 90rem; margin: 0 auto; padding: 0 1.5rem; }
.top { display: flex; flex-wrap: wrap; align-items: center; gap: 0.625rem 2rem; padding-block: 0.875rem; }
.brand { display: flex; align-items: center; gap: 0.625rem; }
h1 { font-size: 1.0625rem; font-weight: 650; letter-spacing: -0.01em; }
.facts { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; flex: 1; min-width: 0; }
.facts div { display: flex; gap: 0.4rem; min-width: 0; }
.facts dt { color: var(--soft); }
.facts dd { overflow-wrap: anywhere; }
.live { color: var(--soft); white-space: nowrap; }
.live::before { content: ""; display: inline-block; width: 0.5rem; height: 0.5rem; margin-right: 0.45rem; border-radius: 50%; background: var(--line); }
.is-live .live::before { background: var(--good); }
.is-stale .live::before { background: none; border: 2px solid var(--bad); border-radius: 0; }
.theme { display: flex; border: 1px solid var(--line); border-radius: 6px; background: var(--card); overflow: clip; }
.theme span { display: block; padding: 0.15rem 0.6rem; color: var(--soft); font-size: 0.8125rem; cursor: pointer; }
.theme input { position: absolute; opacity: 0; }
.theme input:checked + span { background: var(--plain-wash); color: var(--text); font-weight: 600; }
.theme input:focus-visible + span { outline: 2px solid var(--link); outline-offset: -2px; border-radius: 6px; }

main { display: grid; gap: var(--gap); }
.banner { padding: 0.75rem 1rem; border-radius: 8px; border: 1px solid; border-left-width: 5px; font-size: 1rem; }
.banner.bad { color: var(--bad); background: var(--bad-wash); }
.banner.warn { color: var(--warn); background: var(--warn-wash); }
.banner span, .banner p + p { color: var(--text); }

.verdict { display: flex; align-items: flex-start; gap: 0.75rem; }
.verdict h2 { font-size: 1.375rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.015em; }
.mark { flex: none; display: grid; place-items: center; width: 1.75rem; height: 1.75rem; border-radius: 50%; font-weight: 700; background: var(--plain-wash); color: var(--soft); }
.good .mark { background: var(--good-wash); color: var(--good); }
.warn .mark { background: var(--warn-wash); color: var(--warn); border-radius: 6px; }
.bad .mark { background: var(--bad-wash); color: var(--bad); border-radius: 0; }
.reasons { color: var(--soft); }
.bad .reasons { color: var(--bad); }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: clip; }
.figures div { padding: 0.75rem 1rem 0.8rem; box-shadow: 1px 1px 0 var(--line); display: grid; align-content: start; }
.figures dt { color: var(--soft); font-size: 0.8125rem; }
.figures dd { font-size: 1.625rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.02em; white-space: nowrap; }
.figures dd small { font-size: 0.875rem; font-weight: 500; letter-spacing: 0; color: var(--soft); }
.figures dd.note { font-size: 0.8125rem; font-weight: 400; letter-spacing: 0; color: var(--soft); white-space: normal; }

.columns { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 1fr); gap: var(--gap); align-items: start; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 0.875rem 1rem 1rem; min-width: 0; }
.stacked { display: grid; gap: var(--gap); }
.card > header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.375rem 1rem; margin-bottom: 0.625rem; }
.card h2 { font-size: 0.9375rem; font-weight: 650; }
.card > header .aside { overflow-wrap: anywhere; }

.chart { height: 9rem; }
.chart svg { display: block; width: 100%; height: 100%; overflow: visible; }
.chart text { fill: var(--soft); font-size: 11px; }
.chart .rule { stroke: var(--line); }
.chart .base { stroke: var(--edge); }
.chart .cell { fill: transparent; }
.chart .cell:hover { fill: var(--text); fill-opacity: 0.07; }
.chart .line { fill: none; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.fill-sent { fill: var(--sent); } .fill-rejected { fill: var(--rejected); } .fill-failed { fill: var(--failed); }
.fill-expired { fill: var(--expired); } .fill-unknown { fill: var(--unknown); }
.line-p50 { stroke: var(--sent); } .line-p99 { stroke: var(--failed); stroke-dasharray: 4 3; }
.swatch { display: inline-block; width: 1.1rem; margin: 0 0.3rem 0.25rem 0.5rem; border-top: 2px solid var(--sent); }
.swatch.p99 { border-top: 2px dashed var(--failed); }
.key { display: inline-block; vertical-align: baseline; width: 0.7rem; height: 0.7rem; margin-right: 0.5rem; border-radius: 2px; }
.key-sent { background: var(--sent); } .key-rejected { background: var(--rejected); } .key-failed { background: var(--failed); }
.key-expired { background: var(--expired); } .key-unknown { background: var(--unknown); }

table { width: 100%; border-collapse: collapse; }
caption { text-align: left; color: var(--soft); font-size: 0.8125rem; padding-bottom: 0.125rem; }
th, td { text-align: left; vertical-align: baseline; padding: 0.3rem 0.75rem 0.3rem 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: 0.8125rem; font-weight: 500; border-bottom: 1px solid var(--line); white-space: nowrap; }
tbody th { font-weight: inherit; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
.number { text-align: right; white-space: nowrap; }
.nil { color: var(--soft); }
#results-table, #latency-table { margin-top: 0.5rem; }
.scroll { overflow-x: auto; }
.wrap { overflow-wrap: anywhere; min-width: 12rem; }
.nowrap { white-space: nowrap; }
.sub { display: block; color: var(--soft); font-size: 0.8125rem; }
.empty { color: var(--soft); padding: 0.25rem 0; }
.tag { display: inline-block; padding: 0.05rem 0.45rem; border-radius: 4px; background: var(--plain-wash); white-space: nowrap; }
.tag::before { display: inline-block; margin-right: 0.35rem; font-weight: 700; }
.tag.good { background: var(--good-wash); color: var(--good); } .tag.good::before { content: "✓"; }
.tag.warn { background: var(--warn-wash); color: var(--warn); } .tag.warn::before { content: "!"; }
.tag.bad { background: var(--bad-wash); color: var(--bad); } .tag.bad::before { content: "×"; }
.state { margin-bottom: 0.625rem; }
.state .tag { margin-right: 0.5rem; }

.tally { display: flex; flex-wrap: wrap; gap: 0.375rem 1.25rem; padding-bottom: 0.625rem; }
.tally li { color: var(--soft); }
.tally b { color: var(--text); font-weight: 600; margin-right: 0.2rem; }
.tally .zero b { color: var(--soft); font-weight: 400; }

button { padding: 0.25rem 0.75rem; border: 1px solid var(--edge); border-radius: 6px; background: var(--card); cursor: pointer; }
button:hover { background: var(--plain-wash); }
button.id { padding: 0; border: 0; background: none; color: var(--link); text-decoration: underline; text-underline-offset: 2px; text-align: left; white-space: nowrap; }
.lookup { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; }
.lookup label { color: var(--soft); }
.lookup input { min-width: 0; padding: 0.25rem 0.5rem; border: 1px solid var(--edge); border-radius: 6px; background: var(--sunk); }
.problem { color: var(--bad); padding-bottom: 0.625rem; }
.account { background: var(--sunk); border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 1rem; margin-bottom: 0.75rem; }
.account header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
.account h3 { font-size: 1rem; font-weight: 650; overflow-wrap: anywhere; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 0.375rem 1.5rem; margin-top: 0.5rem; }
.pairs dt { color: var(--soft); font-size: 0.8125rem; }
.pairs dd { overflow-wrap: anywhere; }

.is-stale .verdict, .is-stale .figures, .is-stale .card { filter: grayscale(1); }
.is-stale .verdict h2::before { content: "Last known: "; color: var(--soft); font-weight: 400; }
.is-stale .figures, .is-stale .card { border-style: dashed; }
footer { color: var(--soft); padding-block: 1rem 1.5rem; font-size: 0.8125rem; }

@media (max-width: 64rem) {
  .columns { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 40rem) {
  :root { --gap: 0.75rem; }
  .top, main, footer { padding-inline: 0.75rem; }
  .facts { order: 3; flex-basis: 100%; gap: 0.125rem 1.25rem; }
  .live { margin-left: auto; }
  .figures { grid-template-columns: 1fr 1fr; }
  .figures dd { font-size: 1.375rem; }
  .card { padding: 0.75rem; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack, .stack tbody, .stack tr, .stack td, .stack th { display: block; }
  .stack tr { padding: 0.5rem 0; }
  .stack tbody tr + tr { border-top: 1px solid var(--line); }
  .stack tbody tr + tr > * { border-top: 0; }
  .stack tbody > tr > * { padding: 0.1rem 0; text-align: left; white-space: normal; display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); }
  .stack tbody > tr > *::before { content: attr(data-label); color: var(--soft); }
  .stack tbody > tr > [data-empty] { display: none; }
  .wrap { min-width: 0; }
  .wide { display: none; }
  .tag { justify-self: start; }
  button.id { justify-self: start; white-space: normal; overflow-wrap: anywhere; }
  .lookup input { flex: 1; }
}

"""#
}
