// Dates, money and codes as people in England read them.

const MONEY = new Intl.NumberFormat("en-GB", { style: "currency", currency: "GBP" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const INSTANT = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit", hour12: true,
  timeZone: "Europe/London",
});

/** The amount of a FHIR Money, such as `£1,234.56`. */
export function money(amount) {
  return amount ? MONEY.format(amount.value) : "";
}

/** The day of a FHIR date or instant, such as `30 September 2025`. */
export function day(text) {
  return text ? DAY.format(new Date(`${text.slice(0, 10)}T00:00:00Z`)) : "";
}

/** The moment of a FHIR instant, in the time of London. */
export function instant(text) {
  return text ? INSTANT.format(new Date(text)) : "";
}

/** The days of a FHIR Period, both included. */
export function period(one) {
  if (!one) return "";
  if (one.start && one.end) return one.start === one.end ? day(one.start) : `${day(one.start)} to ${day(one.end)}`;
  return one.start ? `from ${day(one.start)}` : `until ${day(one.end)}`;
}

/** Today in London as a FHIR date. */
export function today() {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/London" }).format();
}

/** The text with a capital at its beginning. */
export function sentence(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : "";
}

// Words for codes: [text, colour of the tag].
export const ACTIVITY = {
  "not-started": ["Not started", "grey"],
  scheduled: ["Planned", "blue"],
  "in-progress": ["Going on", "blue"],
  "on-hold": ["Waiting", "yellow"],
  completed: ["Done", "green"],
  cancelled: ["Called off", "grey"],
  stopped: ["Stopped", "grey"],
};
export const ACHIEVEMENT = {
  "in-progress": ["Going on", "blue"],
  improving: ["Getting better", "green"],
  worsening: ["Getting worse", "orange"],
  "no-change": ["As before", "yellow"],
  achieved: ["Reached", "green"],
  sustaining: ["Reached and kept up", "green"],
  "not-achieved": ["Not reached", "orange"],
  "no-progress": ["No change yet", "yellow"],
  "not-attainable": ["Cannot be reached", "grey"],
};
export const PAYMENT = {
  scheduled: ["Planned", "grey"],
  due: ["Due", "blue"],
  authorised: ["Will be paid", "blue"],
  paid: ["Paid", "green"],
  failed: ["Did not go through", "red"],
  "on-hold": ["Held back", "yellow"],
  disputed: ["You queried it", "yellow"],
  cancelled: ["Called off", "grey"],
};
export const PAYMENT_KIND = {
  instalment: "Into the account",
  "one-off": "Into the account, once",
  invoice: "Invoice",
  reimbursement: "Paid back to who paid first",
  "contingency-release": "For the unforeseen",
  "adjustment-increase": "More, after a change",
  "adjustment-offset": "Less, after a change",
  "client-contribution": "Own contribution",
  recovery: "Given back",
  "refund-to-person": "Contribution given back",
};
export const SPENDING = {
  recorded: ["Entered", "grey"],
  evidenced: ["Entered, with a bill", "blue"],
  accepted: ["Accepted", "green"],
  queried: ["Being looked into", "yellow"],
  disallowed: ["Not accepted", "red"],
};
export const CHECK = {
  "awaiting-person": ["Waiting for you", "yellow"],
  confirmed: ["You said it is right", "green"],
  disputed: ["You queried it", "yellow"],
  resolved: ["Settled", "green"],
};
export const REVIEW = {
  scheduled: ["Planned", "blue"],
  notified: ["Planned", "blue"],
  "in-progress": ["Going on", "blue"],
  completed: ["Held", "green"],
  declined: ["Refused", "red"],
  cancelled: ["Called off", "grey"],
};
export const DECISION = {
  requested: ["Waiting for an answer", "blue"],
  decided: ["Decided", "blue"],
  communicated: ["You were told", "green"],
};
