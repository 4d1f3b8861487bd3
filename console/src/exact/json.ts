/** JSON whose numbers stay the texts that they were sent as: `1e-7` and `0.30` are not rounded on their way in. */

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Parse a JSON text with every number as a text. */
export function numbersAsTexts(json: string): unknown {
  return JSON.parse(json.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : `"${token}"`)));
}
