// Bars of what each funder gives, has paid, was spent and is left. The same figures stand in a table beside it.

import { el, svg } from "./dom.js";
import { money } from "./words.js";

const BAR = 22;
const STEP = 30;
const LABEL = 84;
const AMOUNT = 96;
const NARROWEST = 240;

/**
 * Bars to one scale, drawn anew as wide as there is room, their text always of one size.
 * groups: {name, figures: [{code, name, amount}]}, amounts as FHIR Money.
 */
export function chart(groups) {
  const place = el("div", { class: "app-chart" });
  let last = 0;
  const watch = new ResizeObserver(([{ contentRect }]) => {
    const width = Math.max(NARROWEST, Math.floor(contentRect.width));
    if (width !== last) place.replaceChildren(...drawn(groups, (last = width)));
  });
  watch.observe(place);
  return place;
}

function drawn(groups, width) {
  const most = Math.max(1, ...groups.flatMap(({ figures }) => figures.map(({ amount }) => amount.value)));
  const scale = Math.max(0, width - LABEL - AMOUNT) / most;
  return groups.map(({ name, figures }) => {
    const height = figures.length * STEP;
    const said = figures.map((one) => `${one.name} ${money(one.amount)}`).join(", ");
    const frame = { role: "img", "aria-label": `${name}: ${said}`, viewBox: `0 0 ${width} ${height}`, width, height };
    const bars = figures.map((one, at) => bar(one, at * STEP, scale));
    return el("figure", { class: "app-chart__group" }, el("figcaption", {}, name), svg("svg", frame, bars));
  });
}

function bar({ code, name, amount }, y, scale) {
  const width = Math.max(0, amount.value) * scale;
  const line = y + 16;
  return [
    svg("text", { x: 0, y: line }, name),
    svg("rect", { class: `app-chart__bar app-chart__bar--${code}`, x: LABEL, y, width, height: BAR }),
    svg("text", { class: "app-chart__amount", x: LABEL + width + 8, y: line }, money(amount)),
  ];
}
