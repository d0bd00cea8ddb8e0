// Two buttons on the chart that is pointed at or has the focus: the chart as it is, as PNG and as SVG.
// No tag may stand in here as text: what cleans the pages of foreign tags would leave the whole script out.
(() => {
  if (window.chartFiles) return;
  const FRAME = '[data-testid="stFullScreenFrame"], [data-testid="stPlotlyChart"]';
  const bar = (window.chartFiles = document.createElement("div"));
  bar.className = "chart-files";
  let chart = null;

  const made = (kind, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const drawing = () => {
    const { width, height } = chart.getBoundingClientRect();
    const fill = getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor;
    const whole = made("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
    whole.append(made("rect", { width, height, fill }));
    for (const layer of chart.querySelectorAll(".main-svg"))
      whole.append(...[...layer.children].map((one) => one.cloneNode(true)));
    return { text: new XMLSerializer().serializeToString(whole), width, height };
  };
  const save = (blob, ending) => {
    const keyed = chart.closest('[class*="st-key-"]');
    const key = keyed && [...keyed.classList].find((one) => one.startsWith("st-key-")).slice(7);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${key || "chart"}.${ending}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const files = {
    PNG: () => {
      const { text, width, height } = drawing();
      const picture = new Image();
      picture.onload = () => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [2 * width, 2 * height];
        canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
        canvas.toBlob((blob) => save(blob, "png"));
      };
      picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    },
    SVG: () => save(new Blob([drawing().text], { type: "image/svg+xml" }), "svg"),
  };
  for (const [kind, make] of Object.entries(files)) {
    const button = document.createElement("button");
    button.textContent = kind;
    button.setAttribute("aria-label", `This chart as ${kind}`);
    button.onclick = make;
    bar.append(button);
  }
  const look = (event) => {
    if (bar.contains(event.target)) return;
    const frame = event.target.closest?.(FRAME);
    chart = frame?.querySelector(".js-plotly-plot") ?? null;
    if (chart) frame.append(bar);
    else bar.remove();
  };
  document.addEventListener("pointerover", look);
  document.addEventListener("focusin", look);
})();
