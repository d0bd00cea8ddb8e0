// The pictures of a container whose key begins with "zoom" are looked at as one: enlarged together, moved together.
// pages.css draws what is kept here, by the class of the key, so that a page that is drawn again shows it again.
// No tag may stand in here as text: what cleans the pages of foreign tags would leave the whole script out.
(() => {
  if (window.zoomed) return;
  const KEY = "st-key-zoom", WHOLE = { zoom: 1, x: 0, y: 0 }, MOST = 8, STEP = 0.15;
  const states = (window.zoomed = new Map());
  const rules = document.head.appendChild(document.createElement("style"));
  const touching = new Map();

  const groupOf = (target) => target.closest?.(`[class*="${KEY}"]`);
  const nameOf = (group) => [...group.classList].find((one) => one.startsWith(KEY)).replace(/_more$/, "");
  const stateOf = (group) => states.get(nameOf(group)) ?? WHOLE;
  const show = (group, { zoom, x, y }) => {
    const bounded = Math.min(MOST, Math.max(1, zoom));
    const within = (place) => Math.min(1 - 1 / bounded, Math.max(0, place));
    if (bounded === 1) states.delete(nameOf(group));
    else states.set(nameOf(group), { zoom: bounded, x: within(x), y: within(y) });
    rules.textContent = [...states]
      .map(([name, { zoom, x, y }]) =>
        `.${name}, .${name}_more { --zoom: ${zoom}; --x: ${x}; --y: ${y}; --hold: none; --hand: grab; }`)
      .join("\n");
  };
  // `at` are shares of the frame, from its upper left corner: what lies there stays there
  const enlarge = (group, factor, at = { x: 0.5, y: 0.5 }) => {
    const { zoom, x, y } = stateOf(group);
    const next = Math.min(MOST, Math.max(1, zoom * factor));
    show(group, { zoom: next, x: x + at.x / zoom - at.x / next, y: y + at.y / zoom - at.y / next });
  };
  const move = (group, right, down) => {
    const { zoom, x, y } = stateOf(group);
    show(group, { zoom, x: x + right / zoom, y: y + down / zoom });
  };
  const frameOf = (picture, group) => {
    const { left, top, width, height } = picture.getBoundingClientRect();
    const { zoom, x, y } = stateOf(group);
    return { left: left + x * width, top: top + y * height, width: width / zoom, height: height / zoom };
  };
  const placeOf = (event, group) => {
    const frame = frameOf(event.target, group);
    return { x: (event.clientX - frame.left) / frame.width, y: (event.clientY - frame.top) / frame.height };
  };
  const on = (kind, act, how) =>
    document.addEventListener(kind, (event) => {
      const group = groupOf(event.target);
      if (group) act(event, group, event.target.matches('[data-testid="stImage"] img'));
    }, how);

  on("click", (event, group) => {
    const factor = Number(event.target.dataset?.zoom);
    if (factor) enlarge(group, factor);
    else if (factor === 0) show(group, WHOLE);
  });
  on("dblclick", (event, group, isPicture) => {
    if (isPicture) stateOf(group).zoom < MOST ? enlarge(group, 2, placeOf(event, group)) : show(group, WHOLE);
  });
  on("wheel", (event, group, isPicture) => {
    if (!isPicture || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    enlarge(group, Math.exp(-event.deltaY / 200), placeOf(event, group));
  }, { passive: false });
  on("keydown", (event, group) => {
    if (!event.target.matches(".zoom-bar") || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      "+": () => enlarge(group, 2), "=": () => enlarge(group, 2), "-": () => enlarge(group, 0.5),
      0: () => show(group, WHOLE),
      ArrowLeft: () => move(group, -STEP, 0), ArrowRight: () => move(group, STEP, 0),
      ArrowUp: () => move(group, 0, -STEP), ArrowDown: () => move(group, 0, STEP),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });
  on("dragstart", (event, group, isPicture) => isPicture && event.preventDefault());
  on("pointerdown", (event, group, isPicture) => {
    if (!isPicture || event.button) return;
    touching.set(event.pointerId, { x: event.clientX, y: event.clientY, group });
    if (stateOf(group).zoom > 1) event.target.setPointerCapture(event.pointerId);
  });
  on("pointermove", (event, group, isPicture) => {
    const last = touching.get(event.pointerId);
    if (!isPicture || !last || last.group !== group) return;
    const now = { x: event.clientX, y: event.clientY, group };
    const frame = frameOf(event.target, group);
    const other = [...touching].find(([id, one]) => id !== event.pointerId && one.group === group)?.[1];
    if (other) {
      const apart = (one) => Math.hypot(one.x - other.x, one.y - other.y) || 1;
      const middle = { clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2, target: event.target };
      enlarge(group, apart(now) / apart(last), placeOf(middle, group));
    }
    const share = other ? 2 : 1;
    move(group, (last.x - now.x) / frame.width / share, (last.y - now.y) / frame.height / share);
    touching.set(event.pointerId, now);
  });
  for (const kind of ["pointerup", "pointercancel"])
    document.addEventListener(kind, (event) => touching.delete(event.pointerId));
})();
