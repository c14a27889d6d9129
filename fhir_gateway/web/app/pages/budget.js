// My budget: one total first, then what each funder gives. All figures are the statement's own.

import { chart } from "../chart.js";
import * as dom from "../dom.js";
import { code } from "../fhir.js";
import { day, money, period } from "../words.js";

export const TITLE = "My budget";
export const NEEDS = ["Patient", "Claim", "ClaimResponse", "Coverage"];
const FIGURES = [
  ["allocated", "Budget", "What was agreed for the whole time."],
  ["paid", "Paid", "Paid in, or paid for you, so far."],
  ["spent", "Spent", "Spent on your care so far."],
  ["remaining", "Left", "Budget that is not spent yet."],
];
const MORE = [
  ["committed", "Still to be paid in"],
  ["held", "In the account now"],
  ["planned-to-date", "Planned to be spent by now"],
  ["forecast", "Expected to be spent by the end"],
  ["contingency-remaining", "Kept for the unforeseen"],
];

export async function page(connection, on) {
  const asked = /^\d{4}-\d{2}-\d{2}$/.test(on ?? "") ? on : "";
  const found = await statement(connection, asked);
  const body = found ? shown(found) : dom.p("There is no agreed budget to show for this day.");
  return [dom.heading(TITLE), body, picker(asked)];
}

/** The statement as at the end of a day, of today where none is given; null where there is no agreed budget. */
export async function statement(connection, on) {
  try {
    return await connection.read(`Patient/${connection.person}/$statement${on ? `?date=${on}` : ""}`);
  } catch (trouble) {
    if (trouble.kind === "missing") return null;
    throw trouble;
  }
}

/** Amount of a figure over all funders, a FHIR Money. */
export function total(one, figure) {
  return one.total.find(({ category }) => code(category, "phb-statement-total") === figure)?.amount;
}

function shown(one) {
  const all = group("All together", (figure) => total(one, figure));
  const groups = [all, ...one.benefitBalance.map(funder)];
  return [
    left(one),
    dom.h2("Who gives what"),
    chart(groups),
    dom.table("The same as a table", columns(groups), rows(groups)),
    dom.h2("More about the money"),
    dom.summary(...MORE.map(([figure, name]) => [name, money(total(one, figure))])),
    coordinator(one),
  ];
}

function left(one) {
  const amount = dom.el("span", { class: "app-left__amount" }, money(total(one, "remaining")));
  return [
    dom.el("p", { class: "app-left" }, amount, " left"),
    dom.p(`of ${money(total(one, "allocated"))}, your budget ${period(one.benefitPeriod)}. ${asAt(one)}`),
  ];
}

function funder(balance) {
  const amounts = new Map(balance.financial.map((one) => [code(one.type, "phb-statement-total"), one]));
  return group(balance.name, (figure) => amounts.get(figure)?.usedMoney ?? amounts.get(figure)?.allowedMoney ?? { value: 0 });
}

function group(name, amount) {
  return { name, figures: FIGURES.map(([figure, title]) => ({ code: figure, name: title, amount: amount(figure) })) };
}

function columns(groups) {
  return [{ name: "Figure" }, ...groups.map(({ name }) => ({ name, amount: true }))];
}

function rows(groups) {
  return FIGURES.map(([, name, says], at) => [
    [name, dom.el("span", { class: "app-hint" }, says)],
    ...groups.map(({ figures }) => money(figures[at].amount)),
  ]);
}

function asAt(one) {
  const said = one.processNote?.map((note) => /^As at the end of (\d{4}-\d{2}-\d{2})/.exec(note.text)).find(Boolean);
  return said ? `These are the figures at the end of ${day(said[1])}.` : "";
}

function coordinator(one) {
  const name = one.careTeam?.find(({ responsible }) => responsible)?.provider?.display;
  return name ? dom.inset(dom.p(`Something looks wrong? Ask ${name}, your care coordinator.`)) : null;
}

function picker(on) {
  const field = dom.el("input", { class: "nhsuk-input app-date", type: "date", id: "on", value: on });
  const show = (event) => {
    event.preventDefault();
    location.hash = field.value ? `#/budget/${field.value}` : "#/budget";
  };
  return dom.el("form", { class: "app-picker", on: { submit: show } },
    dom.el("label", { class: "nhsuk-label", for: "on" }, "Show it as at the end of another day"),
    field,
    dom.el("button", { class: "nhsuk-button nhsuk-button--secondary", type: "submit" }, "Show"));
}
