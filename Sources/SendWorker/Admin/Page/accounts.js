// Accounts that wait, and the look-up of one account.

import { byId, fillTable, make, reconcile, setText, show } from "./dom.js";
import { count, plain, span, time } from "./format.js";
import { accountButton } from "./panels.js";
import { advice, event, label, limitName, tallyName, tone } from "./words.js";

/** What the worker's clock shows, in milliseconds; set with every answer. */
let workerNow = Date.now();

/** When an account goes on. */
function next(account) {
  if (account.state === "ready") return "now";
  if (!account.next_due) return event(account.state);
  const seconds = (Date.parse(account.next_due) - workerNow) / 1000;
  return seconds < 1 ? "any moment" : `in ${span(Math.ceil(seconds))}`;
}

/** Why an account waits, in the words of whoever stopped it. */
function cause(account) {
  if (account.cause) return account.cause;
  if (account.binding_limit) return limitName(account.binding_limit);
  return advice(account.state);
}

const columns = [
  {
    label: "Account", isHeader: true,
    create: (account) => accountButton(account.account_id, lookUp),
    update: () => {},
  },
  {
    label: "Reason",
    create: () => make("span", "tag"),
    update: (tag, account) => {
      tag.className = `tag ${tone(account.state)}`;
      setText(tag, label(account.state));
    },
  },
  {
    label: "Cause", className: "wrap",
    text: (account) => (account.cause_category ? `${plain(account.cause_category)}: ${cause(account)}` : cause(account)),
  },
  { label: "Goes on", className: "nowrap", text: next },
  { label: "Waiting", className: "number", text: (account) => count(account.waiting) },
];

export function showAccounts(status) {
  workerNow = Date.parse(status.now);
  const { total, ...states } = status.accounts;
  reconcile(
    byId("account-tally"), Object.entries(states), ([state]) => state,
    () => {
      const item = make("li");
      item.append(make("b"), make("span"));
      return item;
    },
    (item, [state, number]) => {
      item.className = number === 0 ? "zero" : "";
      setText(item.firstElementChild, count(number));
      setText(item.lastElementChild, ` ${tallyName(state)}`);
    },
  );
  const { shown, most } = status.waiting_accounts;
  fillTable(byId("accounts-table"), columns, shown, (account) => account.account_id);
  show(byId("accounts-empty"), shown.length === 0);
  const more = byId("accounts-more");
  show(more, shown.length >= most);
  setText(more, `Only ${most} are shown: stopped ones first, then those with the most requests. Look others up by their id.`);
}

// MARK: one account

/** The account that is shown; null for none. */
let chosen = null;
/** Whether it is to be shown to a keyboard's user as soon as it is there. */
let wantsFocus = false;
/** Rises with each wish, so that an answer that comes late is not taken for the present one's. */
let wish = 0;

export function startLookup() {
  byId("lookup").addEventListener("submit", (submission) => {
    submission.preventDefault();
    lookUp(byId("lookup-id").value.trim());
  });
  byId("account-close").addEventListener("click", () => {
    close();
    byId("lookup-id").focus();
  });
  window.addEventListener("hashchange", followAddress);
  followAddress();
}

/** `#account=17841…` in the address opens an account, so that it can be sent to a colleague. */
function followAddress() {
  const id = new URLSearchParams(location.hash.slice(1)).get("account");
  if (id && id !== chosen) lookUp(id);
}

function close() {
  wish += 1;
  chosen = null;
  show(byId("account"), false);
  show(byId("lookup-problem"), false);
  history.replaceState(null, "", location.pathname + location.search);
}

/** Shows an account until it is closed, or says why it cannot be shown. */
export function lookUp(id) {
  byId("lookup-id").value = id;
  if (!/^[0-9]{1,32}$/.test(id)) {
    close();
    complain("An account id is made of 1 to 32 digits.");
    return;
  }
  chosen = id;
  history.replaceState(null, "", `#account=${id}`);
  wantsFocus = true;
  refreshAccount();
}

function complain(text) {
  setText(byId("lookup-problem"), text);
  show(byId("lookup-problem"), true);
  show(byId("account"), false);
  wantsFocus = false;
}

/** Asks for the chosen account again, where there is one. */
export async function refreshAccount() {
  if (chosen === null) return;
  wish += 1;
  const mine = wish;
  let answer;
  try {
    const response = await fetch(`api/accounts/${chosen}`, { cache: "no-store", signal: AbortSignal.timeout(4000) });
    answer = await response.json();
  } catch {
    // The banner says that the worker does not answer.
    return;
  }
  if (mine !== wish) return;
  if (answer.error) {
    complain(`Account ${chosen}: ${answer.error}.`);
    chosen = null;
  } else {
    showAccount(answer);
  }
}

/** How fast it may call: halved because of high usage, or so many calls a second after a throttle. */
function pace({ pace_steps: steps, calls_per_second: rate }) {
  if (rate !== undefined && rate !== null) return `${rate} calls a second, after a throttle`;
  return steps === 0 ? "full" : `1/${2 ** steps} of its limits`;
}

function showAccount(account) {
  show(byId("lookup-problem"), false);
  setText(byId("account-title"), `${account.account_id}: ${label(account.state).toLowerCase()}`);
  setText(byId("account-why"), advice(account.state));
  const facts = [
    ["Goes on", next(account)],
    ["Waiting requests", count(account.waiting)],
    ["Conversations", count(account.conversations)],
    ["Calls running", count(account.in_flight)],
    ["Pace", pace(account)],
  ];
  for (const held of account.held_features ?? []) {
    const cause = held.cause ? `: ${held.cause}` : "";
    facts.push([`Held: ${plain(held.feature)}`, `tried again at ${time(held.next_due)}${cause}`]);
  }
  if (account.binding_limit) facts.push(["Limit", limitName(account.binding_limit)]);
  if (account.cause) facts.push(["Cause", `${plain(account.cause_category)}: ${account.cause}`]);
  if (account.base_url) facts.push(["Called at", account.base_url]);
  if (account.path_id) facts.push(["Called as", account.path_id]);
  if (account.own_app_secret) facts.push(["App secret", "its own"]);
  const { head } = account;
  if (head) {
    facts.push(["Next request", head.request_id ?? "–"], ["At", `partition ${head.partition}, offset ${head.offset}`]);
    facts.push(["Its calls so far", count(head.attempts ?? 0)]);
    if (head.deadline) facts.push(["Its deadline", time(head.deadline)]);
    if (head.last_error) facts.push(["Its last error", head.last_error]);
  }
  reconcile(
    byId("account-facts"), facts, ([name]) => name,
    ([name]) => {
      const pair = make("div");
      pair.append(make("dt", "", name), make("dd"));
      return pair;
    },
    (pair, [, value]) => setText(pair.lastElementChild, value),
  );
  show(byId("account"), true);
  if (wantsFocus) byId("account").focus();
  wantsFocus = false;
}
