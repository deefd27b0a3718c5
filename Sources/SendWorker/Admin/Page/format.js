// Numbers and times as people read them.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export const count = (number) => whole.format(number);

export const optional = (number) => (number === null || number === undefined ? "–" : count(number));

/** A number per second. */
export const rate = (number) => (number >= 100 || Number.isInteger(number) ? whole.format(number) : number.toFixed(1));

/** A share of a whole in percent; never 0 or 100 where that is not exact. */
export function share(part, total) {
  if (total === 0) return "–";
  const percent = (part / total) * 100;
  if (percent > 0 && percent < 0.1) return "< 0.1 %";
  if (percent < 100 && percent > 99.9) return "> 99.9 %";
  return `${Number.isInteger(percent) ? percent : percent.toFixed(1)} %`;
}

/** A length of time in words of at most two units. */
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${s / 60} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** Milliseconds as a number and its unit. */
export function latency(ms) {
  if (ms === null || ms === undefined) return ["–", ""];
  if (ms < 10) return [ms.toFixed(1), "ms"];
  if (ms < 1000) return [whole.format(ms), "ms"];
  if (ms < 60_000) return [(ms / 1000).toFixed(ms < 10_000 ? 2 : 1), "s"];
  return [span(ms / 1000), ""];
}

export const latencyText = (ms) => latency(ms).join(" ").trim();

/** The time of day on this computer's clock, with the date where it is another day. */
export function time(text) {
  const moment = new Date(text);
  const shown = clock.format(moment);
  return moment.toDateString() === new Date().toDateString() ? shown : `${day.format(moment)} ${shown}`;
}

/** A word of the worker's as it stands in a sentence. */
export const plain = (word) => word.replaceAll("_", " ");
