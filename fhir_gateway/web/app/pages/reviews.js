// Reviews: when plan and budget are looked at together, and what came of it; and what was decided.

import * as dom from "../dom.js";
import { code, detail, target, text } from "../fhir.js";
import { day, DECISION, period, REVIEW, sentence } from "../words.js";

export const TITLE = "Reviews";
export const NEEDS = ["Task"];
const OPEN = ["scheduled", "notified", "in-progress"];

export async function page(connection) {
  const tasks = await connection.all(`Task?patient=${connection.person}&_count=100`);
  const reviews = tasks.filter((one) => code(one.code, "phb-review-kind")).sort((one, two) => due(two).localeCompare(due(one)));
  const decisions = tasks.filter((one) => code(one.code, "phb-decision-subject"));
  return [
    dom.heading(TITLE),
    reviews.length ? reviews.map(card) : dom.p("No review is planned."),
    dom.h2("What was decided"),
    await decided(connection, decisions),
  ];
}

/** The review that comes next, or undefined. */
export function next(tasks) {
  const open = tasks.filter((one) => OPEN.includes(code(one.businessStatus, "phb-review-status")));
  return open.sort((one, two) => due(one).localeCompare(due(two)))[0];
}

/** The day by which a review is to be held. */
export function due(task) {
  return task.restriction?.period?.end ?? task.authoredOn ?? "";
}

function card(task) {
  const state = code(task.businessStatus, "phb-review-status");
  return dom.el("section", { class: "app-card" },
    dom.el("h2", { class: "nhsuk-heading-m" }, `${sentence(text(task.code))} review`),
    dom.p(dom.tag(...(REVIEW[state] ?? [sentence(task.status), "grey"]))),
    dom.summary(
      ["To be held by", OPEN.includes(state) ? day(due(task)) : ""],
      ["Held", sentence(period(task.executionPeriod))],
      ["What works", sentence(detail(task, "working"))],
      ["What does not", sentence(detail(task, "not-working"))],
      ["What is to change", sentence(detail(task, "needs-change"))],
      ["What you said", detail(task, "person-experience")],
      ["What came of it", text(detail(task, "outcome"))],
      ["Next review by", day(detail(task, "next-review"))],
    ));
}

async function decided(connection, tasks) {
  if (!tasks.length) return dom.p("Nothing was decided yet.");
  const columns = ["About", "By", "Answer", "When", "Why"].map((name) => ({ name }));
  const rows = await Promise.all(tasks.map(async (one) => [
    sentence(text(one.code)),
    await connection.name(target(one.owner)),
    text(detail(one, "outcome")) || state(one),
    day(detail(one, "communicated-on") ?? one.executionPeriod?.end),
    one.statusReason?.text ?? "",
  ]));
  return dom.table("Decisions", columns, rows);
}

function state(task) {
  const found = DECISION[code(task.businessStatus, "phb-decision-status")];
  return found ? dom.tag(...found) : "";
}
