"use strict";
// Everything that came from a model becomes the text of an element, never markup.

const STEPS = { "": "ok", "tests fail": "warn" };
const KEYS = ["model", "build", "test"];
const state = { suite: 0, attempt: 0, against: "parent", show: "all" };
let story;

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  return dress(made, attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function dress(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

// Control characters are shown, not obeyed; those that turn the direction of text too.
function plain(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.codePointAt(0);
    return code < 32 ? String.fromCodePoint(0x2400 + code) : "\ufffd";
  });
}

const textOf = (digest) => plain(story.texts[digest] ?? "");
const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
const seconds = (value) => (value < 600 ? `${value.toFixed(value < 10 ? 1 : 0)} s` : `${Math.round(value / 60).toLocaleString("en")} min`);
const figure = (value) => (Math.abs(value) >= 1e-3 || value === 0 ? value.toLocaleString("en", { maximumSignificantDigits: 4 }) : value.toExponential(2));
const kindOf = (attempt) => STEPS[attempt.step] ?? "bad";
const ran = (attempt) => attempt.verdict && !attempt.verdict.compile_error;
const scoreOf = (attempt) => attempt.verdict?.score ?? 0;

function outcome(attempt) {
  if (attempt.problem) return plain(attempt.problem.split("\n")[0]);
  if (!attempt.verdict) return attempt.step;
  if (attempt.verdict.compile_error) return plain(attempt.verdict.compile_error.split("\n")[0]);
  const tests = attempt.verdict.tests;
  const passed = tests.filter((test) => ["passed", "skipped", "xfailed"].includes(test.status)).length;
  return `${passed} of ${count(tests.length, "test")} ${tests.length === 1 ? "passes" : "pass"}`;
}

// The attempt whose body was mended: of several that a prompt quoted, the last.
const parentOf = (attempt) => (attempt.parents.length ? Math.max(...attempt.parents) : 0);

function rowsOf(attempts) {
  const children = new Map();
  for (const attempt of attempts) {
    const parent = parentOf(attempt);
    children.set(parent, [...(children.get(parent) ?? []), attempt]);
  }
  // A line goes on at its own depth, a branch one deeper: a long line must not walk off to the right.
  const rows = [];
  const waiting = (children.get(0) ?? []).map((attempt) => [attempt, 0]).reverse();
  while (waiting.length) {
    const [attempt, depth] = waiting.pop();
    rows.push({ attempt, depth });
    const next = children.get(attempt.number) ?? [];
    next.forEach((child, index) => waiting.push([child, index === 0 ? depth : depth + 1]));
  }
  return rows;
}

function improvements(attempts) {
  const kept = new Set();
  let best = -1;
  for (const attempt of attempts) {
    if (ran(attempt) && scoreOf(attempt) > best) {
      best = scoreOf(attempt);
      kept.add(attempt.number);
    }
  }
  return kept;
}

// The longest common subsequence of lines, as rows of [mark, line].
function diff(before, after) {
  const a = before.split("\n"), b = after.split("\n");
  if (a.length * b.length > 4e6) return [...a.map((line) => ["-", line]), ...b.map((line) => ["+", line])];
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i * width + j] = a[i] === b[j]
        ? table[(i + 1) * width + j + 1] + 1
        : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
  const rows = [];
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) rows.push([" ", a[i++]]), j++;
    else if (i < a.length && (j === b.length || table[(i + 1) * width + j] >= table[i * width + j + 1])) rows.push(["-", a[i++]]);
    else rows.push(["+", b[j++]]);
  }
  return rows;
}

function diffView(before, after) {
  const tags = { "+": "ins", "-": "del", " ": "span" };
  return el("pre", { tabindex: 0 }, diff(before, after).map(([mark, line]) => el(tags[mark], {}, `${mark} ${line}`)));
}

function timeView(spent) {
  const total = KEYS.reduce((sum, key) => sum + spent[key], 0);
  const parts = KEYS.map((key, at) => el("i", { class: `k${at}`, style: `width:${total ? (100 * spent[key]) / total : 0}%` }));
  const legend = KEYS.map((key, at) => [el("span", { class: `key k${at}` }), `${key === "build" ? "rustc" : key === "test" ? "tests" : key} ${seconds(spent[key])}`]);
  return el("div", {}, el("div", { class: "split", "aria-hidden": "true" }, parts), el("p", { class: "quiet" }, `${seconds(total)} in all`, legend));
}

// Points are attempts: {attempt, x, y}; lines join what the caller says.
function plot(caption, points, { best = null, edges = [], front = null, xLabel, yLabel }) {
  const [W, H, L, R, T, B] = [620, 290, 84, 16, 18, 48];
  const span = (values) => {
    const low = Math.min(...values), high = Math.max(...values);
    return low === high ? [low - 0.5, high + 0.5] : [low, high];
  };
  const [x0, x1] = span(points.map((point) => point.x));
  const [y0, y1] = span(points.map((point) => point.y));
  const X = (x) => L + ((x - x0) / (x1 - x0)) * (W - L - R);
  const Y = (y) => H - B - ((y - y0) / (y1 - y0)) * (H - T - B);
  const line = (list) => list.map((point, at) => `${at ? "L" : "M"}${X(point.x).toFixed(1)} ${Y(point.y).toFixed(1)}`).join("");
  const drawing = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": caption },
    svg("line", { class: "axis", x1: L, x2: W - R, y1: H - B, y2: H - B }),
    svg("line", { class: "axis", x1: L, x2: L, y1: T, y2: H - B }),
    [[x0, X(x0), "start"], [x1, X(x1), "end"]].map(([value, x, anchor]) => svg("text", { x, y: H - B + 20, "text-anchor": anchor }, figure(value))),
    [[y0, Y(y0)], [y1, Y(y1) + 12]].map(([value, y]) => svg("text", { x: L - 6, y, "text-anchor": "end" }, figure(value))),
    svg("text", { x: (L + W - R) / 2, y: H - 8, "text-anchor": "middle" }, xLabel),
    svg("text", { x: 18, y: (H - B + T) / 2, "text-anchor": "middle", transform: `rotate(-90 18 ${(H - B + T) / 2})` }, yLabel),
    edges.length ? svg("path", { class: "edge", d: edges.map((pair) => line(pair)).join("") }) : null,
    best ? svg("path", { class: "best", d: line(best) }) : null,
    points.map((point) => svg("circle", {
      cx: X(point.x).toFixed(1), cy: Y(point.y).toFixed(1), r: points.length > 300 ? 3 : 5,
      class: `${kindOf(point.attempt)}${front?.has(point.attempt.number) ? " front" : ""}`, "data-number": point.attempt.number,
      onclick: () => choose(point.attempt.number),
    }, svg("title", {}, `${point.attempt.number}: ${figure(point.y)}; ${outcome(point.attempt)}`))));
  return el("figure", {}, drawing, el("figcaption", {}, caption));
}

function metricsOf(attempt) {
  const sums = new Map();
  for (const test of attempt.verdict?.tests ?? [])
    for (const metric of test.metrics) {
      const known = sums.get(metric.name) ?? { goal: metric.goal, values: [] };
      known.values.push(metric.value);
      sums.set(metric.name, known);
    }
  return sums;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function charts(attempts) {
  const tried = attempts.filter(ran);
  if (!tried.length) return null;
  const at = new Map(tried.map((attempt) => [attempt.number, { attempt, x: attempt.number, y: scoreOf(attempt) }]));
  const edges = tried.flatMap((attempt) => attempt.parents.filter((parent) => at.has(parent)).map((parent) => [at.get(parent), at.get(attempt.number)]));
  const made = [plot("Share of tests that pass, and which attempt came from which", [...at.values()],
    { best: running([...at.values()], "maximize"), edges, xLabel: "attempt", yLabel: "score" })];
  const measured = tried.map((attempt) => [attempt, metricsOf(attempt)]);
  const names = new Map(measured.flatMap(([, sums]) => [...sums].map(([name, { goal }]) => [name, goal])));
  const pointsOf = (name) => measured.filter(([, sums]) => sums.has(name))
    .map(([attempt, sums]) => ({ attempt, x: attempt.number, y: mean(sums.get(name).values) })).filter((point) => Number.isFinite(point.y));
  for (const [name, goal] of names) {
    const points = pointsOf(name);
    if (points.length) made.push(plot(`${plain(name)} (${goal}), mean over cases`, points, { best: running(points, goal), xLabel: "attempt", yLabel: plain(name) }));
  }
  const listed = [...names];
  for (let i = 0; i < listed.length; i++)
    for (let j = i + 1; j < listed.length && made.length < 12; j++) {
      const [first, second] = [listed[i], listed[j]];
      const ys = new Map(pointsOf(second[0]).map((point) => [point.attempt.number, point.y]));
      const points = pointsOf(first[0]).filter((point) => ys.has(point.attempt.number))
        .map((point) => ({ attempt: point.attempt, x: point.y, y: ys.get(point.attempt.number) }));
      if (!points.length) continue;
      const front = pareto(points, first[1], second[1]);
      const best = [...front].sort((a, b) => a.x - b.x);
      made.push(plot(`Pareto front of ${plain(first[0])} and ${plain(second[0])}`, points,
        { best, front: new Set([...front].map((point) => point.attempt.number)), xLabel: plain(first[0]), yLabel: plain(second[0]) }));
    }
  return el("div", { class: "charts" }, made);
}

function running(points, goal) {
  const line = [];
  let best = null;
  for (const point of points) {
    if (best === null || (goal === "maximize" ? point.y > best : point.y < best)) best = point.y;
    line.push({ x: point.x, y: best });
  }
  return line;
}

function pareto(points, goalX, goalY) {
  const signed = (value, goal) => (goal === "maximize" ? value : -value);
  const order = [...points].sort((a, b) => signed(b.x, goalX) - signed(a.x, goalX) || signed(b.y, goalY) - signed(a.y, goalY));
  const front = [];
  let best = -Infinity;
  for (const point of order)
    if (signed(point.y, goalY) > best) {
      best = signed(point.y, goalY);
      front.push(point);
    }
  return front;
}

function verdictView(verdict, holdouts) {
  if (verdict.compile_error) return el("pre", { tabindex: 0 }, plain(verdict.compile_error));
  return el("table", {},
    el("thead", {}, el("tr", {}, ["test", "outcome", "metrics"].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, verdict.tests.map((test) => el("tr", {},
      el("td", {}, plain(test.nodeid), holdouts.has(test.nodeid) ? el("span", { class: "quiet" }, " (held out)") : null,
        test.message ? el("details", {}, el("summary", { class: "quiet" }, plain(`${test.kind}: ${test.message.split("\n")[0]}`.slice(0, 160))), el("pre", { tabindex: 0 }, plain(test.message))) : null),
      el("td", { class: test.status.split(" ")[0] }, test.status),
      el("td", {}, test.metrics.map((metric) => el("div", {}, plain(`${metric.name}${metric.case ? ` ${metric.case}` : ""}: ${figure(metric.value)}`))))))));
}

function bodiesOf(attempt) {
  return Object.entries(attempt.bodies).map(([path, digest]) => `// ${path}\n${textOf(digest)}`).join("\n\n");
}

function detail(told, attempt) {
  const holdouts = new Set(told.suite.tests.filter((test) => test.holdout).map((test) => test.nodeid));
  const parent = told.attempts.find((one) => one.number === parentOf(attempt));
  const winner = told.end?.winner ? told.attempts.find((one) => one.number === told.end.winner) : null;
  const others = { parent: parent && bodiesOf(parent), winner: winner && winner !== attempt ? bodiesOf(winner) : null, nothing: "" };
  const against = others[state.against] ? state.against : others.parent ? "parent" : "nothing";
  const choice = el("select", { id: "against", onchange: (event) => { state.against = event.target.value; showDetail(); } },
    Object.entries(others).filter(([, text]) => typeof text === "string")
      .map(([name]) => el("option", { value: name, selected: name === against ? "" : null }, name === "parent" ? `attempt ${parent.number}, its parent` : name === "winner" ? `attempt ${winner.number}, the winner` : "nothing")));
  const body = bodiesOf(attempt);
  const facts = [["round", attempt.round], ["lane", attempt.lane], ["model", plain(attempt.model)], ["temperature", attempt.temperature], ["seed", attempt.seed],
    ["tokens", `${attempt.prompt_tokens.toLocaleString("en")} in, ${attempt.generated_tokens.toLocaleString("en")} out`], ["cost", attempt.cost ? figure(attempt.cost) : null],
    ["came from", attempt.parents.join(", ") || "nothing"], ["ended", plain(attempt.finish)], ["recorded", attempt.replayed ? "yes" : null], ["revision", attempt.revision || null]];
  return [
    el("h2", {}, `Attempt ${attempt.number}: `, el("span", { class: kindOf(attempt) }, outcome(attempt))),
    el("dl", { class: "facts" }, facts.filter(([, value]) => value !== null).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, String(value))))),
    attempt.decision.why ? el("p", { class: "quiet" }, plain(`${attempt.decision.strategy}, ${attempt.decision.arm}: ${attempt.decision.why}`)) : null,
    timeView(attempt.seconds),
    attempt.problem.includes("\n") ? el("pre", { tabindex: 0 }, plain(attempt.problem)) : null,
    body ? [el("h3", {}, "Body"), el("p", { class: "bar" }, el("label", { for: "against" }, "difference from"), choice), diffView(others[against] || body, body)] : null,
    attempt.verdict ? [el("h3", {}, "Verdict"), verdictView(attempt.verdict, holdouts)] : null,
    el("h3", {}, "Asked and answered"),
    attempt.prompt.map((message) => el("details", {}, el("summary", {}, `${message.role}, ${count(textOf(message.text).length, "character")}`), el("pre", { tabindex: 0 }, textOf(message.text)))),
    el("details", { open: attempt.bodies && Object.keys(attempt.bodies).length ? null : "" }, el("summary", {}, "the answer"), el("pre", { tabindex: 0 }, textOf(attempt.answer))),
  ];
}

function tree(told) {
  const better = improvements(told.attempts);
  const filters = { all: () => true, better: (one) => better.has(one.number) || !one.step, built: ran, fell: (one) => !ran(one) };
  const rows = rowsOf(told.attempts).filter(({ attempt }) => filters[state.show](attempt));
  const list = el("div", { class: "tree", role: "tree", "aria-label": "Lineage", tabindex: 0, onkeydown: walk },
    rows.map(({ attempt, depth }) => el("div", { role: "treeitem", id: `a${attempt.number}`, "aria-level": depth + 1, "aria-selected": attempt.number === state.attempt, "data-number": attempt.number,
      style: `padding-left:${8 + 14 * Math.min(depth, 20)}px`, onclick: () => choose(attempt.number) },
    el("span", { class: `dot ${kindOf(attempt)}`, "aria-hidden": "true" }), el("b", {}, String(attempt.number)),
    el("span", { class: "what" }, `${attempt.decision.arm ? `${plain(attempt.decision.arm)}: ` : ""}${outcome(attempt)}`),
    attempt.number === told.end?.winner ? el("span", { class: "ok" }, "winner") : null,
    el("span", { class: "score" }, ran(attempt) ? scoreOf(attempt).toFixed(2) : ""))));
  const select = el("select", { id: "show", onchange: (event) => { state.show = event.target.value; showTree(); } },
    [["all", "all attempts"], ["better", "the better ones"], ["built", "those that ran"], ["fell", "those that did not"]]
      .map(([value, name]) => el("option", { value, selected: value === state.show ? "" : null }, name)));
  return [el("div", { class: "bar" }, el("label", { for: "show" }, "show"), select, el("span", { class: "quiet" }, count(rows.length, "attempt"))), list];
}

function walk(event) {
  const rows = [...event.currentTarget.children];
  const at = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: rows.length - 1 }[event.key];
  if (to === undefined || !rows.length) return;
  event.preventDefault();
  choose(Number(rows[Math.max(0, Math.min(rows.length - 1, to))].dataset.number));
}

function choose(number) {
  state.attempt = number;
  mark();
  showDetail();
}

function mark() {
  for (const row of document.querySelectorAll(".tree > div")) {
    const chosen = Number(row.dataset.number) === state.attempt;
    row.setAttribute("aria-selected", chosen);
    if (chosen) {
      row.parentElement.setAttribute("aria-activedescendant", row.id);
      // Within the list alone: the page stays where it is.
      const list = row.parentElement.getBoundingClientRect(), place = row.getBoundingClientRect();
      if (place.top < list.top) row.parentElement.scrollTop -= list.top - place.top;
      else if (place.bottom > list.bottom) row.parentElement.scrollTop += place.bottom - list.bottom;
    }
  }
  for (const point of document.querySelectorAll("circle")) point.classList.toggle("chosen", Number(point.dataset.number) === state.attempt);
}

function showTree() {
  document.getElementById("lineage").replaceChildren(...tree(story.suites[state.suite]));
  mark();
}

function showDetail() {
  const told = story.suites[state.suite];
  const attempt = told.attempts.find((one) => one.number === state.attempt);
  document.getElementById("detail").replaceChildren(...(attempt ? detail(told, attempt).flat(Infinity).filter(Boolean) : []));
}

function showSuite(index) {
  const told = story.suites[index];
  state.suite = index;
  for (const button of document.querySelectorAll("nav .suite")) button.setAttribute("aria-current", Number(button.dataset.suite) === index);
  const end = told.end;
  const rounds = Math.max(0, ...told.attempts.map((attempt) => attempt.round));
  const tokens = told.attempts.reduce((sum, attempt) => sum + attempt.generated_tokens, 0);
  const spent = end?.seconds ?? { model: 0, build: 0, test: 0 };
  document.getElementById("main").replaceChildren(...[
    el("h2", {}, plain(told.suite.suite)),
    el("p", {}, el("span", { class: `end ${end?.end ?? "interrupted"}` }, end?.end ?? "interrupted"), ` after ${count(rounds, "round")}, ${count(told.attempts.length, "attempt")}, ${count(tokens, "token")}`,
      end?.cost ? `, cost ${figure(end.cost)}` : "", end?.message ? `: ${plain(end.message)}` : "", told.written ? el("span", { class: told.kept_back ? "bad" : "quiet" }, `; ${plain(told.written)}`) : null),
    timeView(spent),
    told.notes.length ? el("details", {}, el("summary", {}, count(told.notes.length, "note")), el("ul", {}, told.notes.map((note) => el("li", {}, plain(note))))) : null,
    told.baseline ? el("details", {}, el("summary", {}, "what was on disk"), Object.entries(told.suite.files).map(([name, digest]) => [el("h3", {}, plain(name)), el("pre", { tabindex: 0 }, textOf(digest))]), verdictView(told.baseline.verdict, new Set())) : null,
    charts(told.attempts),
    told.attempts.length ? el("div", { class: "split-view" }, el("section", { id: "lineage", "aria-label": "Lineage" }), el("section", { id: "detail", "aria-label": "The chosen attempt", "aria-live": "polite" })) : null,
  ].filter(Boolean));
  if (!told.attempts.length) return;
  state.attempt = end?.winner || told.attempts.at(-1).number;
  state.show = "all";
  showTree();
  showDetail();
}

async function unpack() {
  const packed = Uint8Array.from(atob(document.getElementById("data").textContent.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

unpack().then((found) => {
  story = found;
  for (const button of document.querySelectorAll("nav .suite")) button.addEventListener("click", () => showSuite(Number(button.dataset.suite)));
  if (story.suites.length) showSuite(0);
  document.body.dataset.ready = "yes";
}).catch((error) => {
  document.getElementById("main").replaceChildren(el("p", { class: "bad" }, `This page could not be read: ${error.message}. It needs a browser of 2023 or later.`));
});
