// One invoice: the person says that it is right, or what is wrong with it.

import * as dom from "../dom.js";
import { text } from "../fhir.js";
import { day, money } from "../words.js";
import { check, checkTag, payee, status, term } from "./payments.js";

export const TITLE = "Invoice";
export const NEEDS = ["Claim"];
const OPEN = ["awaiting-person", "disputed"];
const RELEASED = ["authorised", "paid", "cancelled"];
const COLUMNS = [{ name: "What" }, { name: "How many" }, { name: "Each", amount: true }, { name: "Together", amount: true }];
const LONGEST = 2000; // characters, as the operation says

export async function page(connection, id) {
  const view = { connection, place: dom.el("div") };
  await show(view, await connection.read(`Claim/${encodeURIComponent(id)}`));
  return [view.place];
}

/** Show the invoice as it is now, after the banner of what was just done. */
async function show(view, claim, banner) {
  const number = claim.identifier?.find(({ system }) => system.endsWith("/phb-invoice"))?.value;
  view.place.replaceChildren(...[
    banner,
    dom.heading(number ? `Invoice ${number}` : TITLE),
    dom.summary(
      ["From", await payee(view.connection, claim)],
      ["Received", day(term(claim, "received")?.valueDate)],
      ["To be paid by", day(term(claim, "due")?.valueDate)],
      ["Your check", checkTag(claim)],
      ["What you said is wrong", term(claim, "dispute-reason")?.valueString],
    ),
    lines(claim),
    ...choices(view, claim),
    dom.p(dom.link("#/payments", "Back to payments")),
  ].filter(Boolean));
  banner?.focus();
}

function lines(claim) {
  const rows = (claim.item ?? []).map((one) => [
    text(one.productOrService) || text(one.category),
    count(one.quantity),
    money(one.unitPrice),
    money(one.net),
  ]);
  return dom.table("What it is for", COLUMNS, [...rows, ["Total", "", "", dom.el("strong", {}, money(claim.total))]]);
}

function count(quantity) {
  if (!quantity) return "";
  const many = quantity.unit && quantity.value !== 1 ? "s" : "";
  return `${quantity.value} ${quantity.unit ?? ""}${many}`.trim();
}

function choices(view, claim) {
  if (!OPEN.includes(check(claim)) || RELEASED.includes(status(claim))) return [];
  if (!view.connection.may("Claim", "u")) {
    return [dom.inset(dom.p("You did not let this app say for you whether an invoice is right."))];
  }
  const press = (event) => act(view, claim, event.currentTarget, CONFIRM);
  return [
    dom.h2("Is it right?"),
    dom.p("Did you get what it says, on those days, for that price? It is not paid before you say so."),
    dom.button("Yes, this is right", press),
    query(view, claim),
  ];
}

const CONFIRM = {
  operation: "$confirm",
  parameters: () => undefined,
  title: "You said that this invoice is right",
  says: "It can be paid now.",
};

function query(view, claim) {
  const told = { id: "reason", rows: 4, maxlength: LONGEST, "aria-describedby": "reason-hint" };
  const field = dom.el("textarea", { class: "nhsuk-textarea", ...told });
  const asked = {
    operation: "$query",
    parameters: () => reasonIn(field),
    title: "You said what is wrong",
    says: "It is not paid until that is settled.",
  };
  const send = (event) => {
    event.preventDefault();
    act(view, claim, event.submitter, asked);
  };
  return dom.el("details", { class: "nhsuk-details" },
    dom.el("summary", { class: "nhsuk-details__summary" },
      dom.el("span", { class: "nhsuk-details__summary-text" }, "No, something is wrong")),
    dom.el("form", { class: "nhsuk-details__text", novalidate: true, on: { submit: send } },
      dom.el("label", { class: "nhsuk-label", for: "reason" }, "What is wrong with it?"),
      dom.el("div", { class: "nhsuk-hint", id: "reason-hint" }, "Such as: there was only one visit."),
      field,
      dom.el("button", { type: "submit", class: "nhsuk-button nhsuk-button--secondary app-send" }, "Send this")));
}

function reasonIn(field) {
  const reason = field.value.trim();
  if (!reason) throw new Error("Write what is wrong, in a few words.");
  return [{ name: "reason", valueString: reason }];
}

/** Call an operation once, and show what came of it. */
async function act(view, claim, press, { operation, parameters, title, says }) {
  press.disabled = true;
  try {
    const changed = await view.connection.call(`Claim/${claim.id}/${operation}`, parameters());
    await show(view, changed, dom.done(title, says));
  } catch (problem) {
    if (problem.kind === "ended") window.dispatchEvent(new CustomEvent("access-ended", { detail: problem }));
    else complain(view.place, problem);
  } finally {
    press.disabled = false;
  }
}

function complain(place, problem) {
  place.querySelector(".nhsuk-error-summary, .nhsuk-notification-banner")?.remove();
  place.prepend(dom.trouble("That did not work", problem.message));
  place.firstChild.focus();
}
