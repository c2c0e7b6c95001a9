import assert from "node:assert/strict";
import { eventsIn, trial, view } from "./http.ts";

Deno.test("viewers: a new one gets the state, then every change", async () => {
  await using page = await trial();
  page.viewers.publish({ before: 1 });
  page.state = { now: 1 };
  const viewer = view(page);
  await viewer.until(/event: snapshot\ndata: .*\n\n/);
  page.viewers.publish({ after: 1 });
  const events = eventsIn(await viewer.until(/after/));
  assert.deepEqual(events, [
    { id: 1, event: "snapshot", data: { now: 1 } },
    { id: 2, event: "patch", data: { after: 1 } },
  ]);
  viewer.socket.destroy();
});

Deno.test("viewers: one that comes back gets what it missed, and no more", async () => {
  await using page = await trial();
  for (let i = 1; i <= 5; i++) page.viewers.publish({ i });
  const back = view(page, "Last-Event-ID: 3\r\n");
  const events = eventsIn(await back.until(/"i":5/));
  assert.deepEqual(events.map(({ id, event }) => [id, event]), [[4, "patch"], [5, "patch"]]);
  const abreast = view(page, "Last-Event-ID: 5\r\n");
  await abreast.until(/retry/);
  page.viewers.publish({ i: 6 });
  assert.deepEqual(eventsIn(await abreast.until(/"i":6/)).map(({ id }) => id), [6]);
  back.socket.destroy();
  abreast.socket.destroy();
});

for (const last of ["999", "-1", "1e3", "x", "", "9".repeat(400), "0"]) {
  Deno.test(`viewers: an id that is not kept, "${last.slice(0, 9)}", gives all anew`, async () => {
    await using page = await trial();
    for (let i = 1; i <= 300; i++) page.viewers.publish({ i });
    const viewer = view(page, `Last-Event-ID: ${last}\r\n`);
    const [first] = eventsIn(await viewer.until(/event: snapshot\ndata: .*\n\n/));
    assert.equal(first!.event, "snapshot");
    viewer.socket.destroy();
  });
}

Deno.test("viewers: many who come together share one snapshot", async () => {
  await using page = await trial();
  let asked = 0;
  Object.defineProperty(page, "state", { get: () => ({ asked: ++asked }) });
  const viewers = Array.from({ length: 20 }, () => view(page));
  for (const each of viewers) await each.until(/event: snapshot/);
  assert.equal(asked, 1);
  for (const { socket } of viewers) socket.destroy();
});

Deno.test("viewers: for one that does not read little is kept, and it catches up", async () => {
  await using page = await trial({ queue: 2 ** 16 });
  const [slow, quick] = [view(page), view(page)];
  await Promise.all([slow.until(/snapshot/), quick.until(/snapshot/)]);
  slow.socket.pause();
  const filler = "x".repeat(100_000);
  const heldBefore = page.viewers.waiting;
  for (let i = 0; i < 300; i++) {
    page.viewers.publish({ filler, end: i });
    await quick.until(new RegExp(`"end":${i}}`));
  }
  assert.ok(heldBefore < 2 ** 10);
  assert.ok(page.viewers.waiting < 2 ** 18, `${page.viewers.waiting} bytes wait`);
  assert.equal(eventsIn(quick.text).length, 301, "the other has missed nothing");
  page.state = { all: "of it" };
  slow.socket.resume();
  await slow.until(/of it/);
  page.viewers.publish({ then: "on" });
  await slow.until(/"then":"on"/);
  const ids = eventsIn(slow.text).map(({ id }) => id);
  assert.deepEqual(ids, ids.toSorted((a, b) => a - b));
  assert.ok(eventsIn(slow.text).filter(({ event }) => event === "snapshot").length >= 2);
  slow.socket.destroy();
  quick.socket.destroy();
});
