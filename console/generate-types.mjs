// Reads {group: OpenAPI document} from its input and writes <group>.d.ts for each into the folder that it is given.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import openapiTS, { astToString } from "openapi-typescript";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
for (const [group, document] of Object.entries(JSON.parse(await text(process.stdin)))) {
  const types = astToString(await openapiTS(document, { silent: true }));
  writeFileSync(
    join(folder, `${group}.d.ts`),
    `// Written by \`make console-types\` from the group's OpenAPI document.\n\n${types}`,
  );
}
