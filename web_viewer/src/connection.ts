/** The socket: opens it, keeps it open, hands on what arrives. Never throws, never gives up. */
import { PROTOCOL } from "./wire.generated";

const FIRST_WAIT_MS = 150;
const MOST_WAIT_LOOPBACK_MS = 1000;
const MOST_WAIT_MS = 4000;

export interface Listener {
  opened(): void;
  closed(): void;
  binary(buffer: ArrayBuffer): void;
  text(message: Record<string, unknown>): void;
}

export class Connection {
  private socket: WebSocket | null = null;
  private wait_ms = FIRST_WAIT_MS;
  private readonly most_ms: number;

  constructor(private readonly url: string, private readonly listener: Listener) {
    const host = new URL(url).hostname;
    this.most_ms = ["localhost", "127.0.0.1", "[::1]"].includes(host) ? MOST_WAIT_LOOPBACK_MS : MOST_WAIT_MS;
  }

  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Open; afterwards it opens again by itself whenever it closes. */
  open(): void {
    const socket = new WebSocket(this.url, PROTOCOL);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      this.wait_ms = FIRST_WAIT_MS;
      this.listener.opened();
    };
    socket.onmessage = (event: MessageEvent<ArrayBuffer | string>) => {
      if (typeof event.data !== "string") this.listener.binary(event.data);
      else this.takeText(event.data);
    };
    socket.onclose = () => {
      this.listener.closed();
      // Jitter, so that a hundred pages do not come back in the same instant.
      setTimeout(() => this.open(), this.wait_ms * (0.5 + 0.5 * Math.random()));
      this.wait_ms = Math.min(this.most_ms, this.wait_ms * 2);
    };
  }

  send(message: Record<string, unknown>): void {
    if (this.isOpen) this.socket!.send(JSON.stringify(message));
  }

  private takeText(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (typeof message === "object" && message !== null) this.listener.text(message as Record<string, unknown>);
  }
}
