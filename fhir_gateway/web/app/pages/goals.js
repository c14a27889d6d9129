// My goals: what is to change in the person's life, and how far it has come.

import * as dom from "../dom.js";
import { code } from "../fhir.js";
import { ACHIEVEMENT, day } from "../words.js";

export const TITLE = "My goals";
export const NEEDS = ["Goal"];
const ACHIEVED = "http://terminology.hl7.org/CodeSystem/goal-achievement";

export async function page(connection) {
  const goals = await connection.all(`Goal?patient=${connection.person}`);
  if (!goals.length) return [dom.heading(TITLE), dom.p("No goals are written down yet.")];
  return [dom.heading(TITLE), goals.map(card)];
}

function card(goal) {
  const reached = goal.achievementStatus?.coding?.find((one) => one.system === ACHIEVED)?.code;
  const [target] = goal.target ?? [];
  return dom.el("section", { class: "app-card" },
    dom.el("h2", { class: "nhsuk-heading-m" }, goal.description?.text ?? "A goal"),
    reached ? dom.p(dom.tag(...(ACHIEVEMENT[reached] ?? [reached, "grey"]))) : null,
    dom.summary(
      ["How we see it", target?.measure?.text],
      ["What we aim at", target?.detailString ?? quantity(target?.detailQuantity)],
      ["By", day(target?.dueDate)],
      ["Looked at last", day(goal.statusDate)],
      ["Kind", goal.category?.map((one) => code(one, "phb-outcome-kind") && one.coding[0].display).filter(Boolean).join(", ")],
    ));
}

function quantity(one) {
  return one ? `${one.value} ${one.unit ?? ""}`.trim() : "";
}
