"use strict";
// Rasters and histograms of a report: zoom and step through time; tables that scroll show it. Everything is in the
// page; nothing is loaded.
(() => {
  const INK = "#222", QUIET = "#666";
  const MODES = { sampling: "#0072B2", map: "#009E73", likelihood: "#CC79A7", off: "#E69F00" };
  const LEFT = 58, RIGHT = 12, AXIS = 36;

  const make = (tag, attributes = {}, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };

  // Byte planes, zlib, base64: see `pack` in activity.py.
  async function unpack(text, width) {
    const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const planes = new Uint8Array(await new Response(stream).arrayBuffer());
    const n = planes.length / width, values = new Uint32Array(n);
    for (let p = width - 1; p >= 0; p--) for (let i = 0; i < n; i++) values[i] = values[i] * 256 + planes[p * n + i];
    return values;
  }

  const signed = (value, digits) => value.toFixed(digits).replace("-", "−");

  const firstAtLeast = (sorted, value) => {
    let low = 0, high = sorted.length;
    while (low < high) { const middle = (low + high) >> 1; if (sorted[middle] < value) low = middle + 1; else high = middle; }
    return low;
  };

  function ticks(low, high, wanted) {
    const raw = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
    return { found, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
  }

  const duration = (s) => s >= 7200 ? `${+(s / 3600).toFixed(2)} h` : s >= 120 ? `${+(s / 60).toFixed(2)} min`
    : s >= 1 ? `${+s.toFixed(2)} s` : `${+(s * 1000).toFixed(1)} ms`;

  function surface(canvas, height) {
    const width = canvas.parentElement.clientWidth, scale = Math.max(2, window.devicePixelRatio || 1);
    canvas.width = width * scale; canvas.height = height * scale;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = "12px system-ui, sans-serif";
    context.fillStyle = INK;
    return [context, width];
  }

  function axis(context, low, high, width, top, label) {
    const at = (value) => LEFT + (value - low) / (high - low) * (width - LEFT - RIGHT);
    const { found, digits } = ticks(low, high, Math.max(2, Math.floor(width / 110)));
    context.strokeStyle = INK; context.lineWidth = 1; context.textAlign = "center"; context.textBaseline = "top";
    context.beginPath(); context.moveTo(LEFT, top + 0.5); context.lineTo(width - RIGHT, top + 0.5);
    for (const value of found) { context.moveTo(at(value), top); context.lineTo(at(value), top + 4); }
    context.stroke();
    for (const value of found) context.fillText(signed(value, digits), at(value), top + 6);
    context.fillText(label, (LEFT + width - RIGHT) / 2, top + 21);
    return at;
  }

  function sideways(context, text, x, y) {
    context.save(); context.translate(x, y); context.rotate(-Math.PI / 2);
    context.textAlign = "center"; context.textBaseline = "middle"; context.fillText(text, 0, 0); context.restore();
  }

  const button = (bar, text, title, act) => {
    const made = make("button", { type: "button", title, "aria-label": title }, text);
    made.addEventListener("click", act); bar.append(made); return made;
  };

  async function raster(figure, data) {
    const populations = [];
    for (const p of data.populations) {
      const times = await unpack(p.steps, 4);
      for (let i = 1; i < times.length; i++) times[i] += times[i - 1];
      populations.push({ ...p, times, neurons: await unpack(p.neurons, 4), counts: await unpack(p.counts, 2) });
    }
    const whole = Math.max(data.stop - data.start, 1e-3);
    const finest = Math.max(...data.populations.map((p) => p.bin)) * 50;
    let from = data.start, span = whole;

    const bar = make("div", { class: "controls" });
    const canvas = make("canvas", { role: "img", "aria-label": "spikes of all recorded neurons over time" });
    const line = make("p", { class: "state", "aria-live": "polite" });
    const slider = make("input", { type: "range", min: 0, max: 1000, value: 0, "aria-label": "time", class: "time" });
    button(bar, "◀", "one window earlier", () => move(from - span, span));
    bar.append(slider);
    button(bar, "▶", "one window later", () => move(from + span, span));
    button(bar, "+", "zoom in", () => move(from + span * 3 / 8, span / 4));
    button(bar, "−", "zoom out", () => move(from - span * 3 / 2, span * 4));
    button(bar, "all", "the whole recording", () => move(data.start, whole));
    if (data.phases.length > 1) {
      const jump = make("select", { "aria-label": "go to a phase" });
      jump.append(make("option", { value: "" }, "go to …"));
      data.phases.slice(0, 200).forEach((p, k) => jump.append(make("option", { value: k },
        `${p.label || "phase"}, from ${duration(p.start)} (learning ${p.learning})`)));
      jump.addEventListener("change", () => {
        const phase = data.phases[jump.value];
        if (phase) move(phase.start, Math.min(phase.stop - phase.start, 10));
        jump.value = "";
      });
      bar.append(jump);
    }
    const box = make("div", { class: "plot" });
    box.append(canvas);
    figure.prepend(bar, box, line);
    slider.addEventListener("input", () => move(data.start + slider.value / 1000 * (whole - span), span));

    let grip = null;
    canvas.addEventListener("pointerdown", (e) => { grip = [e.clientX, from]; canvas.setPointerCapture(e.pointerId); });
    canvas.addEventListener("pointerup", () => { grip = null; });
    canvas.addEventListener("pointermove", (e) => {
      if (grip) move(grip[1] - (e.clientX - grip[0]) / (canvas.clientWidth - LEFT - RIGHT) * span, span);
    });
    canvas.addEventListener("dblclick", (e) => {
      const part = (e.offsetX - LEFT) / (canvas.clientWidth - LEFT - RIGHT);
      move(from + part * span - span / 8, span / 4);
    });

    function move(start, length) {
      span = Math.min(whole, Math.max(Math.min(finest, whole), length));
      from = Math.min(data.stop - span, Math.max(data.start, start));
      slider.value = whole > span ? (from - data.start) / (whole - span) * 1000 : 0;
      slider.disabled = whole <= span;
      draw();
    }

    function draw() {
      const heights = populations.map((p) => Math.min(260, Math.max(90, 3 * p.size)));
      const total = 26 + heights.reduce((sum, h) => sum + h + 14, 0) + AXIS;
      const [context, width] = surface(canvas, total);
      const inner = width - LEFT - RIGHT, top = total - AXIS;
      const at = axis(context, from, from + span, width, top, "simulated time (s)");
      let last = -Infinity;
      for (const phase of data.phases) {
        const a = Math.max(LEFT, at(phase.start)), b = Math.min(width - RIGHT, at(phase.stop));
        if (b <= a) continue;
        context.fillStyle = MODES[phase.learning] || QUIET;
        context.fillRect(a, 16, Math.max(b - a, 0.5), 6);
        const room = context.measureText(phase.label).width;
        if (phase.label && b - a > room + 4 && a > last) {
          context.fillStyle = INK; context.textAlign = "left"; context.textBaseline = "bottom";
          context.fillText(phase.label, a, 14); last = a + room;
        }
      }
      let y = 26, darkest = 0, column = 0;
      populations.forEach((p, k) => {
        const height = heights[k];
        const columns = Math.max(1, Math.min(Math.floor(inner * 2), Math.round(span / p.bin)));
        column = span / columns;
        const rows = Math.min(p.size, Math.floor(height * 2));
        const image = new Float32Array(columns * rows);
        const first = firstAtLeast(p.times, (from - data.start) / p.bin - 1e-6);
        const stop = firstAtLeast(p.times, (from + span - data.start) / p.bin - 1e-6);
        const perBin = columns * p.bin / span, offset = (from - data.start) / p.bin;
        let most = 1;
        for (let i = first; i < stop; i++) {
          const x = Math.min(columns - 1, Math.max(0, Math.floor((p.times[i] - offset) * perBin + 1e-6)));
          const row = rows - 1 - Math.floor(p.neurons[i] * rows / p.size), cell = row * columns + x;
          image[cell] += p.counts[i];
          if (image[cell] > most) most = image[cell];
        }
        darkest = Math.max(darkest, most);
        const picture = document.createElement("canvas");
        picture.width = columns; picture.height = rows;
        const inside = picture.getContext("2d"), pixels = inside.createImageData(columns, rows);
        for (let i = 0; i < image.length; i++) if (image[i]) {
          const s = 0.15 + 0.85 * Math.sqrt(image[i] / most);  // white to dark blue
          pixels.data.set([255 - 250 * s, 255 - 215 * s, 255 - 150 * s, 255], 4 * i);
        }
        inside.putImageData(pixels, 0, 0);
        context.imageSmoothingEnabled = false;
        context.drawImage(picture, LEFT, y, inner, height);
        context.strokeStyle = "#bbb"; context.strokeRect(LEFT + 0.5, y + 0.5, inner - 1, height - 1);
        context.fillStyle = INK; context.textAlign = "right";
        context.textBaseline = "top"; context.fillText(p.size - 1, LEFT - 5, y);
        context.textBaseline = "bottom"; context.fillText("0", LEFT - 5, y + height);
        sideways(context, `${p.name} neuron`, 12, y + height / 2);
        y += height + 14;
      });
      context.setLineDash([4, 3]); context.strokeStyle = "#D55E00"; context.lineWidth = 1.5;
      for (const event of data.events) if (event.time >= from && event.time <= from + span) {
        context.beginPath(); context.moveTo(at(event.time), 24); context.lineTo(at(event.time), top); context.stroke();
      }
      context.setLineDash([]);
      const bins = [...new Set(data.populations.map((p) => duration(p.bin)))].join(" and ");
      const dark = darkest > 1 ? `; darkest: ${darkest} spikes in ${duration(column)}` : "";
      line.textContent = `${from.toFixed(3)} s to ${(from + span).toFixed(3)} s: ${duration(span)} of ` +
        `${duration(whole)}; spikes in bins of ${bins}${dark}`;
      figure.dataset.window = `${from} ${from + span}`;
    }
    move(from, span);
    return draw;
  }

  function histogram(figure, data) {
    const last = data.times.length - 1;
    let shown = last, zoom = 1;
    const bar = make("div", { class: "controls" });
    const slider = make("input", { type: "range", min: 0, max: last, value: last, "aria-label": "snapshot", class: "time" });
    button(bar, "◀", "the snapshot before", () => show(shown - 1));
    bar.append(slider);
    button(bar, "▶", "the next snapshot", () => show(shown + 1));
    button(bar, "+", "zoom in", () => { zoom = Math.min(32, zoom * 2); draw(); });
    button(bar, "−", "zoom out", () => { zoom = Math.max(1, zoom / 2); draw(); });
    const canvas = make("canvas", { role: "img", "aria-label": `histogram of θ of ${data.name}` });
    const line = make("p", { class: "state", "aria-live": "polite" });
    const box = make("div", { class: "plot" });
    box.append(canvas);
    figure.prepend(bar, box, line);
    slider.addEventListener("input", () => show(+slider.value));

    function show(index) { shown = Math.max(0, Math.min(last, index)); slider.value = shown; draw(); }

    function draw() {
      const height = 230, [context, width] = surface(canvas, height), top = height - AXIS, first = 14;
      const edges = data.edges, middle = data.mean[shown], reach = (edges[edges.length - 1] - edges[0]) / zoom;
      const low = zoom === 1 ? edges[0] : Math.max(edges[0], middle - reach / 2), high = low + reach;
      const seen = (k) => edges[k + 1] > low && edges[k] < high;
      // The same scale at all times, so that a step shows what changed.
      let most = 1;
      for (const counts of data.counts) counts.forEach((n, k) => { if (seen(k) && n > most) most = n; });
      const at = axis(context, low, high, width, top, "synaptic parameter θ (dimensionless)");
      data.counts[shown].forEach((n, k) => {
        if (!seen(k) || !n) return;
        const a = Math.max(LEFT, at(edges[k])), b = Math.min(width - RIGHT, at(edges[k + 1]));
        const h = (top - first) * n / most;
        context.fillStyle = edges[k] + edges[k + 1] > 0 ? "#0072B2" : "#999";
        context.fillRect(a, top - h, Math.max(0.5, b - a - (b - a > 3 ? 0.5 : 0)), h);
      });
      context.fillStyle = INK; context.textAlign = "right"; context.textBaseline = "middle";
      const rulers = ticks(0, most, 4);
      for (const value of rulers.found) context.fillText(value.toFixed(rulers.digits), LEFT - 5, top - (top - first) * value / most);
      sideways(context, "synapses per bin", 10, (top + first) / 2);
      line.textContent = `t = ${duration(data.times[shown])} (snapshot ${shown + 1} of ${last + 1}): ` +
        `${(100 * data.active[shown]).toFixed(1)} % active, mean θ ${signed(data.mean[shown], 3)}`;
      figure.dataset.snapshot = shown;
    }
    show(last);
    return draw;
  }

  // Tables that are wider than the page say so, and show on which side there is more.
  function markTables() {
    for (const box of document.querySelectorAll(".scroll, .prose table")) {
      const rest = box.scrollWidth - box.clientWidth - box.scrollLeft;
      const scrolls = box.scrollWidth > box.clientWidth + 1;
      box.classList.toggle("scrolls", scrolls);
      box.classList.toggle("more", scrolls && rest > 1);
      box.classList.toggle("less", scrolls && box.scrollLeft > 1);
      if (scrolls) box.tabIndex = 0; else box.removeAttribute("tabindex");  // so that the keyboard scrolls it
    }
  }

  const drawers = [];
  async function begin() {
    markTables();
    document.addEventListener("scroll", (e) => { if (e.target !== document) markTables(); }, true);
    document.addEventListener("toggle", markTables, true);  // settings that are folded out
    for (const figure of document.querySelectorAll("figure[data-view]")) {
      const data = JSON.parse(figure.querySelector("script").textContent);
      drawers.push(await (figure.dataset.view === "raster" ? raster : histogram)(figure, data));
    }
    document.documentElement.dataset.ready = Math.round(performance.now());
  }
  const redraw = () => { markTables(); drawers.forEach((draw) => draw()); };
  let waiting = 0;
  window.addEventListener("resize", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(redraw); });
  window.addEventListener("beforeprint", () => { document.querySelectorAll("details").forEach((d) => { d.open = true; }); redraw(); });
  begin();
})();
