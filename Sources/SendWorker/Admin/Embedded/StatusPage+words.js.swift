// Generated from Sources/SendWorker/Admin/Page by Tests/Tools/embed-page.
// swift-format-ignore-file
extension StatusPage {
    static let wordsJs = #"""
// The worker's states in plain words.

const states = {
  ready: ["good", "Free to send", "Nothing stands in its way, or it has nothing to send."],
  limited: ["plain", "At a rate limit", "Goes on by itself as soon as the limit has room."],
  cold_start: ["plain", "Just taken over", "Waits one window, since nobody knows what the last owner sent. Goes on by itself."],
  throttled: ["warn", "Throttled", "Instagram says that the account called too often. Goes on by itself, at a lower pace."],
  held: ["bad", "Blocked by policy", "Instagram blocks the account. It is tried again by itself; look at the account's standing there."],
  stopped: ["bad", "No permission", "Give the app its permission for this account back. It is tried again by itself."],
  token_dead: ["bad", "Token not valid", "Give the account a new token. It goes on as soon as the token has changed."],
  feature_held: ["warn", "Part blocked", "Instagram takes no messages of one kind from the account; others go on. Tried again by itself."],
  answers_unknown: ["warn", "Answers say nothing", "Instagram's answers do not say what became of the calls; one call at a time tries it."],
  probing: ["warn", "Being tried", "One call shows whether the account works again; the others wait for it."],
  application_throttled: ["warn", "App throttled", "Instagram says that the whole application called too often. All accounts wait."],
  endpoint_down: ["warn", "Endpoint down", "Instagram does not answer. All accounts wait; the worker tries again by itself."],
  safety_valve: ["warn", "Sending paused", "Most accounts failed lately, so the worker stopped; it tries one call now and then."],
  starting_slowly: ["plain", "Starting slowly", "After a start, a takeover or a pause few calls run at once until some are delivered."],
  max_in_flight: ["plain", "Calls all taken", "As many calls run as worker.maxInFlight allows."],
  max_in_doubt: ["plain", "Results await commit", "delivery.maxInDoubt messages are called or wait for their commit to Kafka."],
  commits_overdue: ["warn", "Commits fail", "Results cannot be committed to Kafka, so nothing more is sent."],
  ownership_unproven: ["plain", "Awaits a commit", "A commit has to show first that the partition is still this replica's."],
};

const limits = {
  "limits.messagesPerSecond": "messages per second",
  "limits.mediaPerSecond": "audio and video per second",
  "limits.privateRepliesPerHour": "private replies per hour",
  "limits.perConversation": "messages per conversation",
  "limits.worker": "calls of the whole worker",
};

const tallies = {
  ready: "free to send", limited: "at a limit", throttled: "throttled", held: "blocked", stopped: "no permission",
  token_dead: "token not valid",
};

const plain = (word) => word.replaceAll("_", " ");

export const tone = (state) => states[state]?.[0] ?? "plain";
export const label = (state) => states[state]?.[1] ?? plain(state);
export const advice = (state) => states[state]?.[2] ?? "";
export const limitName = (name) => limits[name] ?? name;
export const tallyName = (state) => tallies[state] ?? plain(state);

/** What an account that has no time to go on waits for. */
export function event(state) {
  if (state === "token_dead") return "when its token changes";
  if (state === "probing") return "when the call ends";
  if (["max_in_flight", "starting_slowly"].includes(state)) return "when a call ends";
  if (["max_in_doubt", "commits_overdue", "ownership_unproven"].includes(state)) return "with the next commit";
  if (state === "endpoint_down") return "when it answers";
  return "–";
}

export const outcomes = {
  delivered: "delivered", not_sent: "not sent (no connection)", throttled: "throttled",
  application_throttled: "application throttled", unknown: "unknown",
  already_answered: "answered before", media_fetch: "media not fetched", refused: "refused",
  account_held: "account blocked", token_dead: "token not valid", account_stopped: "no permission",
};

export const endpoints = {
  up: ["good", "Up", "Instagram takes calls."],
  recovering: ["warn", "Recovering", "It came back a moment ago; calls are let through in growing numbers."],
  down: ["bad", "Down", "It does not answer; one call at a time tries it. Attempts are not used up meanwhile."],
};

"""#
}
