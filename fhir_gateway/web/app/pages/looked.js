// Who looked: everybody who opened the records, when, and what for.

import * as dom from "../dom.js";
import { instant, sentence } from "../words.js";

export const TITLE = "Who looked";
export const NEEDS = ["AuditEvent"];
const PAGES = 2;
const RECORDS = {
  AuditEvent: "who looked",
  CarePlan: "the plan",
  Claim: "budget, payments and spending",
  Goal: "goals",
  Task: "reviews and decisions",
};

export async function page(connection) {
  const events = await connection.all(`AuditEvent?patient=${connection.person}&_sort=-date&_count=50`, PAGES);
  const reasons = events.some(why);
  const columns = ["When", "Who", "What", ...(reasons ? ["Why"] : [])].map((name) => ({ name }));
  const rows = events.map((one) => [instant(one.recorded), who(one), what(one), ...(reasons ? [why(one)] : [])]);
  return [
    dom.heading(TITLE),
    dom.p("Every time somebody opens your records it is written down here. This app counts as well: it opens them for you."),
    rows.length ? dom.longTable("The latest first", columns, rows) : dom.p("Nobody has looked yet."),
  ];
}

function who(event) {
  const asked = event.agent?.find(({ requestor }) => requestor);
  const through = event.agent?.find((one) => one !== asked && !isGateway(one))?.who?.display;
  return [nameOf(asked) || "Not known", hint(through && `with ${through}`)];
}

function nameOf(agent) {
  return agent?.name || agent?.who?.display || agent?.who?.reference || "";
}

function isGateway(agent) {
  return agent.who?.reference?.startsWith("Device/");
}

function what(event) {
  const did = event.subtype?.[0]?.display ?? event.type?.display ?? "";
  const types = (event.entity ?? []).map((one) => one.what?.reference?.split("/")[0]);
  const kinds = new Set(types.filter((one) => one && one !== "Patient"));
  return [sentence(did), hint([...kinds].map((one) => RECORDS[one] ?? one).join(", "))];
}

function hint(text) {
  return text ? dom.el("span", { class: "app-hint" }, text) : null;
}

function why(event) {
  const purposes = [...(event.purposeOfEvent ?? []), ...(event.agent ?? []).flatMap((one) => one.purposeOfUse ?? [])];
  return sentence(purposes[0]?.text ?? purposes[0]?.coding?.[0]?.display ?? "");
}
