const IMPORT = /^import \{([^}]*)\} from "(?:\.\/|(?=\.\.\/))([\w./]+)";$/gm;
const EXPORT = /^export (?=(?:async function|function|class|const) ([\w$]+))/gm;

/**
 * Joins ES modules into one script that runs without a server: each becomes a function with a scope of
 * its own that returns what it exports; all names are relative to that of the entry. It knows `import { a, b as c } from "./file.js"` and `export`
 * before a function, class or const, each at the beginning of a line, and refuses all else.
 *
 * @param read gives a module's text by its file name
 * @param entry file name of the module that is run
 * @throws {Error} if modules import each other in a circle, or use another form of import or export
 */
export async function joinModules(
  read: (name: string) => Promise<string>,
  entry: string,
): Promise<string> {
  const scopes = new Map<string, string>(), parts: string[] = [];
  const add = async (name: string, parents: readonly string[]): Promise<void> => {
    if (parents.includes(name)) fail(`modules in a circle: ${[...parents, name].join(" -> ")}`);
    if (scopes.has(name)) return;
    const text = await read(name);
    for (const [, , imported] of text.matchAll(IMPORT)) await add(imported!, [...parents, name]);
    const scope = `scope${scopes.size}`;
    scopes.set(name, scope);
    const exported = [...text.matchAll(EXPORT)].map(([, symbol]) => symbol);
    const body = text.replaceAll(EXPORT, "").replaceAll(
      IMPORT,
      (_, names: string, from: string) =>
        `const {${names.replaceAll(/ as /g, ": ")}} = ${scopes.get(from)};`,
    );
    const left = /^(?:import|export)\b.*/m.exec(body);
    if (left !== null) fail(`${name}: ${left[0]}`);
    if (/<\/script|<!--/i.test(body)) fail(`${name}: the text would end the script`);
    parts.push(`const ${scope} = (() => {\n${body}\nreturn { ${exported.join(", ")} };\n})();\n`);
  };
  await add(entry, []);
  return `(() => {\n"use strict";\n${parts.join("")}})();\n`;
}

function fail(what: string): never {
  throw new Error(`Cannot join modules: ${what}`);
}
