// Generated from Sources/SendWorker/Admin/Page by Tests/Tools/embed-page.
// swift-format-ignore-file
extension StatusPage {
    static let mainJs = #"""
// Asks the worker for its state again and again, and says so when it no longer answers.

import { lookUp, refreshAccount, showAccounts, startLookup } from "./accounts.js";
import { byId, setText, show } from "./dom.js";
import { span, time } from "./format.js";
import { showFacts, showFigures, showValve, showVerdict } from "./overview.js";
import { showDeadLetters, showEndpoint, showLatency, showPartitions, showResults, startPartitions } from "./panels.js";
import { startTheme } from "./theme.js";

const INTERVAL = 1000;
/** A page that nobody looks at asks less often. */
const HIDDEN_INTERVAL = 15_000;
const PATIENCE = 4000;
/** So many questions in a row without an answer are no accident. */
const MISSES = 2;

const opened = Date.now();
let answeredAt = null;
let misses = 0;
let timer = 0;

async function ask() {
  try {
    const response = await fetch("api/status", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

async function tick() {
  clearTimeout(timer);
  const [status] = await Promise.all([ask(), refreshAccount()]);
  misses = status ? 0 : misses + 1;
  if (status) {
    answeredAt = Date.now();
    render(status);
  }
  showFreshness();
  timer = setTimeout(tick, document.hidden ? HIDDEN_INTERVAL : INTERVAL);
}

function render(status) {
  showFacts(status);
  showVerdict(status);
  showValve(status);
  showFigures(status);
  showResults(status);
  showLatency(status);
  showEndpoint(status);
  showAccounts(status);
  showDeadLetters(status, lookUp);
  showPartitions(status);
}

function showFreshness() {
  const isStale = misses >= MISSES;
  document.documentElement.classList.toggle("is-stale", isStale);
  document.documentElement.classList.toggle("is-live", !isStale && answeredAt !== null);
  show(byId("stale"), isStale);
  const live = byId("live");
  if (!isStale) {
    setText(live, answeredAt ? `live, ${time(answeredAt)}` : "connecting");
    return;
  }
  setText(live, "not answering");
  document.title = "× Not answering · send-worker";
  const since = answeredAt ?? opened;
  const moment = time(since);
  setText(byId("stale-since"), answeredAt ? `Its last answer came at ${moment}.` : `The page was opened at ${moment}.`);
  // Apart from the alert, so that it is not read out every second.
  const age = span((Date.now() - since) / 1000);
  setText(byId("stale-age"), answeredAt ? `That was ${age} ago; everything below is from then.` : `That was ${age} ago.`);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) tick();
});

startTheme();
startLookup();
startPartitions();
tick();

"""#
}
