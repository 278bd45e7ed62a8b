"use strict";
/* Shows the data of the page, day by day. What comes from a scenario is put in as text, never as markup.
   Order: helpers, days, the map, charts, words, the clock. */
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const runs = data.runs, last = data.days - 1, pair = runs.length === 2, many = data.ensemble;
  const holder = data.sides.holder.short, attacker = data.sides.attacker.short;
  const LETTERS = ["A", "B"], KINDS = { tracker: "map tracker", estimate: "estimate", claim: "claim of a party" };
  const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December"];
  const WEEK = 7, FRESH = 5, BOUNDS = [0.5, 1, 2, 5, 10];
  const byId = (id) => document.getElementById(id);
  let day = 0, timer = 0, shares = Boolean(many);

  /* -- helpers ---------------------------------------------------------------------------------------------- */

  function filled(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    for (const child of children) if (child !== null && child !== undefined) node.append(child);
    return node;
  }
  const html = (name, attributes, ...children) => filled(document.createElement(name), attributes, children);
  const svg = (name, attributes, ...children) =>
    filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
  const path = (points, closed) => "M" + points.map((p) => p[0] + " " + p[1]).join("L") + (closed ? "Z" : "");

  function number(value, digits) {
    if (value === null || value === undefined) return "–";
    if (typeof value === "string") return value;
    const size = Math.abs(value);
    const places = digits !== undefined ? digits : Number.isInteger(value) || size >= 1000 ? 0 : size >= 10 ? 1 : 2;
    return value.toFixed(places).replace("-", "−");
  }
  function shown(value, unit) {
    return unit === "%" && typeof value === "number" ? number(100 * value, 1) : number(value);
  }
  function withUnit(value, unit) {
    const text = shown(value, unit);
    return text === "–" || !unit ? text : unit === "%" ? text + " %" : text + " " + unit;
  }
  function apart(b, a, unit) {
    if (typeof a !== "number" || typeof b !== "number") return "–";
    const scale = unit === "%" ? 100 : 1, d = (b - a) * scale;
    return (d > 0 ? "+" : "") + (unit === "%" ? number(d, 1) : number(d)) + (unit === "%" ? " points" : "");
  }
  const called = (n) => (pair ? LETTERS[n] + ": " + runs[n].name : runs[n].name);

  /* -- days ------------------------------------------------------------------------------------------------- */

  const [y0, m0, d0] = data.start.split("-").map(Number);
  const dateOf = (n) => new Date(Date.UTC(y0, m0 - 1, d0 + n));
  const iso = (n) => dateOf(n).toISOString().slice(0, 10);
  const long = (n) => dateOf(n).getUTCDate() + " " + MONTHS[dateOf(n).getUTCMonth()] + " " +
    dateOf(n).getUTCFullYear();
  const short = (n) => dateOf(n).getUTCDate() + " " + MONTHS[dateOf(n).getUTCMonth()].slice(0, 3);
  const dayOf = (text) => Math.round((Date.parse(text + "T00:00:00Z") - dateOf(0).getTime()) / 864e5);

  /* -- the map ---------------------------------------------------------------------------------------------- */

  /* Ownership by day: the start, and what flips. */
  function owners(run, n) {
    const held = Array.from(run.start, (c) => c === "1");
    for (let d = 0; d <= n; d++) for (const cell of run.flips[d]) held[cell] = !held[cell];
    return held;
  }
  function sharesOn(n) {
    const found = many.share.slice();
    for (let d = 1; d <= n; d++) for (let k = 0; k < many.steps[d].length;
      k += 2) found[many.steps[d][k]] = many.steps[d][k + 1];
    return found;
  }
  /* 0 holder's home, 1 held beyond the border, 2 attacker's home, 3 regained by the attacker, 4 attacker across. */
  function classOf(ground, cell, held) {
    const beyond = ground.beyond[cell] === "1";
    return held ? (beyond ? 1 : 0) : !beyond ? 4 : ground.first[cell] === "1" ? 3 : 2;
  }
  const cellPath = (ground, cell) =>
    path(ground.hexagon.map((c) => [c[0] + ground.cells[cell][0], c[1] + ground.cells[cell][1]]), true);

  /* Neighbours by place: cells nearer than one and a third of the distance between centres. */
  function pairsOf(ground) {
    const parted = new Set(ground.parted.map((two) => two.join(",")));
    const size = 1.3 * ground.pitch, boxes = new Map(), found = [];
    const key = (x, y) => Math.floor(x / size) + "," + Math.floor(y / size);
    ground.cells.forEach(([x, y], i) => boxes.set(key(x, y), [...(boxes.get(key(x, y)) || []), i]));
    ground.cells.forEach(([x, y], i) => {
      for (const dx of [-size, 0, size]) for (const dy of [-size, 0, size])
        for (const j of boxes.get(key(x + dx, y + dy)) || [])
          if (j > i && !parted.has(i + "," + j) && Math.hypot(ground.cells[j][0] - x, ground.cells[j][1] - y) < size) found.push([i, j]);
    });
    return found;
  }
  /* The front: edges between cells of different owners, less those where the border divides them. */
  function frontPath(ground, pairs, held) {
    let found = "";
    for (const [i, j] of pairs) {
      if (held[i] === held[j]) continue;
      const mine = held[i] ? i : j, yours = held[i] ? j : i;
      if (ground.beyond[mine] === "0" && ground.beyond[yours] === "1") continue;
      const [ax, ay] = ground.cells[i], [bx, by] = ground.cells[j];
      const length = Math.hypot(bx - ax, by - ay), half = ground.pitch / Math.sqrt(3) / 2;
      const ux = (-(by - ay) / length) * half, uy = ((bx - ax) / length) * half, mx = (ax + bx) / 2,
        my = (ay + by) / 2;
      found += "M" + (mx - ux).toFixed(0) + " " + (my - uy).toFixed(0) + "L" + (mx + ux).toFixed(0) + " " +
        (my + uy).toFixed(0);
    }
    return found;
  }
  /* Vehicles lost per trip over a week, %, by leg; none where nothing drove. */
  function lossOn(run, leg, n) {
    const first = Math.max(0, n - WEEK + 1), sum = (list) => list.slice(first, n + 1).reduce((a, b) => a + b, 0);
    const trips = sum(run.legs[leg].trips);
    return trips > 0 ? (100 * sum(run.legs[leg].lost)) / trips : null;
  }
  const lossClass = (percent) => "l" + BOUNDS.filter((b) => percent >= b).length;

  function patterns() {
    return svg("defs", {},
      svg("pattern", { id: "strokes", width: 34, height: 34, patternUnits: "userSpaceOnUse",
        patternTransform: "rotate(45)" },
        svg("line", { x1: 6, y1: 0, x2: 6, y2: 34, class: "hatch" })),
      svg("pattern", { id: "dots", width: 26, height: 26, patternUnits: "userSpaceOnUse" },
        svg("circle", { cx: 13, cy: 13, r: 6, class: "dots" })));
  }
  /* Scale bar and north arrow in the lower right corner. */
  function compass(ground, font) {
    const [wide, high] = ground.size,
      km = [50, 20, 10, 5, 2, 1].find((k) => k * ground.units_per_km <= 0.16 * wide) || 0.5;
    const bar = km * ground.units_per_km, w = bar + 3.2 * font, h = 2.2 * font, x = wide - w, y = high - h;
    return svg("g", {},
      svg("rect", { x: x, y: y, width: w, height: h, class: "plate" }),
      svg("path", { d: path([[x + 0.7 * font, high - 0.35 * font], [x + 1.1 * font, y + 1.15 * font],
        [x + 1.5 * font, high - 0.35 * font]], true) }),
      svg("text", { x: x + 1.1 * font, y: y + 1.0 * font, class: "plain", "text-anchor": "middle",
        "font-weight": "bold", "font-size": font }, "N"),
      svg("rect", { x: x + 2.3 * font, y: high - 0.65 * font, width: bar, height: 0.25 * font }),
      svg("text", { x: x + 2.3 * font + bar / 2, y: high - 0.9 * font, class: "plain", "text-anchor": "middle",
        "font-size": font }, km + " km"));
  }
  function makeMap(n) {
    const run = runs[n], ground = data.grounds[run.ground], start = owners(run, -1),
      turning = new Set(run.flips.flat());
    for (const step of many ? many.steps : []) for (let k = 0; k < step.length; k += 2) turning.add(step[k]);
    const map = svg("svg", { class: "map", viewBox: "0 0 " + ground.size.join(" "), role: "img" },
      n === 0 ? patterns() : null);
    const at = (c) => path(ground.hexagon.map((h) => [h[0] + c[0], h[1] + c[1]]), true);
    if (ground.water.length) map.append(svg("path", { class: "water", d: ground.water.map(at).join("") }));
    const still = ["", "", "", "", ""];
    ground.cells.forEach((_, c) => { if (!turning.has(c)) still[classOf(ground, c, start[c])] += cellPath(ground, c);
      });
    still.forEach((d, k) => d && map.append(svg("path", { class: "cell c" + k, d: d })));
    const cells = new Map([...turning].map((c) => [c, svg("path", { class: "cell", d: cellPath(ground, c) })]));
    map.append(...cells.values());
    const layer = (name, attributes) => map.appendChild(svg("path", { class: name, ...attributes }));
    const fresh = layer("fresh", { fill: "url(#strokes)" }), differs = pair ? layer("apart") : null;
    for (const line of ground.rivers) layer("river", { d: path(line) });
    for (const ring of ground.outline) layer("outline", { d: path(ring, true) });
    layer("rim", { d: path(ground.border) });
    layer("border", { d: path(ground.border) });
    for (const line of run.phase_lines) layer("phase", { d: path(line) });
    const front = layer("front"), roads = map.appendChild(svg("g", {}));
    for (const p of run.places) map.append(svg("circle",
      { class: "place", cx: p.x, cy: p.y, r: p.text === ground.key_place ? 30 : 22 }));
    const depot = map.appendChild(svg("rect", { class: "depot", width: 76, height: 76 }));
    for (const t of run.labels) map.append(svg("text",
      { x: t.x, y: t.y, class: "t-" + t.kind, "font-size": t.kind === "line" ? 0.85 * run.font : run.font }, t.text));
    map.append(compass(ground, run.font));
    return { map, ground, cells, fresh, differs, front, roads, depot, pairs: pairsOf(ground) };
  }
  function shade(share) {
    const stops = [[217, 147, 47], [247, 235, 214], [213, 230, 242], [47, 127, 184]], at = (share / 100) * 3,
      k = Math.min(2, Math.floor(at));
    return "rgb(" + stops[k].map((v, i) => Math.round(v + (at - k) * (stops[k + 1][i] - v))).join(",") + ")";
  }
  function drawRoads(made, run) {
    const loss = made.ground.roads.map((road) => lossOn(run, road.id, day)),
      add = (name, line) => made.roads.append(svg("path", { class: name, d: path(line) }));
    made.roads.replaceChildren();
    made.ground.roads.forEach((road, i) => loss[i] === null &&
      add(run.legs[road.id].open[day] === "1" ? "road" : "road shut", road.line));
    made.ground.roads.forEach((road, i) => {
      if (loss[i] === null) return;
      for (const name of ["halo", "casing", "road used " + lossClass(loss[i])]) add(name, road.line);
      if (run.legs[road.id].open[day] !== "1") add("shade", road.line);
    });
  }
  function drawMap(made, n, held, other) {
    const run = runs[n], by = shares && many ? sharesOn(day) : null;
    made.map.classList.toggle("share", Boolean(by));
    for (const [c, node] of made.cells) {
      node.setAttribute("class", "cell c" + classOf(made.ground, c, held[c]));
      const grey = by && made.ground.beyond[c] === "0" && by[c] > 50;
      node.style.fill = !by ? "" : grey ? "#EEEEEE" : shade(by[c]);
    }
    const turned = run.recent.concat(run.flips), now = run.recent.length + day;
    const fresh = new Set(by ? [] : turned.slice(Math.max(0, now - FRESH + 1), now + 1).flat());
    made.fresh.setAttribute("d", [...fresh].map((c) => cellPath(made.ground, c)).join(""));
    if (made.differs) made.differs.setAttribute("d",
      held.map((h, c) => (h === other[c] ? "" : cellPath(made.ground, c))).join(""));
    made.front.setAttribute("d", frontPath(made.ground, made.pairs, held));
    drawRoads(made, run);
    const at = run.depots[run.daily.depot[day]];
    made.depot.setAttribute("visibility", at ? "visible" : "hidden");
    if (at) { made.depot.setAttribute("x", at[0] - 38); made.depot.setAttribute("y", at[1] - 38); }
    made.map.setAttribute("aria-label", mapInWords(made, run, n, by));
  }
  function mapInWords(made, run, n, by) {
    const worst = made.ground.roads.map((r) => [lossOn(run, r.id, day), r.id]).filter((w) => w[0] > 0).sort((a, b) =>
      b[0] - a[0]).slice(0, 3);
    const shut = made.ground.roads.filter((r) => run.legs[r.id].open[day] !== "1").map((r) => r.id);
    return "Map at dusk of " + long(day) + (pair ? ", " + called(n) : "") + ": the " + holder + " side holds " +
      withUnit(run.daily.held_km2[day], "km²") + " beyond the border. Depot: " + run.daily.depot[day] + ". " +
      (worst.length ? "Most lost per trip in seven days: " +
        worst.map((w) => "leg " + w[1] + " " + number(w[0], 1) + " %").join(", ") + ". "
          : "No losses on the roads in seven days. ") +
      (shut.length ? "Legs closed: " + shut.join(", ") + "." : "") +
        (by ? " Colours: share of " + many.replications + " runs that hold each cell." : "");
  }
  function drawKey() {
    const box = (...nodes) => svg("svg", { viewBox: "0 0 30 16", "aria-hidden": "true" }, ...nodes);
    const area = (k) => box(svg("rect", { class: "cell " + k, x: 1, y: 1, width: 28, height: 14 }));
    const line = (...names) => box(...names.map((name) => svg("path", { class: name, d: "M1 8L29 8" })));
    const row = (picture, text) => html("span", {}, picture, text);
    const across = runs.some((run) => run.daily.lost_across_border_km2.some((v) => v > 0));
    const toned = (share) => { const made = area(""); made.firstChild.style.fill = shade(share); return made; };
    const rows = shares && many
      ? [0, 25, 50, 75, 100].map((s) => row(toned(s), s + " % of runs hold it")) 
      : [row(area("c1"), holder + "-held beyond the border"),
        row(area("c3"), "taken by the " + attacker + " side"), row(area("c0"), holder + " side of the border"),
        row(area("c2"), attacker + "-held from the first day"),
          across ? row(area("c4"), attacker + "-held across the border") : null,
        row(box(svg("rect", { class: "cell", x: 1, y: 1, width: 28, height: 14, fill: "#fff" }),
          ...[4, 11, 18, 25].map((x) => svg("path", { class: "hatch", d: "M" + x + " 14L" + (x + 4) + " 2" }))),
            "changed hands in the last " + FRESH + " days")];
    const rest = [row(line("front"), "front"), row(line("border"), "border"),
      row(line("outline"), "outline of the ground held at the start" + (data.fictional ? "" : ", as observed")),
      data.grounds[0].water.length
        ? row(box(svg("rect", { class: "water", x: 1, y: 1, width: 28, height: 14 })), "water") : null,
      data.grounds[0].rivers.length ? row(line("river"), "river") : null,
        row(line("phase"), "phase line (PL) of a withdrawal"),
      row(box(svg("rect", { class: "depot", x: 10, y: 3, width: 10, height: 10 })), "depot"),
        row(box(svg("circle", { class: "place", cx: 15, cy: 8, r: 4 })), "town or village"),
      row(line("road"), "road, no trips in " + WEEK + " days"),
        row(line("road shut"), "road closed to the " + holder + " side"),
      pair ? row(box(svg("rect", { x: 1, y: 1, width: 28, height: 14, class: "apart" })),
        "held in one run, not in the other") : null];
    const scale = BOUNDS.map((b, i) =>
      row(line("casing", "road used l" + i),
        (i ? BOUNDS[i - 1] : 0) + " to " + b)).concat(row(line("casing", "road used l5"), "10 or more"));
    byId("key").replaceChildren(...rows.concat(rest).filter(Boolean),
      html("span", { class: "break" }, "Roads: vehicles lost per trip in the last " + WEEK + " days, %"), ...scale);
  }

  /* -- charts ----------------------------------------------------------------------------------------------- */

  function niceStep(top) {
    const rough = top / 4, power = Math.pow(10, Math.floor(Math.log10(rough)));
    return [1, 2, 2.5, 5, 10].map((k) => k * power).find((s) => s >= rough);
  }
  function dateTicks() {
    if (last <= 45) return Array.from({ length: Math.floor(last / 7) + 1 }, (_, k) => 7 * k);
    return Array.from({ length: last + 1 }, (_, n) => n).filter((n) => dateOf(n).getUTCDate() === 1);
  }
  /* A chart over the days: spec has title, unit, curves [{values, name, kind}], bands, extra, wide, high, top. */
  function makeChart(parent, spec) {
    const wide = spec.wide, high = spec.high, left = 58, right = 14, top = spec.top || 10, below = 24;
    const values = spec.curves.concat(spec.bands || []).flatMap((c) => c.values ||
      c.low.concat(c.high)).concat(spec.also || []).filter((v) => typeof v === "number");
    const high0 = Math.max(spec.least || 0, ...values), low0 = Math.min(0, ...values),
      step = niceStep(Math.max(high0 - low0, 1e-9));
    const most = step * Math.ceil(high0 / step - 1e-9) || step, least = step * Math.floor(low0 / step + 1e-9);
    const x = (n) => left + ((wide - left - right) * n) / Math.max(1, last),
      y = (v) => top + ((high - top - below) * (most - v)) / (most - least);
    const node = svg("svg", { class: "chart", viewBox: "0 0 " + wide + " " + high, role: "img" });
    for (let v = least; v <= most + 1e-9;
      v += step) node.append(svg("line", { class: "grid", x1: left, x2: wide - right, y1: y(v), y2: y(v) }),
      svg("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end" },
        String(Math.round(v * 1000) / 1000).replace("-", "−")));
    for (const n of dateTicks()) node.append(svg("line",
      { class: "axis", x1: x(n), x2: x(n), y1: high - below, y2: high - below + 5 }),
      svg("text", { x: x(n), y: high - 6, "text-anchor": n === 0 ? "start" : "middle" }, short(n)));
    for (const band of spec.bands ||
      []) node.append(svg("path",
        { class: band.kind, d: path(band.low.map((v, n) =>
          [x(n), y(v)]).concat(band.high.map((v, n) => [x(n), y(v)]).reverse()), true) }));
    if (least < 0) node.append(svg("line", { class: "zero", x1: left, x2: wide - right, y1: y(0), y2: y(0) }));
    if (spec.extra) spec.extra(node, x, y, top, high - below);
    for (const curve of spec.curves) {
      let d = "", pen = false;
      curve.values.forEach((v, n) =>
        { if (typeof v !== "number") { pen = false; return; } d += (pen ? "L" : "M") + x(n).toFixed(1) + " " +
          y(v).toFixed(1); pen = true; });
      node.append(svg("path", { class: "curve " + curve.kind, d: d }));
    }
    const cursor = node.appendChild(svg("line", { class: "cursor", y1: top, y2: high - below }));
    const dots = spec.curves.filter((c) => c.kind !== "second").map((c) =>
      [c, node.appendChild(svg("circle", { class: "dot-" + c.kind, r: 4 }))]);
    node.addEventListener("click", (event) => {
      const box = node.getBoundingClientRect(), at = ((event.clientX - box.left) * wide) / box.width;
      go(Math.round(((at - left) * Math.max(1, last)) / (wide - left - right)));
    });
    parent.append(node);
    return () => {
      cursor.setAttribute("x1", x(day)); cursor.setAttribute("x2", x(day));
      for (const [curve, dot] of dots) {
        const v = curve.values[day], there = typeof v === "number";
        dot.setAttribute("visibility", there ? "visible" : "hidden");
        if (there) { dot.setAttribute("cx", x(day)); dot.setAttribute("cy", y(v)); }
      }
      node.setAttribute("aria-label",
        spec.title + (spec.unit ? ", " + spec.unit : "") + ". " + spec.curves.map((c) => {
        const known = c.values.filter((v) => typeof v === "number");
        return (c.name ? c.name + ": " : "") + "on " + long(day) + " " + number(c.values[day]) + "; from " +
          number(c.values[0]) + " to " + number(c.values[last]) +
          (known.length ? ", between " + number(Math.min(...known)) + " and " + number(Math.max(...known)) : "");
      }).join(". ") + ".");
    };
  }
  /* Order, fall of the key place, numbered inputs, observations. */
  function heldExtras(node, x, y, top, foot) {
    let row = [];
    data.inputs.forEach((input, k) => {
      let level = row.findIndex((at) => x(input.day) - at >= 17);
      if (level < 0) level = row.length;
      row[level] = x(input.day);
      const at = top - 12 - 17 * level;
      node.append(svg("line", { class: "input", x1: x(input.day), x2: x(input.day), y1: at, y2: foot }),
        svg("circle", { class: "bubble", cx: x(input.day), cy: at, r: 8 }),
        svg("text", { class: "number", x: x(input.day), y: at + 3.5 }, String(k + 1)));
    });
    runs.forEach((run, k) => {
      for (const [n, name] of [[run.order, "order"], [run.fall, "fall"]])
        if (n !== null) node.append(svg("line", { class: "event " + name, x1: x(n), x2: x(n), y1: top, y2: foot }),
          svg("text", { x: x(n) - 3, y: foot - 6 - 14 * k, "text-anchor": "end" }, pair ? LETTERS[k] : ""));
    });
    for (const o of data.observed.held) {
      if (o.grey !== null) node.append(svg("line",
        { class: "contested", x1: x(o.day), x2: x(o.day), y1: y(o.held), y2: y(o.grey) }));
    }
    for (const o of data.observed.held) {
      const [cx, cy] = [x(o.day), y(o.held)];
      node.append(o.kind === "tracker" ? svg("circle", { class: "tracker", cx: cx, cy: cy, r: 4.5 })
        : o.kind === "estimate" ? svg("rect", { class: "estimate", x: cx - 4.5, y: cy - 4.5, width: 9, height: 9 })
          : svg("path", { class: "claim", d: path([[cx, cy - 6], [cx + 6, cy + 5], [cx - 6, cy + 5]], true) }));
    }
  }
  function inputRows() {
    let row = [];
    for (const input of data.inputs) {
      const at = (input.day * 568) / Math.max(1, last);
      let level = row.findIndex((a) => at - a >= 17);
      row[level < 0 ? row.length : level] = at;
    }
    return row.length;
  }
  /* Bands of the runs, the widest first so that the others lie on it, and that of a tracker. */
  function fanBands() {
    const bands = many.fan.bands.map((band, n) => Object.assign({ kind: n ? "band-outer" : "band-inner" }, band));
    return bands.reverse().concat(many.fan.shown ? Object.assign({ kind: "band-shown" }, many.fan.shown) : []);
  }
  function heldKey(parent) {
    const mark = (...nodes) => svg("svg", { viewBox: "0 0 30 16", class: "chart", "aria-hidden": "true" }, ...nodes);
    const stroke = (name) => mark(svg("path", { class: name, d: "M1 8L29 8" }));
    const rows = runs.map((_, n) => [stroke("curve " + "ab"[n]), pair ? called(n) : "this run, at dusk"]);
    if (many) {
      rows.push(...fanBands().map((band) =>
        [mark(svg("rect", { class: band.kind, x: 1, y: 2, width: 28, height: 12 })), band.name]));
      rows.push([stroke("curve second"), "median of " + many.replications + " runs"]);
    }
    if (runs.some((r) => r.order !== null)) rows.push([stroke("event order"),
      "order to withdraw, evening of " +
        runs.map((r, n) => (r.order === null ? null
          : (pair ? LETTERS[n] + " " : "") + short(r.order))).filter(Boolean).join(", ")]);
    if (runs.some((r) => r.fall !== null)) rows.push([stroke("event fall"),
      "fall of " + data.grounds[0].key_place + ", " +
        runs.map((r, n) => (r.fall === null ? null
          : (pair ? LETTERS[n] + " " : "") + short(r.fall))).filter(Boolean).join(", ")]);
    const kinds = new Set(data.observed.held.map((o) => o.kind));
    if (kinds.has("tracker")) rows.push([mark(svg("circle", { class: "tracker", cx: 15, cy: 8, r: 4.5 })),
      "observed: map tracker"]);
    if (data.observed.held.some((o) =>
      o.grey !== null)) rows.push([mark(svg("line", { class: "contested", x1: 15, x2: 15, y1: 1, y2: 15 })),
        "tracker's contested zone"]);
    if (kinds.has("estimate")) rows.push([mark(svg("rect", { class: "estimate", x: 10, y: 3, width: 9, height: 9 })),
      "observed: estimate"]);
    if (kinds.has("claim")) rows.push([mark(svg("path", { class: "claim", d: "M15 2L21 13L9 13Z" })),
      "observed: claim of a party"]);
    if (data.inputs.length) rows.push([mark(svg("circle", { class: "bubble", cx: 15, cy: 8, r: 7 }),
      svg("text", { class: "number", x: 15, y: 11.5 }, "n")), "dated input number n, listed below"]);
    parent.append(html("div", { class: "key" }, ...rows.map(([picture, text]) => html("span", {}, picture, text))));
  }
  function makeCharts() {
    const parent = byId("charts"), updates = [], wide = pair ? 1240 : 640;
    const curves = runs.map((run, n) =>
      ({ values: run.daily.held_km2, kind: "ab"[n], name: pair ? called(n) : "this run" })), bands = [];
    if (many) {
      bands.push(...fanBands());
      curves.push({ values: many.fan.median, kind: "second", name: "median of " + many.replications + " runs" });
    }
    parent.append(html("p", { class: "small" }, "km² beyond the border, at dusk"));
    updates.push(makeChart(parent,
      { title: "Ground held", unit: "km²", curves, bands, extra: heldExtras, wide, high: 300 + 17 * inputRows(),
        top: 12 + 17 * inputRows(),
      also: data.observed.held.flatMap((o) => [o.held, o.grey]) }));
    heldKey(parent);
    if (pair) {
      const gap = runs[1].daily.held_km2.map((v, n) => v - runs[0].daily.held_km2[n]);
      parent.append(html("h3", {}, "Difference: ground held in B less ground held in A, km²"));
      updates.push(makeChart(parent,
        { title: "Difference of the ground held, B less A", unit: "km²", curves: [{ values: gap, kind: "gap" }], wide,
          high: 190, least: 10 }));
    }
    return updates;
  }
  /* Mean over a week, over the days that have a value. */
  function weekly(values) {
    return values.map((v, n) => {
      const known = values.slice(Math.max(0, n - WEEK + 1), n + 1).filter((w) => typeof w === "number");
      return typeof v === "number" ? known.reduce((a, b) => a + b, 0) / known.length : null;
    });
  }
  const CHAIN = [["Front to the main supply road", "front_to_msr_km", "km"],
    ["Mean reach of drones over that road", "msr_reach", "%"],
    ["Vehicles lost per trip, mean of seven days", "loss_per_trip", "%", "weekly"],
      ["Supply vehicles serviceable", "vehicles_serviceable", "vehicles"],
    ["Brought to the depot (dots: wanted)", "delivered_t", "t a day", "demand_t"],
      ["Stock in the depot", "days_of_supply", "days of supply"],
    ["Part of the demand that was issued", "fulfilment", "%"],
      ["Effective force ratio, attacker to holder", "force_ratio", "to 1"],
    ["Ground captured in combat", "captured_km2", "km² a day"]];
  function makeCards() {
    return CHAIN.map(([title, column, unit, more], k) => {
      const scale = unit === "%" ? 100 : 1,
        of = (values) => values.map((v) => (typeof v === "number" ? v * scale : null));
      const raw = runs.map((run) => (more === "weekly" ? weekly(run.daily[column]) : run.daily[column]));
      const curves = raw.map((values, n) => ({ values: of(values), kind: "ab"[n], name: pair ? called(n) : "" }));
      if (more === "demand_t") curves.push({ values: of(runs[0].daily.demand_t), kind: "second",
        name: "wanted" + (pair ? " in A" : "") });
      const text = html("p", { class: "values" }),
        card = html("div", { class: "card" }, html("h3", {}, k + 1 + ". " + title + ", " + unit), text);
      byId("cards").append(card);
      const update = makeChart(card, { title, unit, curves, wide: 300, high: 130 });
      return () => {
        text.replaceChildren(...raw.map((values, n) =>
          html("b", { class: "name-" + n }, (pair ? LETTERS[n] + " " : "") + shown(values[day], unit))));
        update();
      };
    });
  }

  /* -- words ------------------------------------------------------------------------------------------------ */

  function cited(sources) {
    const links = sources.map(([title, url]) =>
      (/^https?:\/\//.test(url) ? html("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, title)
        : title));
    return links.length ? [" [", ...links.flatMap((l, k) => (k ? ["; ", l] : [l])), "]"] : [];
  }
  const list = (items) => html("ul", {}, ...items.map((item) => html("li", {}, ...[].concat(item))));
  function decided(run, n) {
    const { words, rows } = run.decisions;
    return rows.filter((row) => row[0] === n).map(([, side, policy, choice, rule, margin, names, values]) => [
      html("b", {}, data.sides[words[side]].short + " side: " + words[choice]), " – " + words[rule] + ". ",
      html("span", { class: "small" },
        "Rule “" + words[policy] + "”" +
          (margin === "" ? "" : ", margin " + margin.replace("-", "−") + " of its threshold") +
        (values.length ? "; it looked at: " + values.map((v, k) => words[names][k] + " " + v).join("; ") : "") +
          ".")]);
  }
  function tellDay() {
    const today = data.inputs.map((i, k) => [i, k]).filter(([i]) => i.day === day), parts = [];
    const columns = runs.map((run, n) => {
      const eve = day === 0 ? decided(run, -1) : [], happened = run.happenings[day], evening = decided(run, day);
      return html("div", {}, pair ? html("h3", { class: "name-" + n }, called(n)) : null,
        html("h3", {}, "What happened in the run"),
          happened.length ? list(happened) : html("p", {}, "Nothing of note."),
        ...(eve.length ? [html("h3", {}, "Decided on the eve"), list(eve)] : []),
        html("h3", {}, "Decided in the evening, and why"),
          evening.length ? list(evening) : html("p", {}, "No decision is recorded."));
    });
    parts.push(html("div", { class: "told" }, ...columns));
    const shared = html("div", {});
    if (today.length) shared.append(html("h3", {}, "Dated inputs of this day"),
      list(today.map(([i, k]) => [k + 1 + ") " + i.name + ".", ...cited(i.sources)])));
    const reported = data.observed.reported.filter((r) => r.day === day);
    if (reported.length) shared.append(html("h3", {}, "What was reported of this day (history, not the model)"),
      list(reported.map((r) => [r.text, ...cited(r.sources)])));
    const seen = data.observed.held.filter((o) => o.day === day);
    if (seen.length) shared.append(html("h3", {}, "Ground held as observed"),
      list(seen.map((o) => [number(o.held) + " km²" +
        (o.grey === null ? "" : ", " + number(o.grey) + " km² with the contested zone") + " (" +
          (KINDS[o.kind] || o.kind) + ")", ...cited(o.sources)])));
    byId("told").replaceChildren(...parts, shared);
    byId("h-day").textContent = "This day: " + long(day);
  }
  function makeFigures() {
    const cells = [], tables = data.figures.map(([head, rows], t) => {
      const columns = pair ? ["A", "B", "B less A"] : ["value"];
      const body = rows.filter(([column]) => runs.every((run) => column in run.daily)).map(([column, words, unit]) =>
        {
        const made = columns.map((_, n) =>
          html("td", { class: "n", ...(n < runs.length ? { "data-column": column, "data-run": n } : {}) }));
        cells.push([column, unit, made]);
        return html("tr", {}, html("th", { scope: "row" }, words), ...made, html("td", {}, unit));
      });
      return html("table", {}, html("caption", {}, head),
        html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "figure"),
          ...columns.map((c) => html("th", { scope: "col", class: "n" }, c)), html("th", { scope: "col" }, "unit"))),
            html("tbody", {}, ...body));
    });
    byId("figures").append(...tables);
    return () => {
      byId("h-books").textContent = "Figures of the day: the books at dusk of " + long(day);
      for (const [column, unit, made] of cells) {
        runs.forEach((run, n) => { made[n].textContent = shown(run.daily[column][day], unit);
          made[n].dataset.value = String(run.daily[column][day]); });
        if (pair) made[2].textContent = apart(runs[1].daily[column][day], runs[0].daily[column][day], unit);
      }
    };
  }
  function everyDay() {
    const columns = [["held_km2", "ground held, km²"], ["loss_per_trip", "lost per trip, %"],
      ["vehicles_serviceable", "vehicles serviceable"], ["delivered_t", "brought, t"],
      ["days_of_supply", "stock, days of supply"], ["fulfilment", "demand issued, %"],
        ["force_ratio", "force ratio, to 1"], ["phase", "phase"]];
    const head = runs.flatMap((_, n) =>
      columns.map(([, words]) => html("th", { scope: "col", class: "n" }, (pair ? LETTERS[n] + ": " : "") + words)));
    const rows = Array.from({ length: last + 1 },
      (_, n) => html("tr", {}, html("th", { scope: "row" }, html("a", { href: "#day=" + iso(n) }, iso(n))),
      ...runs.flatMap((run) => columns.map(([c, words]) =>
        html("td", { class: "n" }, shown(run.daily[c][n], words.endsWith("%") ? "%" : ""))))));
    return html("table", {}, html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "date"), ...head)),
      html("tbody", {}, ...rows));
  }
  function makeInputs() {
    const rows = data.inputs.map((i, k) =>
      html("tr", {}, html("td", { class: "n" }, String(k + 1)),
        html("td", { class: "date" }, html("a", { href: "#day=" + iso(i.day) }, iso(i.day)),
          i.until === null ? "" : " to " + iso(i.until)),
      html("td", {}, i.name, i.note ? html("div", { class: "small" }, i.note) : null),
        html("td", { class: "date" }, i.known_on), html("td", {}, i.status),
          html("td", {}, ...(i.sources.length ? cited(i.sources).slice(1, -1) : ["none"]))));
    byId("inputs").append(html("table", {},
      html("thead", {}, html("tr", {},
        ...["no.", "date", "what", "public on", "how firm", "sources"].map((h) => html("th", { scope: "col" }, h)))),
          html("tbody", {}, ...rows)));
    return () => rows.forEach((row, k) =>
      row.classList.toggle("today",
        data.inputs[k].day <= day &&
          day <= (data.inputs[k].until === null ? data.inputs[k].day : data.inputs[k].until)));
  }
  function makeProvenance() {
    runs.forEach((run, n) => byId("provenance").append(html("p", {},
      (pair ? LETTERS[n] + ": " : "") + run.provenance + "."),
      html("p", { class: "small" },
        "Scenario digest " + run.digest + "; what-ifs: " + (run.patches.join(", ") || "none") + "; versions: " +
          Object.entries(run.versions).map((v) => v.join(" ")).join(", ") + ".")));
    byId("provenance").append(html("p", { class: "small" },
      "The run itself is in this page: load_run of the Python package kursksim opens it. " +
        "The page loads nothing from anywhere; links to sources are followed only when clicked."));
    byId("sources").append(...data.sources.map(([title, author, date, url]) =>
      html("li", {}, ...cited([[title, url]]).slice(1, -1),
        [author, date].filter(Boolean).length ? " – " + [author, date].filter(Boolean).join(", ") : "")));
    byId("about").textContent = data.summary;
  }

  /* -- the clock -------------------------------------------------------------------------------------------- */

  const updates = [];
  function draw() {
    const held = runs.map((run) => owners(run, day));
    maps.forEach((made, n) => drawMap(made, n, held[n], held[1 - n]));
    tellDay();
    updates.forEach((update) => update());
    const slider = byId("slider");
    slider.value = String(day);
    slider.setAttribute("aria-valuetext", long(day));
    byId("date").textContent = long(day) + ", day " + (data.first + day);
    byId("now").textContent = runs.map((run, n) => (pair ? called(n) + ": the " : "The ") + holder + " side holds " +
      withUnit(run.daily.held_km2[day], "km²") + " (" + withUnit(run.daily.held_sq_mi[day], "square miles") + ")"
      + ", stock " + withUnit(run.daily.days_of_supply[day], "days of supply") + ", phase: " +
        run.daily.phase[day]).join("; ") + ".";
    byId("link").setAttribute("href", "#day=" + iso(day));
  }
  function go(n) {
    const wanted = Math.max(0, Math.min(last, n));
    if (wanted === day) return;
    day = wanted;
    draw();
    history.replaceState(null, "", "#day=" + iso(day));
  }
  function pause() {
    clearInterval(timer);
    timer = 0;
    byId("play").textContent = "Play";
    byId("now").setAttribute("aria-live", "polite");
  }
  function play() {
    if (timer) return pause();
    if (day === last) go(0);
    byId("play").textContent = "Pause";
    byId("now").setAttribute("aria-live", "off"); /* a reader of the screen is told the day when it stops */
    timer = setInterval(() => (day === last ? pause() : go(day + 1)), 1000 / Number(byId("speed").value));
  }
  function fromAddress() {
    const found = /^#day=(\d{4}-\d{2}-\d{2})$/.exec(location.hash);
    if (!found || Number.isNaN(dayOf(found[1]))) return;
    const wanted = dayOf(found[1]);
    go(wanted);
    if (wanted !== day) byId("now").textContent = found[1] + " is not a day of this run. Shown is the nearest: " +
      byId("now").textContent;
  }
  function keys(event) {
    const own = event.target.closest("button, select, a, summary, input:not([type=range])");
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === " " && !own) { event.preventDefault(); play(); }
    if (event.target.closest("input, select")) return;
    if (event.key === "ArrowLeft") { event.preventDefault(); pause(); go(day - 1); }
    if (event.key === "ArrowRight") { event.preventDefault(); pause(); go(day + 1); }
  }
  function makeMode() {
    const choice = (value, words) => {
      const button = html("input", { type: "radio", name: "mode", value: String(value) });
      button.checked = value === shares;
      button.addEventListener("change", () => { shares = value; drawKey(); draw(); });
      return html("label", {}, button, " " + words + " ");
    };
    byId("mode").hidden = false;
    byId("mode").append(html("fieldset", {}, html("legend", {}, "Colours of the map"),
      choice(true, "share of " + many.replications + " runs that hold each cell (steps of " + many.step + " %)"),
      choice(false, "one run, replication " + data.replication)),
        html("p", { class: "small" },
          "Front, roads, depot, words and figures are those of replication " + data.replication + "."));
  }

  const maps = runs.map((_, n) => makeMap(n));
  document.body.classList.toggle("pair", pair);
  document.querySelector(".maps").append(...maps.map((made, n) =>
    html("figure", {}, pair ? html("figcaption", { class: "name-" + n }, called(n)) : null, made.map)));
  if (many) makeMode();
  drawKey();
  updates.push(...makeCharts(), ...makeCards(), makeFigures(), makeInputs());
  makeProvenance();
  byId("slider").max = String(last);
  byId("slider").addEventListener("input", (event) => { pause(); go(Number(event.target.value)); });
  byId("back").addEventListener("click", () => { pause(); go(day - 1); });
  byId("forward").addEventListener("click", () => { pause(); go(day + 1); });
  byId("play").addEventListener("click", play);
  byId("speed").addEventListener("change", () => { if (timer) { pause(); play(); } });
  byId("every").addEventListener("toggle",
    () => { const room = byId("every").querySelector("div"); if (!room.hasChildNodes()) room.append(everyDay()); });
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) byId("speed").value = "1";
  document.addEventListener("keydown", keys);
  window.addEventListener("hashchange", fromAddress);
  draw();
  fromAddress();
})();
