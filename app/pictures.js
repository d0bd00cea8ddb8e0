// The picture of the point that is pointed at, on a chart beside which hidden sheets of small pictures stand.
// A point's customdata begin with the number of its sheet and its place there, row by row.
// No tag may stand in here as text: what cleans the pages of foreign tags would leave the whole script out.
(() => {
  if (window.pictureOfPoint) return;
  const LARGE = 2;
  const shown = (window.pictureOfPoint = document.createElement("canvas"));
  shown.className = "picture-of-point";
  const hide = () => shown.remove();
  const show = (chart, { points: [point], event }) => {
    const [number, place] = point.customdata ?? [];
    const sheet = document.querySelectorAll(".picture-sheet")[number];
    if (!sheet?.complete) return;
    const side = Number(sheet.dataset.side), columns = Math.round(sheet.naturalWidth / side);
    shown.width = shown.height = LARGE * side;
    const [left, top] = [(place % columns) * side, Math.floor(place / columns) * side];
    shown.getContext("2d").drawImage(sheet, left, top, side, side, 0, 0, LARGE * side, LARGE * side);
    const { left: edge, right } = chart.getBoundingClientRect();
    const is_right = event.clientX > (edge + right) / 2;
    shown.style.left = `${event.clientX + (is_right ? -LARGE * side - 24 : 24)}px`;
    shown.style.top = `${Math.max(4, event.clientY - LARGE * side - 12)}px`;
    document.body.append(shown);
  };
  const follow = (event) => {
    const chart = event.target.closest?.('[class*="st-key-feature_map"] .js-plotly-plot');
    if (!chart) return hide();
    if (!chart.on || chart.hasPictures) return;
    chart.hasPictures = true;
    chart.on("plotly_hover", (about) => show(chart, about));
    chart.on("plotly_unhover", hide);
  };
  document.addEventListener("pointerover", follow);
  document.addEventListener("scroll", hide, true);
})();
