// Results, latency, endpoint, dead letters and partitions.

import { drawLatency, drawResults, STATUSES } from "./charts.js";
import { byId, fillTable, make, reconcile, setText, show } from "./dom.js";
import { count, latencyText, optional, plain, share, time } from "./format.js";
import { endpoints, outcomes } from "./words.js";

const first = ([key]) => key;

const meanings = {
  sent: "accepted", rejected: "not valid, no call made", failed: "known not to be delivered",
  expired: "too late for a call", unknown: "nobody knows whether it was delivered",
};

const resultColumns = [
  {
    label: "Status", isHeader: true,
    create: ([status]) => {
      const cell = make("span", "nowrap");
      cell.append(make("span", `key key-${status}`), status);
      return cell;
    },
    update: () => {},
  },
  { label: "Meaning", className: "nil wide", text: ([status]) => meanings[status] },
  { label: "Share", className: "number", text: ([, recent, , total]) => share(recent, total) },
  { label: "5 min", className: "number", text: ([, recent]) => count(recent) },
  { label: "Since start", className: "number", text: ([, , all]) => count(all) },
];

export function showResults({ recent, totals, throughput }) {
  const total = STATUSES.reduce((sum, status) => sum + (recent.results[status] ?? 0), 0);
  const rows = STATUSES.map((status) => [status, recent.results[status] ?? 0, totals.results[status] ?? 0, total]);
  drawResults(byId("results-chart"), recent, throughput.results_per_second);
  fillTable(byId("results-table"), resultColumns, rows, first);
}

const latencyColumns = [
  { label: "From, to", isHeader: true, text: ([, name]) => name },
  { label: "p50", className: "number", text: ([, , value]) => latencyText(value.p50_ms) },
  { label: "p99", className: "number", text: ([, , value]) => latencyText(value.p99_ms) },
  { label: "Count", className: "number", text: ([, , value]) => count(value.count) },
];

export function showLatency({ recent }) {
  drawLatency(byId("latency-chart"), recent);
  const rows = [
    ["request", "Request to result", recent.request_latency],
    ["call", "Call, start to end", recent.call_duration],
  ];
  fillTable(byId("latency-table"), latencyColumns, rows, first);
}

const outcomeColumns = [
  { label: "Outcome", isHeader: true, text: ([name]) => outcomes[name] ?? plain(name) },
  { label: "Calls", className: "number", text: ([, number]) => count(number) },
  { label: "Share", className: "number", text: ([, number, total]) => share(number, total) },
];

export function showEndpoint(status) {
  const { recent, worker } = status;
  const others = (worker.other_graphs ?? []).map(({ base_url: url, accounts }) => `${url} (${count(accounts)})`);
  setText(byId("endpoint-host"), [worker.graph, ...others].join(", "));
  let [tone, title, text] = endpoints[status.endpoint] ?? ["plain", plain(status.endpoint), ""];
  if (status.application_cooling) [tone, title, text] = ["warn", "Throttled", "The whole application called too often."];
  const line = byId("endpoint-state");
  if (!line.firstElementChild) line.append(make("span"), make("span"));
  line.firstElementChild.className = `tag ${tone}`;
  setText(line.firstElementChild, title);
  setText(line.lastElementChild, text);
  const total = Object.values(recent.calls).reduce((sum, value) => sum + value, 0);
  const rows = Object.entries(recent.calls).map(([name, number]) => [name, number, total]);
  fillTable(byId("endpoint-table"), outcomeColumns, rows.sort((a, b) => b[1] - a[1]), first);
  show(byId("endpoint-empty"), rows.length === 0);
}

const code = (letter) => [letter.code, letter.subcode].filter((part) => part !== undefined).join("/");

/** Columns of the dead letters; an account is a button that looks it up. */
const letterColumns = (lookUp) => [
  { label: "Time", className: "nowrap", text: (letter) => time(letter.time) },
  {
    label: "Account",
    create: (letter) => (letter.account_id === null ? make("span", "nil", "–") : accountButton(letter.account_id, lookUp)),
    update: () => {},
  },
  { label: "Request", className: "wrap", isHeader: true, text: (letter) => letter.request_id ?? "–" },
  { label: "Status", text: (letter) => letter.status },
  { label: "Category", className: "nowrap", text: (letter) => plain(letter.category) },
  { label: "Code", className: "nowrap", text: (letter) => code(letter) || "–" },
  { label: "Message", className: "wrap", text: (letter) => letter.message },
];

export function accountButton(id, lookUp) {
  const button = make("button", "id", id);
  button.type = "button";
  button.addEventListener("click", () => lookUp(id));
  return button;
}

export function showDeadLetters({ dead_letters: letters }, lookUp) {
  setText(byId("letters-total"), `${count(letters.total)} since the start, the last ${letters.last.length} below`);
  show(byId("letters-total"), letters.total > 0);
  const counts = Object.entries(letters.by_category).sort((a, b) => b[1] - a[1]);
  reconcile(
    byId("letters-tally"), counts, first,
    () => {
      const item = make("li");
      item.append(make("b"), make("span"));
      return item;
    },
    (item, [category, number]) => {
      const lately = letters.recent_by_category[category] ?? 0;
      setText(item.firstElementChild, count(number));
      setText(item.lastElementChild, ` ${plain(category)}${lately > 0 && lately < number ? `, ${count(lately)} in 5 min` : ""}`);
    },
  );
  fillTable(
    byId("letters-table"), letterColumns(lookUp), letters.last,
    (letter) => `${letter.partition}/${letter.offset}/${letter.time}`,
  );
  show(byId("letters-empty"), letters.last.length === 0);
}

const partitionColumns = [
  {
    label: "No.", isHeader: true,
    create: () => {
      const cell = make("span", "nowrap");
      cell.append(make("span"), make("span", "nil"));
      return cell;
    },
    update: (cell, partition) => {
      setText(cell.firstElementChild, String(partition.partition));
      setText(cell.lastElementChild, partition.state === "active" ? "" : ` ${partition.state}`);
    },
  },
  { label: "Lag", className: "number", text: (partition) => optional(partition.lag) },
  { label: "Outstanding", className: "number", text: (partition) => count(partition.outstanding) },
  { label: "Committed", className: "number", text: (partition) => optional(partition.committed) },
];

const FEW = 12;
let showsAll = false;
let lastStatus = null;

export function startPartitions() {
  byId("partitions-all").addEventListener("click", () => {
    showsAll = !showsAll;
    if (lastStatus) showPartitions(lastStatus);
  });
}

/** All partitions where they are few, else those that are furthest behind. */
export function showPartitions(status) {
  lastStatus = status;
  const all = status.partition_states;
  const behind = (partition) => Math.max(partition.lag ?? 0, partition.outstanding);
  const shown = showsAll || all.length <= FEW ? all : [...all].sort((a, b) => behind(b) - behind(a)).slice(0, FEW);
  setText(byId("partitions-topic"), status.worker.requests_topic);
  fillTable(byId("partitions-table"), partitionColumns, shown, (partition) => partition.partition);
  show(byId("partitions-empty"), all.length === 0);
  const button = byId("partitions-all");
  show(button, all.length > FEW);
  button.setAttribute("aria-expanded", String(showsAll));
  setText(button, showsAll ? `Show the ${FEW} furthest behind` : `Show all ${all.length}`);
}
