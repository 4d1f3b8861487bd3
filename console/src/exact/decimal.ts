/** Decimals as texts, computed exactly with integers: amounts and rates never become floating-point numbers. */

export interface Decimal {
  readonly digits: bigint; // value = digits / 10^scale
  readonly scale: number;
}

const SHAPE = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const MAX_EXPONENT = 400;

export const ZERO: Decimal = { digits: 0n, scale: 0 };

/** Read a decimal as it stands in JSON, with or without an exponent; throws RangeError for anything else. */
export function decimal(text: string | number): Decimal {
  const match = SHAPE.exec(String(text));
  if (match === null) throw new RangeError(`not a decimal: ${text}`);
  const [, sign = "", whole = "0", fraction = "", exponent = "0"] = match;
  const power = Number(exponent);
  if (Math.abs(power) > MAX_EXPONENT) throw new RangeError(`out of range: ${text}`);
  const digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  const scale = fraction.length - power;
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

function raised(value: Decimal, scale: number): bigint {
  return value.digits * 10n ** BigInt(scale - value.scale);
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: raised(a, scale) + raised(b, scale), scale };
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { digits: -b.digits, scale: b.scale });
}

export function times(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

export function compare(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const [left, right] = a.scale === b.scale ? [a.digits, b.digits] : [raised(a, scale), raised(b, scale)];
  return left < right ? -1 : left > right ? 1 : 0;
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const each of values) total = plus(total, each);
  return total;
}

/** The same value with so many places at least: those of one scale are compared much faster. */
export function withPlaces(value: Decimal, places: number): Decimal {
  return value.scale >= places ? value : { digits: raised(value, places), scale: places };
}

/** Round away from zero at so many places, as the ledger does where an amount is finer than it keeps. */
export function roundedUp(value: Decimal, places: number): Decimal {
  if (value.scale <= places) return value;
  const unit = 10n ** BigInt(value.scale - places);
  const whole = value.digits / unit;
  const away = value.digits % unit === 0n ? 0n : value.digits < 0n ? -1n : 1n;
  return { digits: whole + away, scale: places };
}

/** The plain notation: no exponent, no zeros at the end. */
export function plain(value: Decimal): string {
  const negative = value.digits < 0n;
  const digits = String(negative ? -value.digits : value.digits).padStart(value.scale + 1, "0");
  const whole = digits.slice(0, digits.length - value.scale);
  const fraction = digits.slice(digits.length - value.scale).replace(/0+$/, "");
  return `${negative ? "-" : ""}${whole}${fraction ? `.${fraction}` : ""}`;
}

/** A per-token rate as a price of a million tokens. */
export function perMillion(rate: string): string {
  return plain(times(decimal(rate), { digits: 1_000_000n, scale: 0 }));
}

/** The whole part in groups of three; what follows the point stays as it is. */
export function grouped(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

/** What share of a whole a part is, in per cent with one place; null where there is no whole. */
export function percent(part: Decimal, whole: Decimal): string | null {
  if (whole.digits <= 0n) return null;
  const scale = Math.max(part.scale, whole.scale);
  const thousandths = (raised(part, scale) * 1000n) / raised(whole, scale);
  return plain({ digits: thousandths, scale: 1 });
}

/** A place on a plot's axis, and nothing else: drawing may be a pixel off, a shown number may not. */
export function approximate(value: Decimal): number {
  return Number(plain(value));
}
