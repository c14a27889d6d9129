// Payments: what waits for the person, what is to come and what was paid, and what was spent.

import * as dom from "../dom.js";
import { code, extension, part, target, text } from "../fhir.js";
import { CHECK, day, money, PAYMENT, PAYMENT_KIND, sentence, SPENDING } from "../words.js";

export const TITLE = "Payments";
export const NEEDS = ["Claim"];
const COLUMNS = [{ name: "What" }, { name: "When" }, { name: "To" }, { name: "Amount", amount: true }, { name: "How far" }];
const OVER = ["paid", "failed", "cancelled"];

export async function page(connection) {
  const claims = await claimsOf(connection);
  const ofType = (type) => claims.filter((one) => code(one.type, "phb-claim-type") === type);
  const payments = ofType("phb-payment").sort((one, two) => when(one).localeCompare(when(two)));
  const over = payments.filter((one) => OVER.includes(status(one))).reverse();
  const coming = payments.filter((one) => !OVER.includes(status(one)));
  return [
    dom.heading(TITLE),
    await waiting(connection, payments.filter(waits)),
    await listed(connection, "To come, the next first", coming, "Nothing is planned."),
    await listed(connection, "Paid, the latest first", over, "Nothing was paid yet."),
    await spent(connection, ofType("phb-expenditure")),
  ];
}

/** Payments, invoices and spending of the person. */
export async function claimsOf(connection) {
  return await connection.all(`Claim?patient=${connection.person}&use=claim&_count=100`);
}

/** Whether an invoice waits for the person's check. */
export function waits(claim) {
  return check(claim) === "awaiting-person" && status(claim) !== "cancelled";
}

/** The person's own check of an invoice, as a code; undefined where there is none. */
export function check(claim) {
  return (claim.item ?? []).map((one) => extension(one, "phb-invoice-check")?.valueCode).find(Boolean);
}

/** The tag of that check, null where there is none. */
export function checkTag(claim) {
  const found = CHECK[check(claim)];
  return found ? dom.tag(...found) : null;
}

/** How far a payment is, as a code. */
export function status(claim) {
  return extension(claim, "phb-payment-status")?.valueCode;
}

/** A part of the terms of a payment, such as `due`, `received` or `paid`. */
export function term(claim, name) {
  return part(extension(claim, "phb-payment-terms"), name);
}

/** Who gets the money, in words. */
export async function payee(connection, claim) {
  const party = claim.payee?.party;
  if (target(party) === `Patient/${connection.person}`) return sentence(mine(connection));
  return party?.display ?? ((await connection.name(target(party))) || "Not said");
}

function mine(connection) {
  return connection.isForAnother ? "the person" : "you";
}

async function waiting(connection, claims) {
  if (!claims.length) return dom.inset(dom.p("No invoice waits for you."));
  const items = claims.map(async (one) =>
    dom.el("li", {}, dom.link(`#/invoice/${one.id}`, `Invoice of ${await payee(connection, one)} for ${money(one.total)}`)));
  return dom.el("section", { class: "app-card app-card--call" },
    dom.h2("Waiting for you"),
    dom.p("Nobody pays these before you have said that they are right."),
    dom.el("ul", { class: "nhsuk-list" }, await Promise.all(items)));
}

async function listed(connection, caption, payments, none) {
  if (!payments.length) return [dom.h2(caption), dom.p(none)];
  const rows = await Promise.all(payments.map(async (one) => [
    await what(connection, one),
    day(when(one)),
    await payee(connection, one),
    money(one.total),
    dom.tag(...(PAYMENT[status(one)] ?? [sentence(status(one)), "grey"])),
  ]));
  return dom.longTable(caption, COLUMNS, rows);
}

async function what(connection, claim) {
  const kind = code(claim.subType, "phb-payment-kind");
  const name = PAYMENT_KIND[kind] ?? sentence(text(claim.subType));
  const from = kind === "client-contribution" ? mine(connection) : await connection.name(target(claim.insurer));
  return [check(claim) ? dom.link(`#/invoice/${claim.id}`, name) : name, hint(from && `from ${from}`)];
}

function hint(said) {
  return said ? dom.el("span", { class: "app-hint" }, said) : null;
}

function when(claim) {
  return term(claim, "paid")?.valueDate ?? term(claim, "due")?.valueDate ?? claim.created;
}

async function spent(connection, claims) {
  if (!claims.length) return [dom.h2("What was spent"), dom.p("Nothing is entered as spent.")];
  const sorted = [...claims].sort((one, two) => spentOn(two).localeCompare(spentOn(one)));
  const rows = await Promise.all(sorted.map(async (one) => [
    [sentence(text(one.item?.[0]?.category)), hint(text(one.item?.[0]?.productOrService))],
    day(spentOn(one)),
    await payee(connection, one),
    money(one.total),
    dom.tag(...(SPENDING[extension(one, "phb-expenditure-status")?.valueCode] ?? SPENDING.recorded)),
  ]));
  return dom.longTable("What was spent, the latest first", COLUMNS, rows);
}

function spentOn(claim) {
  const [first] = claim.item ?? [];
  return first?.servicedDate ?? first?.servicedPeriod?.start ?? claim.created;
}
