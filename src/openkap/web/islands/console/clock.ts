// Time as the server has it: entries carry its time, and all screens count down together.

/** The server's clock, carried on by this page's monotonic one: a wrong or moved device clock changes nothing. */
export class ServerClock {
  private offset = 0;

  constructor(private readonly monotonic: () => number = () => performance.now()) {}

  set(serverNow: string): void {
    this.offset = Date.parse(serverNow) - this.monotonic();
  }

  now(): number {
    return this.monotonic() + this.offset;
  }

  iso(): string {
    return new Date(this.now()).toISOString();
  }
}

function two(figure: number): string {
  return String(figure).padStart(2, "0");
}

/** Milliseconds as 3:20, or 1:02:10 from an hour on; without a sign. */
export function span(milliseconds: number): string {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** The session's minute as 31:40, before minute 0 with a minus sign. */
export function sessionMinute(now: number, zero: number): string {
  const past = now - zero;
  const minutes = Math.floor(Math.abs(past) / 60_000);
  const seconds = Math.floor((Math.abs(past) % 60_000) / 1000);
  return `${past < 0 ? "−" : ""}${minutes}:${two(seconds)}`;
}

/** The time of day where the session is, whatever zone this device is set to: 10:13. */
export function timeOfDay(at: number, zone: string | undefined = document.documentElement.dataset["timeZone"]): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", ...(zone && { timeZone: zone }) }).format(at);
}
