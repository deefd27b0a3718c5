// The top of the page: which worker this is, how it is, and its most telling numbers.

import { byId, make, reconcile, setText, show } from "./dom.js";
import { count, latency, latencyText, plain, rate, span, time } from "./format.js";

export function showFacts(status) {
  const { worker } = status;
  setText(byId("fact-group"), worker.group);
  // A name of chance says less than where it runs; both begin with the group's.
  const chance = worker.replica.startsWith(`${worker.group}-`) ? worker.replica.slice(worker.group.length + 1) : worker.replica;
  setText(byId("fact-replica"), worker.instance_id ?? `${chance} on ${worker.host}`);
  byId("fact-replica").title = `${worker.replica} on ${worker.host}`;
  setText(byId("fact-version"), worker.version);
  setText(byId("fact-uptime"), span(worker.uptime_seconds));
  byId("fact-uptime").title = `since ${worker.started_at}`;
}

/** What a person has to know first: tone, sentence, and why. */
function judge(status) {
  const valve = status.safety_valve;
  const isPaused = Boolean(valve) && valve.state !== "sending";
  // The banner has the valve's own reason already.
  const hindrances = status.hindrances.filter((hindrance) => !isPaused || hindrance !== valve.reason);
  if (hindrances.length > 0) return ["bad", "×", "Not ready", hindrances];
  if (isPaused) return ["bad", "×", "Not ready: sending is paused", []];
  if (!status.ready) return ["bad", "×", "Not ready", []];
  if (status.endpoint === "down") {
    return ["warn", "!", "Ready, but the endpoint does not answer", ["Requests wait; nothing is lost. See Endpoint below."]];
  }
  if (status.application_cooling) {
    return ["warn", "!", "Ready, but the whole application is throttled", ["No call starts until Instagram takes them again."]];
  }
  if (status.calls_suspended) {
    return ["warn", "!", "Ready, but nothing is sent", ["Results cannot be committed to Kafka."]];
  }
  const partitions = status.partitions.length;
  const parts = [`${count(partitions)} ${partitions === 1 ? "partition" : "partitions"}`];
  const { token_dead: dead = 0, held = 0, stopped = 0, throttled = 0 } = status.accounts;
  if (dead + held + stopped > 0) parts.push(`${accounts(dead + held + stopped)} stopped`);
  if (throttled > 0) parts.push(`${accounts(throttled)} throttled`);
  if (status.endpoint === "recovering") parts.push("the endpoint came back a moment ago");
  return ["good", "✓", "Ready", [parts.join(", ")]];
}

const accounts = (number) => `${count(number)} ${number === 1 ? "account" : "accounts"}`;

export function showVerdict(status) {
  const [tone, mark, title, reasons] = judge(status);
  byId("verdict").className = `verdict ${tone}`;
  setText(byId("verdict-mark"), mark);
  setText(byId("verdict-title"), title);
  reconcile(byId("verdict-reasons"), reasons, (reason) => reason, () => make("li"), setText);
  document.title = `${tone === "good" ? "" : `${mark} `}${title} · send-worker`;
}

/** The banner of the valve that stops sending when too many accounts fail; older workers have none. */
export function showValve(status) {
  const valve = status.safety_valve;
  const isShown = Boolean(valve) && valve.state !== "sending";
  show(byId("valve"), isShown);
  if (!isShown) return;
  const titles = { paused: "Sending is paused.", probing: "Sending is being tried again." };
  setText(byId("valve-title"), titles[valve.state] ?? `Safety valve: ${plain(valve.state)}.`);
  const numbers = `${count(valve.failed_accounts)} of ${accounts(valve.active_accounts)} cannot send`;
  // The title says the beginning already.
  const reason = valve.reason?.replace(/^sending is paused: /, "") ?? numbers;
  const parts = [sentence(reason), `Sending stops at ${Math.round(valve.threshold * 100)} %.`];
  if (valve.since) parts.push(`Since ${time(valve.since)}.`);
  setText(byId("valve-text"), parts.join(" "));
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

export function showFigures(status) {
  const { recent, throughput } = status;
  const lags = status.partition_states.map((partition) => partition.lag).filter((lag) => lag !== null);
  const lag = lags.reduce((sum, value) => sum + value, 0);
  const [p50, unit] = latency(recent.request_latency.p50_ms);
  const figures = [
    ["results", "Results", rate(throughput.results_per_second), "/s", `${count(sum(status.totals.results))} since the start`],
    ["calls", "Calls", rate(throughput.calls_per_second), "/s", `${count(status.in_flight)} running`],
    ["waiting", "Waiting requests", count(status.waiting), "", `${count(status.finished_uncommitted)} ended, to be committed`],
    ["latency", "Request to result", p50, unit, `median; 99 % within ${latencyText(recent.request_latency.p99_ms)}`],
    ["lag", "Lag", lags.length ? count(lag) : "–", "", lags.length ? "offsets not yet committed" : "not known yet"],
    ["retries", "Retries", count(status.retries), "", "since the start"],
  ];
  reconcile(byId("figures"), figures, ([key]) => key, createFigure, updateFigure);
}

const sum = (counts) => Object.values(counts).reduce((total, value) => total + value, 0);

function createFigure([key, name]) {
  const box = make("div");
  const value = make("dd");
  value.id = `figure-${key}`;
  value.append(make("span"), make("small"));
  box.append(make("dt", "", name), value, make("dd", "note"));
  return box;
}

function updateFigure(box, [, , value, unit, note]) {
  const [, main, small] = box.children;
  setText(main.firstElementChild, value);
  setText(main.lastElementChild, unit ? ` ${unit}` : "");
  setText(small, note);
}
