"""The style sheet of the report: sober, light, dark and on paper. Fonts are the reader's own; nothing is loaded."""

from galaxy_core.report.markup import Markup

STYLE = Markup("""
:root { color-scheme: light; --ink: #18202b; --faint: #5b6470; --rule: #c9ced6; --page: #ffffff; --heat-rgb: 47 119 176;
  --good: #00618f; --bad: #a8480a; }
@media screen and (prefers-color-scheme: dark) {
  :root { color-scheme: dark; --ink: #e3e8ef; --faint: #a3acb8; --rule: #3b434f; --page: #14181e;
    --heat-rgb: 70 140 200; --good: #6cb6ee; --bad: #f0a04b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 1080px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; font-weight: 600; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; padding-top: .5rem; font-weight: 600;
  border-top: 1px solid var(--rule); }
p { margin: .35rem 0; max-width: 80ch; overflow-wrap: anywhere; }
.note, figcaption, caption, .made { color: var(--faint); font-size: .87rem; }
nav ul { columns: 2; padding-left: 1.1rem; margin: .8rem 0; font-size: .93rem; }
a { color: inherit; text-underline-offset: 2px; }
.wide { overflow-x: auto; margin: .7rem 0; }
table { border-collapse: collapse; font-size: .84rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: .2rem 0; }
th, td { padding: .25rem .55rem .25rem 0; text-align: left; vertical-align: top; font-weight: 400; }
thead th { color: var(--faint); vertical-align: bottom; line-height: 1.25; border-bottom: 1px solid var(--ink); }
tbody tr + tr > * { border-top: 1px solid var(--rule); }
tbody th { overflow-wrap: anywhere; min-width: 6rem; }
.number { text-align: right; }
td.number, .interval { white-space: nowrap; }
table.words .number { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 4.5rem; }
table.long td.number { white-space: normal; }
table.long { font-size: .8rem; }
table.long :is(th, td) { padding-right: .6rem; }
table.long .interval { display: block; }
table.words caption { white-space: nowrap; }
table.long tbody th { min-width: 6.5rem; }
dl.facts { columns: 3 280px; column-gap: 2rem; font-size: .84rem; margin: .4rem 0 1rem; }
dl.facts div { display: flex; gap: .6rem; justify-content: space-between; break-inside: avoid; padding: .15rem 0;
  border-bottom: 1px solid var(--rule); }
dt { color: var(--faint); } dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
code { font-size: .8rem; overflow-wrap: anywhere; }
figure { margin: 1rem 0; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(290px, 1fr)); gap: .6rem 1.4rem; }
.panel { margin: .4rem 0; break-inside: avoid; }
.confusion table { table-layout: fixed; width: 100%; border-spacing: 1px; border-collapse: separate; }
.confusion :is(th, td) { border: 0; padding: .12rem 0; text-align: center; min-width: 0; }
.confusion td { color: var(--ink); }
.confusion td[style] { background: rgb(var(--heat-rgb) / var(--heat)); }
.confusion td.right { outline: 1px solid var(--faint); outline-offset: -1px; }
.maps :is(th, td) { text-align: center; padding: .45rem .3rem; line-height: 1.25; width: 144px; }
.maps img { display: block; margin: 0 auto 2px; }
.maps span { display: block; font-size: .8rem; }
.maps .right { color: var(--good); } .maps .wrong { color: var(--bad); }
.maps .blank { color: var(--faint); text-align: left; margin-bottom: .4rem; }
.maps tr { break-inside: avoid; }
.scale { max-width: none; font-size: .87rem; }
.scale img { vertical-align: -1px; }
.citations li { margin: .25rem 0; max-width: 85ch; }
@media print {
  :root { font-size: 11px; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  nav { display: none; }
  h2 { break-after: avoid; }
  .wide { overflow: visible; }
  table { font-size: 7.2pt; }
  table.long { font-size: 6.2pt; }
  :is(th, td) { padding-right: .3rem; }
  table.long :is(th, td) { padding-right: .2rem; }
  tbody th, table.long tbody th { min-width: 3rem; }
  .maps :is(th, td) { width: auto; padding: .3rem .1rem; }
  .maps img { width: 84px; height: 84px; }
  thead { display: table-header-group; }
  tr, figure, .scale { break-inside: avoid; }
  td.number { white-space: normal; }
  .panels { grid-template-columns: repeat(3, 1fr); }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@page { margin: 12mm; }
""")
