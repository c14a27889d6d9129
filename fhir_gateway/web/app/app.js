// The app: which page is shown, and what is shown when there is nothing to see.

import { connect, connection } from "./connection.js";
import * as dom from "./dom.js";
import * as budget from "./pages/budget.js";
import * as goals from "./pages/goals.js";
import * as home from "./pages/home.js";
import * as invoice from "./pages/invoice.js";
import * as looked from "./pages/looked.js";
import * as payments from "./pages/payments.js";
import * as plan from "./pages/plan.js";
import * as reviews from "./pages/reviews.js";

const PAGES = { "": home, plan, goals, budget, payments, invoice, reviews, looked };
const MENU = ["", "plan", "goals", "budget", "payments", "reviews", "looked"];
const HOME = "Home";
const NAME = "My personal health budget";
const main = document.getElementById("main");
const menu = document.getElementById("menu");
const status = document.getElementById("status");
const settings = await (await fetch("settings.json")).json();
let current = null;
let turn = 0;

async function start() {
  const apps = dom.link(settings.appsPage, "Apps that can see my records");
  document.getElementById("links").replaceChildren(dom.el("li", {}, apps));
  document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address names the page, not a place on it
    main.focus();
  });
  window.addEventListener("hashchange", () => current && open());
  window.addEventListener("access-ended", ({ detail }) => ended(detail));
  try {
    await begin(new URL(location.href).searchParams);
  } catch (trouble) {
    ended(trouble);
  }
}

async function begin(asked) {
  if (asked.has("launch")) {
    if (asked.get("iss") !== settings.fhirBase) return welcome("This app was opened for another gateway.");
    return await connect(settings, asked.get("launch"));
  }
  current = await connection(settings);
  return await (current ? open() : welcome());
}

/** Show the page that the address names; one that comes too late is not shown any more. */
async function open() {
  const mine = ++turn;
  const [name, argument] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  status.textContent = "Loading";
  main.setAttribute("aria-busy", "true");
  try {
    const content = await contentOf(PAGES[name] ?? home, argument);
    if (mine === turn) shown(name, content);
  } catch (trouble) {
    if (mine === turn) failed(trouble, name);
  }
}

async function contentOf(wanted, argument) {
  if (!current.reads(...wanted.NEEDS)) {
    return [dom.heading(wanted.TITLE), dom.inset(dom.p("You did not let this app see this.")), again("Ask me again")];
  }
  return await wanted.page(current, argument);
}

function shown(name, content) {
  const items = MENU.map((one) =>
    dom.el("li", {}, dom.el("a", { href: `#/${one}`, "aria-current": one === name && "page" }, titleOf(one))));
  const out = dom.el("li", {}, dom.el("button", { type: "button", on: { click: leave } }, "Log out"));
  menu.replaceChildren(dom.el("ul", { class: "nhsuk-width-container" }, items, out));
  menu.hidden = false;
  put(content);
}

function titleOf(name) {
  return name ? PAGES[name].TITLE : HOME;
}

/** The content in place of what was there, its heading with the focus unless the page has just been loaded. */
function put(content) {
  main.replaceChildren(...content.flat(Infinity).filter(Boolean));
  main.removeAttribute("aria-busy");
  status.textContent = "";
  const title = main.querySelector("h1");
  document.title = `${title.textContent} - ${NAME}`;
  window.scrollTo(0, 0);
  if (turn > 1) title.focus();
}

function failed(trouble, name) {
  if (trouble.kind === "ended") return ended(trouble);
  const title = dom.heading(PAGES[name]?.TITLE ?? NAME);
  shown(name, [title, dom.trouble("This cannot be shown", trouble.message), dom.button("Try again", open)]);
}

function welcome(warning) {
  alone([
    dom.heading("See your plan, your goals and your one budget"),
    warning && dom.trouble("That did not work", warning),
    dom.p("You log in at the gateway that keeps your records, never here. Then you choose what this app may see."),
    dom.p("You can stop it at any time."),
    again("Connect to my records"),
  ]);
}

function ended(trouble) {
  const title = trouble.kind === "ended" ? "Access has ended" : "This app is not connected";
  alone([dom.heading(title), dom.p(trouble.message), again("Connect again")]);
}

async function leave() {
  const given = await current.logOut();
  const said = given
    ? "This app has given back its access and kept nothing."
    : "This app has kept nothing, but it could not give back its access. Stop it under “Apps that can see my records”.";
  const there = dom.link(settings.appsPage, "Log out there as well");
  alone([
    dom.heading("You are logged out"),
    dom.p(said),
    dom.p("You may still be logged in at the gateway. ", there, " when others use this device."),
    again("Connect again"),
  ]);
}

/** What is shown without a connection: no menu, and no page that was still to come. */
function alone(content) {
  current = null;
  turn += 1;
  menu.hidden = true;
  put(content);
}

function again(text) {
  return dom.button(text, () => connect(settings).catch(ended));
}

await start();
