// Generated from Sources/SendWorker/Admin/Page by Tests/Tools/embed-page.
// swift-format-ignore-file
extension StatusPage {
    static let chartsJs = #"""
// The two charts, drawn anew with every answer at the width that there is.

import { count, latencyText, rate, time } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";
const PAD = { left: 44, right: 2, top: 8, bottom: 18 };

export const STATUSES = ["sent", "rejected", "failed", "expired", "unknown"];

function element(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function canvas(parent, label) {
  const width = Math.max(parent.clientWidth, 200);
  const height = Math.max(parent.clientHeight, 80);
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  const bottom = height - PAD.bottom;
  svg.append(
    element("line", { class: "base", x1: PAD.left, x2: width - PAD.right, y1: bottom + 0.5, y2: bottom + 0.5 }),
    element("text", { x: PAD.left, y: height - 3 }, "5 min ago"),
    element("text", { x: width - PAD.right, y: height - 3, "text-anchor": "end" }, "now"),
  );
  return { svg, width: width - PAD.left - PAD.right, bottom, height: bottom - PAD.top };
}

function rule(area, y, label) {
  const x2 = PAD.left + area.width;
  area.svg.append(
    element("line", { class: "rule", x1: PAD.left, x2, y1: Math.round(y) + 0.5, y2: Math.round(y) + 0.5 }),
    element("text", { x: PAD.left - 6, y: y + 4, "text-anchor": "end" }, label),
  );
}

/** A round number that is not smaller. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= value);
}

/** When a bucket began, as text. */
function moment(recent, index) {
  const newest = Date.parse(recent.newest_bucket_at);
  return time(newest - (recent.buckets.calls.length - 1 - index) * recent.bucket_seconds * 1000);
}

/** Results per second, a bar for each bucket, stacked by status. */
export function drawResults(parent, recent, nowPerSecond) {
  const { buckets, bucket_seconds: seconds } = recent;
  const size = buckets.sent.length;
  const totals = buckets.sent.map((_, index) => STATUSES.reduce((sum, status) => sum + buckets[status][index], 0));
  const peak = Math.max(...totals) / seconds;
  const words = STATUSES.map((status) => `${count(recent.results[status] ?? 0)} ${status}`).join(", ");
  const area = canvas(parent, `Results of the last 5 minutes: ${words}. Now ${rate(nowPerSecond)} per second, at most ${rate(peak)}.`);
  const most = ceiling(Math.max(peak, 1));
  rule(area, area.bottom - area.height, `${rate(most)}/s`);
  rule(area, area.bottom - area.height / 2, `${rate(most / 2)}/s`);
  const step = area.width / size;
  const paths = Object.fromEntries(STATUSES.map((status) => [status, ""]));
  totals.forEach((total, index) => {
    const x = PAD.left + index * step;
    let y = area.bottom;
    for (const status of STATUSES) {
      const value = buckets[status][index];
      if (value === 0) continue;
      // What is there must be seen, however little it is.
      const height = Math.max((value / seconds / most) * area.height, 1.5);
      y -= height;
      paths[status] += `M${x.toFixed(1)} ${y.toFixed(1)}h${(step * 0.8).toFixed(1)}v${height.toFixed(1)}h${(-step * 0.8).toFixed(1)}z`;
    }
  });
  for (const status of STATUSES) area.svg.append(element("path", { class: `fill-${status}`, d: paths[status] }));
  totals.forEach((total, index) => {
    const parts = STATUSES.filter((status) => buckets[status][index]).map((status) => `${buckets[status][index]} ${status}`);
    addCell(area, index, step, `${moment(recent, index)}, ${seconds} s: ${parts.join(", ") || "none"}`);
  });
  parent.replaceChildren(area.svg);
}

/** The time from request to result, median and 99th percentile, on a logarithmic scale. */
export function drawLatency(parent, recent) {
  const { request_p50_ms: p50, request_p99_ms: p99 } = recent.buckets;
  const { p50_ms: middle, p99_ms: high } = recent.request_latency;
  const area = canvas(parent, `Time from request to result in the last 5 minutes: median ${latencyText(middle)}, 99th percentile ${latencyText(high)}.`);
  const values = [...p50, ...p99].filter((value) => value !== null);
  const low = Math.floor(Math.log10(Math.max(Math.min(...values, 10), 1)));
  const top = Math.max(Math.ceil(Math.log10(Math.max(...values, 1000))), low + 1);
  const yOf = (ms) => area.bottom - ((Math.log10(Math.max(ms, 10 ** low)) - low) / (top - low)) * area.height;
  for (let power = low; power <= top; power += 1) {
    const name = power < 3 ? `${10 ** power} ms` : `${count(10 ** (power - 3))} s`;
    if (power > low) rule(area, yOf(10 ** power), name);
  }
  const step = area.width / p50.length;
  for (const [name, line] of [["p99", p99], ["p50", p50]]) {
    let path = "";
    let isOpen = false;
    line.forEach((ms, index) => {
      if (ms === null) {
        isOpen = false;
        return;
      }
      const point = `${(PAD.left + (index + 0.5) * step).toFixed(1)} ${yOf(ms).toFixed(1)}`;
      // A lone point is drawn as a line of no length, which its round ends make a dot.
      path += isOpen ? `L${point}` : `M${point}L${point}`;
      isOpen = true;
    });
    area.svg.append(element("path", { class: `line line-${name}`, d: path }));
  }
  p50.forEach((ms, index) => {
    const text = ms === null ? "none" : `p50 ${latencyText(ms)}, p99 ${latencyText(p99[index])}`;
    addCell(area, index, step, `${moment(recent, index)}: ${text}`);
  });
  parent.replaceChildren(area.svg);
}

function addCell(area, index, step, text) {
  const cell = element("rect", { class: "cell", x: PAD.left + index * step, y: PAD.top, width: step, height: area.height });
  cell.append(element("title", {}, text));
  area.svg.append(cell);
}

"""#
}
