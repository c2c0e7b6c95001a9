import assert from "node:assert/strict";

/** Fails unless the tags are balanced, the attributes quoted and the references known. */
export function assertWellFormed(svg: string): void {
  const open: string[] = [];
  const TAG = /<(\/?)([A-Za-z][\w.-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;
  for (let at = 0; at < svg.length;) {
    if (svg[at] !== "<") {
      assert.ok(svg[at] !== "&" || /^&(amp|lt|gt|quot|#\d+);/.test(svg.slice(at)), svg.slice(at));
      at++;
      continue;
    }
    TAG.lastIndex = at;
    const tag = TAG.exec(svg);
    assert.ok(tag, `not a tag: ${svg.slice(at, at + 80)}`);
    const [all, isEnd, name, , isEmpty] = tag;
    if (isEnd) assert.equal(open.pop(), name);
    else if (!isEmpty) open.push(name!);
    at += all.length;
  }
  assert.deepEqual(open, []);
}
