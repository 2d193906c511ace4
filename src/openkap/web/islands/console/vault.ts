// The outbox's store: IndexedDB, each entry sealed by AES-GCM under a key that cannot leave this browser,
// and bound to its author and session: nobody else, and no other session, can open or send it.
import type { Entry, Kept, Vault } from "./outbox";

interface Row {
  id: string;
  owner: string; // '<author>:<session>', ids only
  order: number;
  iv: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
}

interface Inside {
  entry: Entry;
  refused: string;
}

const NAME = "openkap-outbox";
const VERSION = 1;

export async function newKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function bound(owner: string, id: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${owner}:${id}`);
}

/** Seals an entry for its owner; the id and owner are authenticated with it. */
export async function seal(key: CryptoKey, owner: string, kept: Kept): Promise<Row> {
  const id = kept.entry.client_id;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const inside: Inside = { entry: kept.entry, refused: kept.refused };
  const plain = new TextEncoder().encode(JSON.stringify(inside));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound(owner, id) }, key, plain);
  return { id, owner, order: kept.order, iv, sealed };
}

/** Opens a sealed entry. Rejects when the key, the owner or the row is another. */
export async function unseal(key: CryptoKey, owner: string, row: Row): Promise<Kept> {
  const additionalData = bound(owner, row.id);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv, additionalData }, key, row.sealed);
  const inside = JSON.parse(new TextDecoder().decode(plain)) as Inside;
  return { order: row.order, entry: inside.entry, refused: inside.refused };
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the store failed"));
  });
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, VERSION);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("entries", { keyPath: "id" }).createIndex("owner", "owner");
    request.result.createObjectStore("keys");
  };
  return done(request);
}

function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("the store failed"));
  });
}

export class BrowserVault implements Vault {
  private constructor(
    private readonly database: IDBDatabase,
    private readonly key: CryptoKey,
    private readonly owner: string,
  ) {}

  static async openFor(author: string, session: string): Promise<BrowserVault> {
    const owner = `${author}:${session}`;
    const database = await open();
    const kept = (await done(database.transaction("keys").objectStore("keys").get(owner))) as CryptoKey | undefined;
    if (kept) return new BrowserVault(database, kept, owner);
    const key = await newKey();
    const writing = database.transaction("keys", "readwrite");
    writing.objectStore("keys").put(key, owner);
    await committed(writing);
    return new BrowserVault(database, key, owner);
  }

  async put(kept: Kept): Promise<void> {
    const row = await seal(this.key, this.owner, kept);
    const writing = this.database.transaction("entries", "readwrite", { durability: "strict" });
    writing.objectStore("entries").put(row);
    await committed(writing);
  }

  async all(): Promise<Kept[]> {
    const rows = (await done(
      this.database.transaction("entries").objectStore("entries").index("owner").getAll(this.owner),
    )) as Row[];
    return Promise.all(rows.map((row) => unseal(this.key, this.owner, row)));
  }

  async remove(ids: string[]): Promise<void> {
    const writing = this.database.transaction("entries", "readwrite", { durability: "strict" });
    for (const id of ids) writing.objectStore("entries").delete(id);
    await committed(writing);
  }

  /** How many entries other people left unsent on this device. */
  async ofOthers(): Promise<number> {
    const owners = await done(this.database.transaction("entries").objectStore("entries").index("owner").getAllKeys());
    return owners.length - (await this.all()).length;
  }
}

/** Where the browser offers no store, entries live as long as the page. */
export class MemoryVault implements Vault {
  private readonly rows = new Map<string, Kept>();

  async put(kept: Kept): Promise<void> {
    this.rows.set(kept.entry.client_id, { ...kept });
  }

  async all(): Promise<Kept[]> {
    return [...this.rows.values()].map((kept) => ({ ...kept }));
  }

  async remove(ids: string[]): Promise<void> {
    for (const id of ids) this.rows.delete(id);
  }
}
