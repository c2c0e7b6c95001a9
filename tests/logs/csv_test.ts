import assert from "node:assert/strict";
// @ts-types="../../cli/data/csv_parse.d.ts"
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { csvRecord, firstCsvRecord } from "../../src/logs/csv.ts";

Deno.test("csv - any fields come back through another reader, and through our own", () => {
  const field = fc.string({ unit: fc.constantFrom("a", "1", '"', ",", ";", "\n", " ", "é") });
  fc.assert(
    fc.property(
      fc.array(field, { minLength: 2, maxLength: 5 }),
      fc.constantFrom(",", ";", "\t"),
      (fields, separator) => {
        const text = `${csvRecord(fields, separator)}\n`;
        assert.deepEqual(parse(text, { delimiter: separator }), [fields]);
        assert.deepEqual(firstCsvRecord(`${text}rest`, separator), fields);
      },
    ),
  );
});

Deno.test("csv - a record that does not end is none", () => {
  assert.equal(firstCsvRecord("", ","), undefined);
  assert.equal(firstCsvRecord("a,b", ","), undefined);
  assert.equal(firstCsvRecord('a,"b\n', ","), undefined);
  assert.deepEqual(firstCsvRecord("a,b\r\nc", ","), ["a", "b"]);
});
