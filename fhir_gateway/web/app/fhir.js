// Small ways into FHIR resources: extensions, codes, references.

const DEFINITION = "https://phb-gateway.example/fhir/StructureDefinition/";
const SYSTEM = "https://phb-gateway.example/fhir/CodeSystem/";

/** The extension of the project with this name, or undefined. */
export function extension(node, name) {
  return node?.extension?.find((one) => one.url === DEFINITION + name);
}

/** A part of an extension that has parts, or undefined. */
export function part(whole, name) {
  return whole?.extension?.find((one) => one.url === name);
}

/** The code of a list of the project, or undefined. */
export function code(concept, list) {
  return concept?.coding?.find((one) => one.system === SYSTEM + list)?.code;
}

/** The concept in words. */
export function text(concept) {
  return concept?.text ?? concept?.coding?.find((one) => one.display)?.display ?? "";
}

/** Type and id of a literal reference, its version left out: `Claim/x`. */
export function target(reference) {
  return reference?.reference?.split("/").slice(0, 2).join("/") ?? "";
}

/** The value of the first detail of a Task with this code, whatever its type. */
export function detail(task, name) {
  const found = task.output?.find((one) => code(one.type, "phb-task-detail") === name);
  return found && Object.entries(found).find(([key]) => key.startsWith("value"))?.[1];
}
