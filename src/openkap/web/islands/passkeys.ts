// Passkeys: turns the server's challenge into the browser's question and sends back the answer.
// A form says data-passkey="get" or "create", and where its challenge is: data-options (id of a JSON element) or
// data-options-from (address). The answer goes into its [data-passkey-answer] field, and the form is sent.

type Json = Record<string, unknown>;
type Trouble = "declined" | "unable" | "offline";

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

export function toText(bytes: ArrayBuffer): string {
  const plain = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function withBytes(list: unknown): PublicKeyCredentialDescriptor[] {
  if (!Array.isArray(list)) return [];
  return list.map((item: Json) => ({ type: "public-key", id: toBytes(String(item["id"])) }));
}

function creation(options: Json): PublicKeyCredentialCreationOptions {
  const user = options["user"] as Json;
  const selection = { ...(options["authenticatorSelection"] as Json), residentKey: "required", requireResidentKey: true, userVerification: "required" };
  return {
    ...options,
    challenge: toBytes(String(options["challenge"])),
    user: { ...user, id: toBytes(String(user["id"])) },
    excludeCredentials: withBytes(options["excludeCredentials"]),
    authenticatorSelection: selection,
  } as unknown as PublicKeyCredentialCreationOptions;
}

function request(options: Json): PublicKeyCredentialRequestOptions {
  return {
    ...options,
    challenge: toBytes(String(options["challenge"])),
    allowCredentials: withBytes(options["allowCredentials"]),
  } as unknown as PublicKeyCredentialRequestOptions;
}

/** The answer as JSON: every buffer as base64url. */
export function answerOf(credential: PublicKeyCredential): Json {
  const response: Json = {};
  const given = credential.response as unknown as Record<string, unknown>;
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    const value = given[name];
    if (value instanceof ArrayBuffer) response[name] = toText(value);
  }
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function challenge(form: HTMLFormElement): Promise<Json> {
  const from = form.dataset["optionsFrom"];
  if (from === undefined) {
    const held = document.getElementById(form.dataset["options"] ?? "");
    return (JSON.parse(held?.textContent ?? "{}") as { publicKey: Json }).publicKey;
  }
  const answer = await fetch(from, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new TypeError("no challenge");
  return ((await answer.json()) as { request_options: { publicKey: Json } }).request_options.publicKey;
}

async function ask(form: HTMLFormElement): Promise<PublicKeyCredential> {
  const options = await challenge(form);
  const credential =
    form.dataset["passkey"] === "create"
      ? await navigator.credentials.create({ publicKey: creation(options) })
      : await navigator.credentials.get({ publicKey: request(options) });
  if (credential === null) throw new DOMException("none chosen", "NotAllowedError");
  return credential as PublicKeyCredential;
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof TypeError) return "offline";
  return error instanceof DOMException && error.name !== "SecurityError" && error.name !== "NotSupportedError" ? "declined" : "unable";
}

function show(form: HTMLFormElement, trouble: Trouble | null): void {
  const place = form.querySelector<HTMLElement>("[data-passkey-trouble]");
  if (!place) return;
  place.hidden = trouble === null;
  for (const kind of ["declined", "unable", "offline"]) {
    const words = place.querySelector<HTMLElement>(`[data-${kind}]`);
    if (words) words.hidden = kind !== trouble;
  }
}

async function submit(form: HTMLFormElement): Promise<void> {
  show(form, null);
  if (!("credentials" in navigator) || !("PublicKeyCredential" in window)) {
    show(form, "unable");
    return;
  }
  try {
    const credential = await ask(form);
    const field = form.querySelector<HTMLInputElement>("[data-passkey-answer]");
    if (field) field.value = JSON.stringify(answerOf(credential));
    form.submit();
  } catch (error) {
    show(form, troubleOf(error));
  }
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    void submit(form);
  });
}
