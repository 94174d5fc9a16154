"use strict";
const report = JSON.parse(document.getElementById("report-data").textContent);
const byId = (id) => document.getElementById(id);

/* Elements. Names come from files: they are only ever text. */

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const child of children) element.append(child);
  return element;
}
const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
const label = (x, y, text, attributes = {}) => svg("text", { x, y, ...attributes }, text);
const shorten = (text, length) => (text.length > length ? text.slice(0, length - 1) + "…" : text);

/* Numbers. */

function scaled(value, units, base) {
  let unit = 0;
  while (value >= base && unit + 1 < units.length) {
    value /= base;
    ++unit;
  }
  const text = value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3);
  return text + units[unit];
}
const bytes = (value) => scaled(value, [" B", " kB", " MB", " GB", " TB"], 1000);
const count = (value) => scaled(value, ["", " k", " M", " G", " T", " P"], 1000);
const time = (us) => (us < 1 ? scaled(us * 1000, [" ns"], 1000) : scaled(us, [" µs", " ms", " s"], 1000));

/* The kernels of an entry, their launches added up. */

function rowsOf(entry, arch) {
  const rows = new Map();
  for (const launch of entry.launches) {
    if (!rows.has(launch.kernel))
      rows.set(launch.kernel, {
        kernel: report.kernels[launch.kernel], ops: new Map(), bound: launch.bound[arch],
        grid: launch.grid, launches: 0, bytes: 0, unfused: 0, mufu: 0, fma: 0, floor: 0,
      });
    const row = rows.get(launch.kernel);
    row.launches += 1;
    for (const key of ["bytes", "mufu", "fma"]) row[key] += launch[key];
    row.unfused += launch.unfused_bytes ?? launch.bytes;
    row.floor += launch.floor_us[arch] ?? 0;
    for (const op of launch.ops) row.ops.set(op.name + " " + op.location, op);
  }
  return [...rows.values()];
}

function showSummary(entry, arch) {
  const totals = entry.totals;
  const tiles = [
    [String(totals.launches), "kernel launches" + (totals.unfused_kernels ? `, ${totals.unfused_kernels} unfused` : "")],
    [bytes(totals.bytes), "moved by kernels"],
    [time(totals.floor_us[arch] ?? 0), "floor on " + (report.targets.find((t) => t.arch === arch)?.device ?? arch)],
  ];
  if (totals.unfused_bytes)
    tiles.splice(2, 0, [(totals.unfused_bytes / totals.bytes).toFixed(2) + "×", `the bytes if unfused: ${bytes(totals.unfused_bytes)}`]);
  if (totals.copies) tiles.push([String(totals.copies), `copies of ${bytes(totals.copy_bytes)}`]);
  const dims = Object.entries(entry.dims).map(([name, size]) => `${name} = ${size}`);
  tiles.push([entry.name, dims.join(", ") || "no sizes"]);
  byId("summary").replaceChildren(
    ...tiles.map(([value, what]) => html("div", { class: "tile" }, html("b", {}, value), html("span", {}, what))));
}

function showKernels(entry, arch) {
  const rows = rowsOf(entry, arch);
  const assembled = rows.some((row) => row.kernel.resources?.[arch]);
  const heads = ["Kernel", "Ops", "Launches", "Bytes", "Unfused", "MUFU", "FMA", "Floor", "Bound", "Grid × block", "Shared"];
  if (assembled) heads.push("Registers", "Spills", "Occupancy");
  const isText = (i) => i < 2 || i === 8;
  const extents = (list) => list.filter((n, i) => n > 1 || i === 0).join("×");
  const body = rows.map((row) => {
    const ops = [...row.ops.values()];
    const names = [...new Set(ops.map((op) => op.name))].join(", ");
    const places = [...new Set(ops.map((op) => op.location).filter(Boolean))];
    const where = places.slice(0, 2).join(", ") + (places.length > 2 ? ` and ${places.length - 2} more` : "");
    const cells = [
      [row.kernel.name, row.kernel.schedule],
      [names, where],
      row.launches, bytes(row.bytes), row.bytes ? (row.unfused / row.bytes).toFixed(2) + "×" : "–",
      count(row.mufu), count(row.fma), time(row.floor), row.bound ?? "",
      `${extents(row.grid)} × ${extents(row.kernel.block)}`,
      bytes(row.kernel.shared_bytes),
    ];
    const used = row.kernel.resources?.[arch];
    if (assembled)
      cells.push(used?.registers ?? "?", used ? bytes(used.spill_bytes) : "?", used ? Math.round(used.occupancy * 100) + " %" : "?");
    return html("tr", { "data-kernel": row.kernel.name }, ...cells.map((cell, i) => {
      const [text, detail] = Array.isArray(cell) ? cell : [cell];
      const kind = isText(i) ? (i === 8 ? text : "") : "number";
      return html("td", { class: kind }, String(text), ...(detail ? [html("small", {}, detail)] : []));
    }));
  });
  byId("kernels").replaceChildren(
    html("thead", {}, html("tr", {}, ...heads.map((head, i) => html("th", isText(i) ? {} : { class: "number" }, head)))),
    html("tbody", {}, ...body));
}

/* The roofline: operations a second over operations a byte, both logarithmic. */

function showRoofline(entry, arch) {
  const target = report.targets.find((t) => t.arch === arch);
  if (!target) return byId("roofline").replaceChildren();
  const width = 860, height = 420, left = 70, right = 130, top = 15, bottom = 45;
  const peaks = { mufu: target.mufu_per_second, fma: target.fma_per_second };
  const points = [];
  for (const row of rowsOf(entry, arch)) {
    if (!(row.floor > 0 && row.bytes > 0)) continue;
    const share = (pipe) => row[pipe] / peaks[pipe];
    const busier = share("mufu") > share("fma") ? "mufu" : "fma";
    for (const pipe of row.bound === "memory" ? [busier] : ["mufu", "fma"])
      if (row[pipe] > 0)
        points.push({ row, pipe, x: row[pipe] / row.bytes, y: (row[pipe] / row.floor) * 1e6 });
  }
  const corners = Object.values(peaks).map((peak) => peak / target.bytes_per_second);
  const span = (values) => [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)) + 0.05)];
  const [x0, x1] = span([...points.map((p) => p.x), ...corners.map((c) => c / 10), ...corners.map((c) => c * 4)]);
  const [y0, y1] = span([...points.map((p) => p.y), ...Object.values(peaks), peaks.mufu / 50]);
  const px = (x) => left + ((Math.log10(x) - x0) / (x1 - x0)) * (width - left - right);
  const py = (y) => height - bottom - ((Math.log10(y) - y0) / (y1 - y0)) * (height - top - bottom);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": "Roofline" });
  const power = (exponent) => (exponent >= 0 && exponent <= 3 ? String(10 ** exponent) : `1e${exponent}`);
  for (let e = x0; e <= x1; ++e)
    picture.append(svg("line", { class: "grid", x1: px(10 ** e), x2: px(10 ** e), y1: top, y2: height - bottom }),
      label(px(10 ** e), height - bottom + 16, power(e), { "text-anchor": "middle", class: "faint" }));
  for (let e = y0; e <= y1; ++e)
    picture.append(svg("line", { class: "grid", x1: left, x2: width - right, y1: py(10 ** e), y2: py(10 ** e) }),
      label(left - 6, py(10 ** e) + 4, power(e), { "text-anchor": "end", class: "faint" }));
  picture.append(label((left + width - right) / 2, height - 8, "operations for each byte", { "text-anchor": "middle" }),
    label(0, 0, "operations a second", { transform: `translate(14 ${(top + height - bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }));
  const slopeFrom = Math.max(10 ** x0, 10 ** y0 / target.bytes_per_second);
  const slopeTo = Math.max(...corners);
  picture.append(svg("path", { class: "roof memory", d: `M${px(slopeFrom)} ${py(slopeFrom * target.bytes_per_second)}L${px(slopeTo)} ${py(slopeTo * target.bytes_per_second)}` }));
  const halfway = Math.sqrt(slopeFrom * slopeTo);
  picture.append(label(px(halfway) - 8, py(halfway * target.bytes_per_second) - 8, `memory ${bytes(target.bytes_per_second)}/s`,
    { "text-anchor": "end", style: "fill: var(--memory)" }));
  for (const [pipe, peak] of Object.entries(peaks))
    picture.append(svg("path", { class: "roof " + pipe, d: `M${px(peak / target.bytes_per_second)} ${py(peak)}H${width - right}` }),
      label(width - right + 6, py(peak) + 4, `${pipe.toUpperCase()} ${count(peak)}/s`, { style: `fill: var(--${pipe})` }));
  const taken = [];
  for (const { row, pipe, x, y } of points) {
    const bounds = row.bound === "memory" || row.bound === pipe;
    const mark = svg("circle", { class: bounds ? `mark ${row.bound}` : `mark ${pipe} hollow`, cx: px(x), cy: py(y), r: 4.5, "data-kernel": row.kernel.name },
      svg("title", {}, `${row.kernel.name}: ${x.toPrecision(3)} ${pipe} a byte, bound by ${row.bound}`));
    picture.append(mark);
    const clear = taken.every(([tx, ty]) => Math.abs(tx - px(x)) > 75 || Math.abs(ty - py(y)) > 13);
    if (bounds && clear) {
      taken.push([px(x), py(y)]);
      picture.append(label(px(x) + 8, py(y) + 14, row.kernel.name, { class: "over" }));
    }
  }
  byId("roofline").replaceChildren(picture);
}

/* Runs of launches that repeat, as layers do, are drawn once. */

function foldRepeats(launches) {
  const key = (i) => launches[i].kernel;
  const blocks = [];
  for (let i = 0; i < launches.length; ) {
    let best = { length: 1, times: 1 };
    for (let length = 1; length <= 40 && i + 2 * length <= launches.length; ++length) {
      let times = 1;
      const matches = () => {
        if (i + (times + 1) * length > launches.length) return false;
        for (let j = 0; j < length; ++j) if (key(i + j) !== key(i + times * length + j)) return false;
        return true;
      };
      while (matches()) ++times;
      if (times > 1 && length * times > best.length * best.times) best = { length, times };
    }
    blocks.push({ first: i, ...best });
    i += best.length * best.times;
  }
  return blocks;
}

function showFusion(entry, arch) {
  const shown = [];
  const brackets = [];
  for (const block of foldRepeats(entry.launches)) {
    if (block.times > 1) brackets.push({ from: shown.length, to: shown.length + block.length - 1, times: block.times });
    for (let i = 0; i < block.length; ++i) shown.push(block.first + i);
  }
  const limit = 60, boxWidth = 500, x = 60, gap = 46;
  const hidden = shown.splice(limit).length;
  let y = 10;
  const boxes = [];
  const body = [];
  for (const index of shown) {
    const launch = entry.launches[index];
    const kernel = report.kernels[launch.kernel];
    const chips = [];
    let cx = x + 12, rowTop = y + 34;
    const place = (width) => {
      if (cx + width > x + boxWidth - 8 && cx > x + 12) {
        cx = x + 12;
        rowTop += 28;
      }
      cx += width + 6;
      return cx - width - 6;
    };
    for (const op of launch.ops) {
      const isWhole = (op.of_steps ?? 1) === 1;
      if (!isWhole) {
        const text = shorten(op.name, 40) + ` ${op.steps.length} of ${op.of_steps}:`;
        const at = place(text.length * 6.2);
        chips.push(label(at, rowTop + 15, text, { "data-op": op.name }));
      }
      for (const step of isWhole ? [op.name] : op.steps) {
        const text = shorten(step, 40), width = text.length * 6.4 + 16, at = place(width);
        chips.push(svg("g", isWhole ? { "data-op": op.name } : { "data-step": step },
          svg("rect", { class: "chip", x: at, y: rowTop, width, height: 22, rx: 11 }),
          label(at + 8, rowTop + 15, text), svg("title", {}, op.location || op.name)));
      }
    }
    const height = rowTop + 50 - y;
    const saved = launch.unfused_bytes > launch.bytes ? `, ${(launch.unfused_bytes / launch.bytes).toFixed(1)}× unfused` : "";
    const variants = launch.alternatives ? `, one of ${launch.alternatives.length}` : "";
    const outside = (list) => [...new Set(list.map((t) => entry.tensors[t]).filter((t) => t.kind !== "temporary").map((t) => t.name))].join(", ");
    const reads = outside(launch.reads), writes = outside(launch.writes);
    const passed = [reads && `reads ${shorten(reads, writes ? 44 : 66)}`, writes && `writes ${shorten(writes, reads ? 22 : 66)}`].filter(Boolean).join(", ");
    body.push(svg("g", { class: "kernel", "data-kernel": kernel.name },
      svg("rect", { class: "box", x, y, width: boxWidth, height, rx: 6 }),
      label(x + 12, y + 21, kernel.name, { "font-weight": 600 }),
      label(x + 12 + kernel.name.length * 8 + 8, y + 21, shorten(kernel.schedule, 42) + variants, { class: "faint" }),
      label(x + boxWidth - 10, y + 21, bytes(launch.bytes) + saved, { class: "faint", "text-anchor": "end" }),
      ...chips, label(x + 12, rowTop + 40, passed, { class: "faint" }),
      svg("title", {}, `${kernel.op || kernel.name} reads ${reads || "temporaries"}, writes ${writes || "temporaries"}`)));
    boxes.push({ top: y, bottom: y + height });
    y += height + gap;
  }
  /* From each tensor's last writer before the read. */
  const edges = new Map();
  shown.forEach((index, to) => {
    for (const tensor of new Set(entry.launches[index].reads))
      for (let from = to - 1; from >= 0; --from)
        if (entry.launches[shown[from]].writes.includes(tensor)) {
          const pair = `${from} ${to}`;
          edges.set(pair, [...(edges.get(pair) ?? []), entry.tensors[tensor]]);
          break;
        }
  });
  let widest = x + boxWidth;
  for (const [pair, tensors] of edges) {
    const [from, to] = pair.split(" ").map(Number);
    const names = tensors.map((t) => `${t.name}: ${t.type}`).join(", ");
    if (to === from + 1) {
      const middle = x + 120;
      body.push(svg("path", { class: "edge", d: `M${middle} ${boxes[from].bottom}V${boxes[to].top}`, "marker-end": "url(#tip)" }),
        label(middle + 8, boxes[from].bottom + gap / 2 + 4, shorten(names, 70), { class: "faint" }));
      continue;
    }
    const start = boxes[from].bottom - 14, end = boxes[to].top + 14, side = x + boxWidth;
    const reach = side + 24 + Math.min(to - from, 12) * 14;
    widest = Math.max(widest, reach);
    body.push(svg("path", { class: "edge", d: `M${side} ${start}C${reach} ${start} ${reach} ${end} ${side} ${end}`, "marker-end": "url(#tip)" },
      svg("title", {}, names)), label(side + 6, start + 16, shorten(names, 34), { class: "faint over" }));
  }
  for (const { from, to, times } of brackets) {
    if (to >= boxes.length) continue;
    const top = boxes[from].top, end = boxes[to].bottom;
    body.push(svg("path", { class: "edge", d: `M${x - 10} ${top}H${x - 20}V${end}H${x - 10}` }),
      label(x - 26, (top + end) / 2 + 4, `${times}×`, { "text-anchor": "end", "font-weight": 600 }));
  }
  if (hidden) body.push(label(x, y + 4, `… and ${hidden} more`, { class: "faint" }));
  const tip = svg("marker", { id: "tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
    svg("path", { d: "M0 0L8 4L0 8z", fill: "var(--faint)" }));
  const width = Math.max(widest + 220, 860), height = y + (hidden ? 20 : 0);
  byId("fusion").replaceChildren(svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": "Fusion groups" },
    svg("defs", {}, tip), ...body));
}

function show() {
  const entry = report.entries[byId("entry").selectedIndex];
  const arch = byId("target").value;
  if (!entry) return;
  for (const part of [showSummary, showKernels, showRoofline, showFusion]) part(entry, arch);
}

byId("source").textContent = report.source;
byId("producer").textContent = report.producer;
document.title = `${report.source} – ssmc report`;
byId("entry").append(...report.entries.map((entry) => html("option", {}, entry.name)));
byId("target").append(...report.targets.map(({ arch, device }) => html("option", { value: arch }, `${arch} (${device})`)));
byId("target").selectedIndex = Math.max(report.targets.findIndex(({ arch }) => arch.startsWith("sm_90")), 0);
/* The entry that does the most is what one wants to see. */
const busiest = report.entries.map((entry) => entry.totals.bytes);
byId("entry").selectedIndex = busiest.indexOf(Math.max(...busiest));
byId("entry").addEventListener("change", show);
byId("target").addEventListener("change", show);
show();
