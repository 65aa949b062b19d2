/** Quaternions w x y z in flat arrays of doubles: row i lies at 4 i. The same sums as livedance/rotations.py. */

export type Numbers = Float64Array;
export type Vector = readonly [number, number, number];
export type Quaternion = readonly [number, number, number, number];

export function at4(a: Numbers, row: number): Quaternion {
  const i = 4 * row;
  return [a[i]!, a[i + 1]!, a[i + 2]!, a[i + 3]!];
}

export function at3(a: Numbers, row: number): Vector {
  const i = 3 * row;
  return [a[i]!, a[i + 1]!, a[i + 2]!];
}

/** Hamilton product: b first, then a. */
export function multiply(a: Quaternion, b: Quaternion): Quaternion {
  const [aw, ax, ay, az] = a;
  const [bw, bx, by, bz] = b;
  return [
    aw * bw - ax * bx - ay * by - az * bz,
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
  ];
}

export function conjugate(q: Quaternion): Quaternion {
  return [q[0], -q[1], -q[2], -q[3]];
}

export function normalise(q: Quaternion): Quaternion {
  const n = Math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  return n > 1e-12 ? [q[0] / n, q[1] / n, q[2] / n, q[3] / n] : [1, 0, 0, 0];
}

export function rotate(q: Quaternion, v: Vector): Vector {
  const [w, x, y, z] = q;
  const tx = 2 * (y * v[2] - z * v[1]);
  const ty = 2 * (z * v[0] - x * v[2]);
  const tz = 2 * (x * v[1] - y * v[0]);
  return [v[0] + w * tx + y * tz - z * ty, v[1] + w * ty + z * tx - x * tz, v[2] + w * tz + x * ty - y * tx];
}

/** The short way from a (s = 0) to b (s = 1); s may go on beyond. */
export function slerp(a: Quaternion, b: Quaternion, s: number): Quaternion {
  let dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  const sign = dot < 0 ? -1 : 1;
  dot = Math.min(1, dot * sign);
  const theta = Math.acos(dot);
  const sin = Math.sin(theta);
  const wa = sin < 1e-6 ? 1 - s : Math.sin((1 - s) * theta) / sin;
  const wb = (sin < 1e-6 ? s : Math.sin(s * theta) / sin) * sign;
  return normalise([wa * a[0] + wb * b[0], wa * a[1] + wb * b[1], wa * a[2] + wb * b[2], wa * a[3] + wb * b[3]]);
}

export function fromRotvec(v: Vector): Quaternion {
  const angle = length(v);
  const k = angle > 1e-9 ? Math.sin(0.5 * angle) / angle : 0.5;
  return normalise([Math.cos(0.5 * angle), k * v[0], k * v[1], k * v[2]]);
}

export function toRotvec(q: Quaternion): Vector {
  const sign = q[0] < 0 ? -1 : 1;
  const sin = Math.sqrt(q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  const angle = 2 * Math.atan2(sin, q[0] * sign);
  const k = sign * (sin > 1e-9 ? angle / sin : 2);
  return [k * q[1], k * q[2], k * q[3]];
}

export function aboutY(angle: number): Quaternion {
  return [Math.cos(0.5 * angle), 0, Math.sin(0.5 * angle), 0];
}

export function aboutZ(angle: number): Quaternion {
  return [Math.cos(0.5 * angle), 0, 0, Math.sin(0.5 * angle)];
}

/** Yaw of the direction that +z takes; 0 faces the audience. */
export function heading([w, x, y, z]: Quaternion): number {
  return Math.atan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y));
}

export function add(a: Vector, b: Vector): Vector {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

export function subtract(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

export function scale(a: Vector, k: number): Vector {
  return [a[0] * k, a[1] * k, a[2] * k];
}

export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function length(a: Vector): number {
  return Math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
}

/** `v`, no longer than `limit`. */
export function limited(v: Vector, limit: number): Vector {
  return scale(v, limit / Math.max(length(v), limit));
}
