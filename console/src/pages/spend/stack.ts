/** Groups of two dimensions as stacks: a category for each word of the first, a layer for each of the second. */

import { compare, type Decimal, decimal, plain, sum, ZERO } from "../../exact/decimal";

export interface GroupOfTwo {
  readonly over: string;
  readonly by: string;
  readonly value: string; // exact
}

export interface Stacks {
  readonly categories: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly (string | null)[] }[];
}

const MOST_LAYERS = 8; // colours, the rest counted as one
const MOST_CATEGORIES = 40; // of words that are no days or hours

/** Stack groups; `every` are all categories in their order, or null for those that occur, the largest first. */
export function stacked(groups: readonly GroupOfTwo[], every: readonly string[] | null): Stacks {
  const categories = every ?? largest(groups, (each) => each.over).slice(0, MOST_CATEGORIES);
  const layers = largest(groups, (each) => each.by);
  const own = layers.length > MOST_LAYERS ? layers.slice(0, MOST_LAYERS - 1) : layers;
  const rest = new Set(layers.slice(own.length));
  const layerOf = (each: GroupOfTwo) => (rest.has(each.by) ? null : each.by);
  const names: (string | null)[] = rest.size > 0 ? [...own, null] : own;
  return {
    categories,
    series: names.map((name) => {
      const found = new Map<string, Decimal[]>();
      for (const each of groups) {
        if (layerOf(each) === name) found.set(each.over, [...(found.get(each.over) ?? []), decimal(each.value)]);
      }
      const values = categories.map((category) => {
        const parts = found.get(category);
        return parts ? plain(sum(parts)) : null;
      });
      return { name: name ?? `${rest.size} others`, values };
    }),
  };
}

/** The words of a dimension, those that come to most first. */
function largest(groups: readonly GroupOfTwo[], word: (each: GroupOfTwo) => string): string[] {
  const parts = new Map<string, Decimal[]>();
  for (const each of groups) parts.set(word(each), [...(parts.get(word(each)) ?? []), decimal(each.value)]);
  const totals = [...parts].map(([name, values]): [string, Decimal] => [name, values.length ? sum(values) : ZERO]);
  return totals.sort(([a, x], [b, y]) => compare(y, x) || (a < b ? -1 : 1)).map(([name]) => name);
}
