// The first page: what is left, what waits for the person, what comes next.

import * as dom from "../dom.js";
import { code } from "../fhir.js";
import { day, money, today } from "../words.js";
import { NEEDS as BUDGET, statement, total } from "./budget.js";
import { claimsOf, waits } from "./payments.js";
import { due, next } from "./reviews.js";

export const TITLE = "Hello";
export const NEEDS = [];

export async function page(connection) {
  const parts = await Promise.all([left, waiting, review].map((part) => part(connection).catch(unlessEnded)));
  return [dom.heading(await greeting(connection)), dom.el("div", { class: "app-cards" }, parts)];
}

/** A part that cannot be shown is left out; its own page says why. */
function unlessEnded(trouble) {
  if (trouble.kind === "ended") throw trouble;
  return null;
}

async function greeting(connection) {
  const name = await nameOf(connection);
  if (!name) return TITLE;
  return connection.isForAnother ? `The records of ${name}` : `${TITLE}, ${name}`;
}

/** The person's name; empty where it may not be read. */
export async function nameOf(connection) {
  if (!connection.may("Patient", "r")) return "";
  const { name = [] } = await connection.read(`Patient/${connection.person}`);
  return [...(name[0]?.given ?? []), name[0]?.family].filter(Boolean).join(" ") || (name[0]?.text ?? "");
}

async function left(connection) {
  if (!connection.reads(...BUDGET)) return null;
  const one = await statement(connection);
  return card("#/budget", "Left in my budget", one ? money(total(one, "remaining")) : "No agreed budget yet");
}

async function waiting(connection) {
  if (!connection.reads("Claim")) return null;
  const count = (await claimsOf(connection)).filter(waits).length;
  const said = count === 1 ? "1 invoice waits for you" : count ? `${count} invoices wait for you` : "Nothing waits for you";
  return card("#/payments", "To check", said);
}

async function review(connection) {
  if (!connection.reads("Task")) return null;
  const tasks = await connection.all(`Task?patient=${connection.person}&_count=100`);
  const coming = next(tasks.filter((one) => code(one.code, "phb-review-kind")));
  return card("#/reviews", "Next review", coming ? when(coming) : "None is planned");
}

function when(review) {
  return `${due(review) < today() ? "It was due" : "By"} ${day(due(review))}`;
}

function card(href, title, says) {
  return dom.el("section", { class: "app-card" },
    dom.el("h2", { class: "nhsuk-heading-s" }, dom.link(href, title)),
    dom.el("p", { class: "app-card__says" }, says));
}
