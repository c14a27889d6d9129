// The SMART App Launch of this app, and its requests for one person's records.
// Source: SMART App Launch 2.2 (standalone and EHR launch); RFC 9207; RFC 7009. The library is SMART's own client-js.

const { oauth2 } = globalThis.FHIR;
const STORED = "SMART_KEY";
const WANTED = "wanted-page";
const BEFORE = "openid fhirUser";
const AFTER = [
  "offline_access",
  "patient/Patient.rs",
  "patient/CarePlan.rs",
  "patient/Goal.rs",
  "patient/Claim.rs",
  "patient/Claim.u",
  "patient/ClaimResponse.rs",
  "patient/Coverage.rs",
  "patient/Task.rs",
  "patient/AuditEvent.rs",
  "patient/Organization.rs",
  "patient/PractitionerRole.rs",
  "patient/Practitioner.rs",
].join(" ");
const FHIR_JSON = "application/fhir+json";

oauth2.settings.refreshTokenWithClientId = true; // a public client names itself whenever it asks for a token

/** Why something could not be done. kind: `ended`, `refused`, `missing`, `busy`, `away` or `other`. */
export class Trouble extends Error {
  constructor(kind, text) {
    super(text);
    this.kind = kind;
  }
}

/** Go to the authorization server. launch: the handle of an EHR launch, if it is one. */
export async function connect(settings, launch) {
  cleanAddress();
  sessionStorage.setItem(WANTED, location.hash);
  const scope = `${BEFORE} ${launch ? "launch" : "launch/patient"} ${AFTER}`;
  const redirectUri = new URL("./", location.href).href;
  const known = { clientId: settings.clientId, iss: settings.fhirBase, redirectUri, scope, pkceMode: "required" };
  await said(() => oauth2.authorize(launch ? { ...known, launch } : known));
}

/** The connection that is there or has just been granted; null where there is none. Raises Trouble. */
export async function connection(settings) {
  const asked = new URL(location.href).searchParams;
  if (asked.has("error")) throw refusedBy(asked);
  if (asked.has("code") && asked.get("iss") !== settings.issuer) {
    forget();
    throw new Trouble("refused", "The answer came from somewhere else than it should. Nothing was read.");
  }
  if (!asked.has("code") && !stored()) return null;
  const client = await said(() => oauth2.ready());
  cleanAddress(wanted());
  if (!client.getState("tokenResponse.access_token")) return null;
  if (!client.patient.id) {
    forget();
    throw new Trouble("refused", "This app shows the records of one person, and you logged in for none.");
  }
  return new Connection(client, settings);
}

function refusedBy(asked) {
  cleanAddress(wanted());
  return asked.get("error") === "access_denied"
    ? new Trouble("refused", "You did not let this app see your records. Nothing was read.")
    : new Trouble("other", asked.get("error_description") ?? "The gateway could not connect this app.");
}

/** What the library would read from the address is taken out of it: only the path and the page stay. */
function cleanAddress(page = location.hash) {
  history.replaceState(null, "", location.pathname + page);
}

/** The page that was asked for before the way led to the authorization server. */
function wanted() {
  const page = location.hash || (sessionStorage.getItem(WANTED) ?? "");
  sessionStorage.removeItem(WANTED);
  return page;
}

function stored() {
  const key = sessionStorage.getItem(STORED);
  return key && sessionStorage.getItem(JSON.parse(key));
}

function forget() {
  sessionStorage.clear();
}

/** One person's records, as far as this app was allowed to see them. */
class Connection {
  constructor(client, settings) {
    this.client = client;
    this.settings = settings;
    this.names = new Map();
  }

  /** Id of the person whose records these are. */
  get person() {
    return this.client.patient.id;
  }

  /** Whether somebody else acts for the person. */
  get isForAnother() {
    const user = this.client.getFhirUser();
    return Boolean(user) && user !== `Patient/${this.person}`;
  }

  /** Whether every one of these types may be read and searched. */
  reads(...types) {
    return types.every((type) => this.may(type, "r") && this.may(type, "s"));
  }

  /** Whether the person allowed an action (a letter of cruds) on a type. */
  may(type, action) {
    const scopes = (this.client.getState("tokenResponse.scope") ?? "").split(" ");
    return scopes.some((scope) => {
      const found = /^patient\/(\w+|\*)\.(\w+)/.exec(scope);
      return found && [type, "*"].includes(found[1]) && found[2].includes(action);
    });
  }

  /** Every resource that a search finds, over all its pages; at most `pages` of them. */
  async all(query, pages = 0) {
    return await this.ask(query, {}, { pageLimit: pages, flat: true });
  }

  async read(reference) {
    return await this.ask(reference);
  }

  /** Call an operation that changes something; what it answers. */
  async call(path, parameters) {
    const body = JSON.stringify({ resourceType: "Parameters", ...(parameters ? { parameter: parameters } : {}) });
    return await this.ask(path, { method: "POST", body, headers: { "content-type": FHIR_JSON } });
  }

  /** The name of a body or worker; empty where it may not be read. Each is asked for once. */
  async name(reference) {
    if (!this.names.has(reference)) this.names.set(reference, this.named(reference));
    return await this.names.get(reference);
  }

  async named(reference) {
    if (!reference || !this.may(reference.split("/")[0], "r")) return "";
    try {
      const found = await this.read(reference);
      if (found.resourceType === "PractitionerRole") return await this.name(found.practitioner?.reference);
      return typeof found.name === "string" ? found.name : (found.name?.[0]?.text ?? "");
    } catch (trouble) {
      if (trouble.kind === "ended") throw trouble;
      return "";
    }
  }

  async ask(url, options = {}, how = {}) {
    const headers = { accept: FHIR_JSON, ...options.headers };
    return await said(() => this.client.request({ ...options, url, headers, cache: "no-store" }, how));
  }

  /** Keep nothing and give the access back; whether the gateway took it. What it did not take runs out by itself. */
  async logOut() {
    const { refresh_token: refresh, access_token: access } = this.client.getState("tokenResponse") ?? {};
    forget();
    try {
      const known = await fetch(`${this.settings.fhirBase}/.well-known/smart-configuration`);
      const { revocation_endpoint: end } = await known.json();
      const form = new URLSearchParams({ token: refresh ?? access, client_id: this.settings.clientId });
      return (await fetch(end, { method: "POST", body: form })).ok;
    } catch {
      return false;
    }
  }
}

/** What the work gives; what goes wrong is a Trouble with words for people. */
async function said(work) {
  try {
    return await work();
  } catch (error) {
    throw wordsFor(error);
  }
}

function wordsFor(error) {
  if (error instanceof Trouble) return error;
  const status = error.status ?? 0;
  if (status === 401 || /refresh|expired|No state found|invalid_grant/i.test(error.message)) {
    forget();
    return new Trouble("ended", "This app may not see your records any more.");
  }
  if (status === 403) return new Trouble("refused", "This is not for you to see or to do.");
  if (status === 404 || status === 410) return new Trouble("missing", "There is nothing here.");
  if (status === 429 || status === 503) return new Trouble("busy", "Many people ask just now. Try again in a moment.");
  if (error instanceof TypeError) return new Trouble("away", "The gateway cannot be reached. Check your connection.");
  return new Trouble("other", diagnostics(error) || "Something went wrong. Try again, or ask your care coordinator.");
}

/** What an OperationOutcome says, in one text; the library leaves the body in the message. */
function diagnostics(error) {
  try {
    const outcome = JSON.parse(error.message.slice(error.message.indexOf("{")));
    return outcome.issue.map((one) => one.details?.text ?? one.diagnostics).filter(Boolean).join(" ");
  } catch {
    return "";
  }
}
