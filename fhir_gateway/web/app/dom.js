// Elements made by name. Text is always text: nothing that was fetched is read as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element. Attributes that are null, undefined or false are left out; `on` holds its listeners. */
export function el(name, attributes, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** An SVG element. */
export function svg(name, attributes, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(made, { on = {}, ...attributes } = {}, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  for (const [event, listener] of Object.entries(on)) made.addEventListener(event, listener);
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** The heading that a page begins with; it takes the focus when the page is shown. */
export function heading(text) {
  return el("h1", { class: "nhsuk-heading-xl", tabindex: "-1" }, text);
}

export function h2(text) {
  return el("h2", { class: "nhsuk-heading-m" }, text);
}

export function p(...children) {
  return el("p", {}, ...children);
}

export function link(href, text) {
  return el("a", { href }, text);
}

export function button(text, press, kind = "") {
  return el("button", { type: "button", class: `nhsuk-button ${kind}`.trim(), on: { click: press } }, text);
}

/** A word that says a state. colour: a tag colour of the NHS style, such as `green`. */
export function tag(text, colour) {
  return el("strong", { class: `nhsuk-tag nhsuk-tag--${colour} app-tag` }, text);
}

/** Something set apart that is no warning. */
export function inset(...children) {
  return el("div", { class: "nhsuk-inset-text" }, ...children);
}

/** What went wrong with something the person did, at the top of the page; it takes the focus when shown. */
export function trouble(title, text) {
  const head = el("h2", { class: "nhsuk-error-summary__title" }, title);
  return el("div", { class: "nhsuk-error-summary", role: "alert", tabindex: "-1" }, head, p(text));
}

/** What the person did, done. */
export function done(title, text) {
  const head = el("div", { class: "nhsuk-notification-banner__header" },
    el("h2", { class: "nhsuk-notification-banner__title" }, "Done"));
  const body = el("div", { class: "nhsuk-notification-banner__content" },
    el("h3", { class: "nhsuk-notification-banner__heading" }, title), p(text));
  const look = "nhsuk-notification-banner nhsuk-notification-banner--success";
  return el("div", { class: look, role: "alert", tabindex: "-1" }, head, body);
}

/** Pairs of name and value; those without a value are left out. */
export function summary(...pairs) {
  const rows = pairs.filter(([, value]) => value).map(([name, value]) =>
    el("div", { class: "nhsuk-summary-list__row" },
      el("dt", { class: "nhsuk-summary-list__key" }, name),
      el("dd", { class: "nhsuk-summary-list__value" }, value)));
  return el("dl", { class: "nhsuk-summary-list" }, rows);
}

/**
 * A table; on a phone each row stands by itself, its cells named.
 * columns: {name, amount: whether it holds money}. rows: cells, the first of them the row's heading.
 */
export function table(caption, columns, rows) {
  const head = columns.map(({ name, amount }) =>
    el("th", { role: "columnheader", scope: "col", class: look("header", amount) }, name));
  const body = rows.map((cells) =>
    el("tr", { role: "row", class: "nhsuk-table__row" }, cells.map((content, at) => cell(columns[at], at, content))));
  return el("table", { role: "table", class: "nhsuk-table-responsive app-table", tabindex: "-1" },
    el("caption", { class: "nhsuk-table__caption nhsuk-table__caption--s" }, caption),
    el("thead", { role: "rowgroup", class: "nhsuk-table__head" }, el("tr", { role: "row" }, head)),
    el("tbody", { role: "rowgroup", class: "nhsuk-table__body" }, body));
}

function cell({ name, amount }, at, content) {
  const label = el("span", { class: "nhsuk-table-responsive__heading", "aria-hidden": "true" }, `${name} `);
  const inside = el("span", { class: "app-cell" }, content);
  return at === 0
    ? el("th", { role: "rowheader", scope: "row", class: "nhsuk-table__header" }, label, inside)
    : el("td", { role: "cell", class: look("cell", amount) }, label, inside);
}

function look(kind, amount) {
  return `nhsuk-table__${kind}${amount ? ` nhsuk-table__${kind}--numeric app-amount` : ""}`;
}

const FIRST = 6;

/** A table of its first rows, with a button for the rest. */
export function longTable(caption, columns, rows) {
  if (rows.length <= FIRST) return table(caption, columns, rows);
  const shown = el("div", {}, table(`${caption}: ${FIRST} of ${rows.length}`, columns, rows.slice(0, FIRST)));
  const all = () => {
    shown.replaceChildren(table(caption, columns, rows));
    shown.firstChild.focus();
  };
  shown.append(button(`Show all ${rows.length}`, all, "nhsuk-button--secondary"));
  return shown;
}
