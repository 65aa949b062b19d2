/**
 * Keys to acts. With the show's token an act goes to the show; blackout works here at once whatever the show does.
 * Without the token, keys change what this page alone can change.
 */
import { CAMERAS } from "./draw/camera";
import { paletteOf } from "./draw/settings";
import type { Connection } from "./connection";
import { actOf, LOCAL_KEYS, type KeyAct } from "./keys";
import type { Show } from "./show";

/** Name of this output among the delays of the show (`show_state.ts`). */
const PAGE = "web";

/** What this page has chosen for itself; null: what the show says. */
export interface Local {
  blackout: boolean | null;
  palette: number | null;
  scene: number | null;
  camera: string | null;
  hud: boolean;
}

export class Controls {
  private nextId = 1;

  constructor(
    readonly local: Local, private readonly show: Show, private readonly connection: Connection, private readonly token: string,
  ) {}

  listen(): void {
    addEventListener("keydown", (event) => {
      if (event.repeat || !this.press(event)) return;
      event.preventDefault();
    });
  }

  /** The show has spoken: its word on blackout replaces the key's. */
  stateArrived(before: boolean): void {
    if (this.token !== "" || this.show.state.blackout !== before) this.local.blackout = null;
  }

  get blackout(): boolean {
    return this.local.blackout ?? this.show.state.blackout;
  }

  private press(event: KeyboardEvent): boolean {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    if (key === LOCAL_KEYS.fullscreen) toggleFullscreen();
    else if (key === LOCAL_KEYS.info) this.local.hud = !this.local.hud;
    else {
      const act = actOf(event);
      if (act === null) return false;
      this.act(act);
    }
    return true;
  }

  /** Do what a person asked for. */
  act(act: KeyAct): void {
    const named = String(act.args?.["field"] ?? "");
    if (named === "blackout") {
      // Said as a wish, not as a toggle: two quick presses on two screens must not cancel out.
      this.local.blackout = !this.blackout;
      this.send({ op: "set", args: { blackout: this.local.blackout } });
    } else if (named === "delay_ms") {
      // The pages' own delay: window and OSC have theirs.
      this.send({ ...act, args: { ...act.args, output: PAGE } });
    } else if (this.token !== "") {
      this.send(act);
    } else if (named === "palette") {
      this.local.palette = (this.local.palette ?? this.show.state.palette) + 1;
    } else if (typeof act.args?.["scene"] === "number") {
      this.local.scene = act.args["scene"];
      this.local.palette = paletteOf(act.args["scene"]);
    } else if (named === "camera") {
      const now = CAMERAS.indexOf((this.local.camera ?? this.show.state.camera) as (typeof CAMERAS)[number]);
      this.local.camera = CAMERAS[(now + 1) % CAMERAS.length]!;
    }
  }

  private send(act: KeyAct): void {
    if (this.token === "") return;
    this.connection.send({
      type: "control", token: this.token, id: this.nextId++, op: act.op, args: act.args ?? {},
      ...(act.value === undefined ? {} : { value: act.value }),
    });
  }
}

function toggleFullscreen(): void {
  const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  // A host without full screen (OBS) refuses; there is nothing to do about it.
  done.catch(() => undefined);
}
