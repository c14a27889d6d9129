// My plan: what was agreed, and who does what until when.

import * as dom from "../dom.js";
import { extension, part, target } from "../fhir.js";
import { ACTIVITY, day, period, sentence } from "../words.js";

export const TITLE = "My plan";
export const NEEDS = ["CarePlan"];

/** The plan in force; of several, the one that began last. */
export async function page(connection) {
  const plans = await connection.all(`CarePlan?patient=${connection.person}&_sort=-date`);
  const plan = plans.find((one) => one.status === "active") ?? plans[0];
  if (!plan) return [dom.heading(TITLE), dom.p("There is no plan yet. Your care coordinator writes it with you.")];
  return [
    dom.heading(plan.title ?? TITLE),
    dom.summary(
      ["It runs", sentence(period(plan.period))],
      ["Shared with you", day(extension(plan, "phb-shared-with-person")?.valueDate)],
      ["Who you can call about your health", contact(plan)],
    ),
    dom.h2("What we do"),
    await steps(connection, plan),
  ];
}

function contact(plan) {
  const found = extension(plan, "phb-health-contact");
  const said = ["name", "role", "phone"].map((name) => part(found, name)?.valueString);
  return said.filter(Boolean).join(", ");
}

async function steps(connection, plan) {
  const details = (plan.activity ?? []).map((one) => one.detail).filter(Boolean);
  if (!details.length) return dom.p("No steps are written down.");
  const rows = await Promise.all(details.map(async (one) => [
    one.description ?? "",
    await who(connection, one.performer?.[0]),
    day(one.scheduledPeriod?.end ?? one.scheduledPeriod?.start),
    dom.tag(...(ACTIVITY[one.status] ?? [sentence(one.status), "grey"])),
  ]));
  const columns = ["What", "Who", "By when", "How far"].map((name) => ({ name }));
  return dom.table("Steps of the plan", columns, rows);
}

async function who(connection, performer) {
  if (target(performer) === `Patient/${connection.person}`) return connection.isForAnother ? "The person" : "You";
  return performer?.display ?? ((await connection.name(target(performer))) || "Somebody of the team");
}
