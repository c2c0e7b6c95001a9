import assert from "node:assert/strict";
import { ask, eventsIn, line, type Trial, trial, view } from "./http.ts";

/** A command as the page sends it. */
const command = (page: Trial, body: string, headers: Record<string, string> = {}) =>
  ask(page, `POST ${page.path}control`, {
    Origin: `http://127.0.0.1:${page.port}`,
    "Content-Type": "application/json",
    "Content-Length": String(new TextEncoder().encode(body).length),
    ...headers,
  }, body);

Deno.test("server: gives the page, and tells browsers to keep it to themselves", async () => {
  await using page = await trial();
  const { status, headers, body } = await ask(page, `GET ${page.path}`);
  assert.equal(status, 200);
  assert.equal(body, "<p>page");
  for (
    const [name, value] of [
      ["cache-control", "no-store"],
      ["content-security-policy", "default-src 'none'"],
      ["content-type", "text/html; charset=utf-8"],
      ["cross-origin-opener-policy", "same-origin"],
      ["cross-origin-resource-policy", "same-origin"],
      ["referrer-policy", "no-referrer"],
      ["x-content-type-options", "nosniff"],
      ["x-frame-options", "DENY"],
    ]
  ) assert.equal(headers.get(name!), value, name);
  assert.ok(![...headers.keys()].some((name) => name.startsWith("access-control-")));
  const head = await ask(page, `HEAD ${page.path}`);
  assert.deepEqual([head.status, head.body, head.headers.get("content-length")], [200, "", "7"]);
});

Deno.test("server: listens on 127.0.0.1 alone, under a new address each time", async () => {
  await using one = await trial();
  await using other = await trial();
  assert.match(one.path, /^\/[\w-]{32}\/$/);
  assert.notEqual(one.path, other.path);
  const addresses = Deno.networkInterfaces().filter(({ family, address }) =>
    family === "IPv4" && address !== "127.0.0.1"
  );
  for (const { address: hostname } of addresses) {
    await assert.rejects(Deno.connect({ hostname, port: one.port }));
  }
});

Deno.test("server: refuses what it must, with the same headers and without an effect", async () => {
  await using page = await trial();
  const { path } = page, json = { "Content-Type": "application/json" };
  const origin = { Origin: `http://127.0.0.1:${page.port}` };
  const refused: [number, string, Record<string, string>][] = [
    [403, "GET /", {}],
    [403, `GET ${path.replace(/.\/$/, "/")}`, {}],
    [403, `GET ${path}events`, { Origin: "https://evil.example" }],
    [403, `POST ${path}control`, { ...json, Origin: "https://evil.example" }],
    [403, `POST ${path}control`, json],
    [421, `GET ${path}`, { Host: "evil.example" }],
    [421, `GET ${path}`, { Host: `localhost:${page.port}` }],
    [404, `GET ${path}../../deno.json`, {}],
    [404, `GET ${path}..%2f..%2fdeno.json`, {}],
    [404, `GET ${path}page/main.js`, {}],
    [405, `GET ${path}control`, {}],
    [405, `PUT ${path}control`, { ...json, ...origin }],
    [405, `OPTIONS ${path}control`, origin],
    [415, `POST ${path}control`, { ...origin, "Content-Type": "text/plain" }],
    [415, `POST ${path}control`, origin],
  ];
  for (const [expected, request, given] of refused) {
    const { status, headers } = await ask(page, request, given);
    assert.equal(status, expected, `${request} ${JSON.stringify(given)}`);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    if (expected === 405) assert.ok(headers.has("allow"));
  }
  assert.deepEqual(page.actions, []);
});

Deno.test("server: takes the three commands and nothing else", async () => {
  await using page = await trial();
  for (const [action, expected] of [["pause", 200], ["resume", 409], ["stop", 200]] as const) {
    assert.equal((await command(page, JSON.stringify({ action }))).status, expected, action);
  }
  assert.deepEqual(page.actions, ["pause", "resume", "stop"]);
  for (
    const body of ["", "{", "null", "[]", '"stop"', '{"action":"eval"}', '{"action":["stop"]}']
  ) {
    assert.equal((await command(page, body)).status, 400, body);
  }
  assert.equal((await command(page, `{"action":"stop"}${" ".repeat(1024)}`)).status, 413);
  assert.equal((await command(page, "", { "Content-Length": "99999999999" })).status, 413);
  assert.equal(page.actions.length, 3);
});

Deno.test("server: a body without a length is cut off as well", async () => {
  await using page = await trial();
  const chunk = `400\r\n${" ".repeat(1024)}\r\n`;
  const { status } = await ask(page, `POST ${page.path}control`, {
    Origin: `http://127.0.0.1:${page.port}`,
    "Content-Type": "application/json",
    "Transfer-Encoding": "chunked",
  }, chunk.repeat(3));
  assert.equal(status, 413);
  assert.deepEqual(page.actions, []);
});

Deno.test("server: huge headers and nonsense end the connection, not the server", async () => {
  await using page = await trial();
  const start = `GET ${page.path} HTTP/1.1\r\nHost: 127.0.0.1:${page.port}\r\n`;
  for (
    const text of [
      `${start}X: ${"x".repeat(100_000)}\r\n\r\n`,
      start + Array.from({ length: 20_000 }, (_, i) => `X${i}: 1\r\n`).join("") + "\r\n",
      `GET ${"/x".repeat(50_000)} HTTP/1.1\r\n\r\n`,
      `GET ${page.path} HTTP/1.1\r\n\r\n`, // No Host.
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      "NONSENSE\r\n\r\n",
    ]
  ) assert.doesNotMatch(await line(page.port, text).closed(), /^HTTP\/1.1 2/);
  assert.equal((await ask(page, `GET ${page.path}`)).status, 200);
});

Deno.test("server: whoever writes slowly is cut off", async () => {
  await using page = await trial({ patience: 200 });
  const start = `POST ${page.path}control HTTP/1.1\r\nHost: 127.0.0.1:${page.port}\r\n`;
  const body = `Origin: http://127.0.0.1:${page.port}\r\nContent-Type: application/json\r\n` +
    `Content-Length: 17\r\n\r\n{"action"`;
  const slow = ["", "GET", start, start + "X: ", start + body].map((text) => line(page.port, text));
  for (const each of slow) assert.doesNotMatch(await each.closed(), /HTTP\/1.1 2/);
  assert.deepEqual(page.actions, []);
});

Deno.test("server: beyond its bounds, connections are closed and viewers sent away", async () => {
  await using page = await trial({ connections: 12, viewers: 8 });
  const viewers = Array.from({ length: 8 }, () => view(page));
  for (const each of viewers) await each.until(/event: snapshot/);
  const ninth = view(page);
  assert.match(await ninth.until(/\r\n\r\n/), /^HTTP\/1.1 503 .*Retry-After: 5/s);
  const idle = Array.from({ length: 3 }, () => line(page.port, `GET ${page.path}`));
  await Promise.all(idle.map(({ socket }) => new Promise((done) => socket.once("ready", done))));
  await line(page.port, `GET ${page.path} HTTP/1.1\r\nHost: x\r\n\r\n`).closed();
  page.viewers.publish({ still: "here" });
  for (const each of viewers) await each.until(/still/);
  for (const { socket } of [...viewers, ...idle, ninth]) socket.destroy();
});

Deno.test("server: connections that are only held open keep nobody out", async () => {
  await using page = await trial({ connections: 12, viewers: 8 });
  const viewer = view(page);
  await viewer.until(/event: snapshot/);
  const slow = Array.from({ length: 30 }, () => line(page.port, "GET"));
  const [ended] = slow.map((each) => each.closed());
  await Promise.all(slow.map(({ socket }) => new Promise((done) => socket.once("ready", done))));
  await ended; // the oldest went, though its time was not over
  assert.equal((await ask(page, `GET ${page.path}`)).status, 200);
  page.viewers.publish({ still: "here" });
  await viewer.until(/still/);
  for (const { socket } of [viewer, ...slow]) socket.destroy();
});

Deno.test("server: of 200 viewers those that fit see everything, the others are told", async () => {
  await using page = await trial();
  const all = Array.from({ length: 200 }, () => view(page));
  const come = await Promise.allSettled(all.map((each) => each.until(/event: snapshot| 503 /)));
  const seeing = all.filter(({ text }) => text.includes("event: snapshot"));
  assert.equal(seeing.length, 64);
  assert.ok(come.filter(({ status }) => status === "rejected").length <= 200 - 64);
  for (let i = 0; i < 50; i++) page.viewers.publish({ i });
  for (const each of seeing) {
    const events = eventsIn(await each.until(/"i":49/));
    assert.deepEqual(
      events.slice(1).map(({ data }) => data),
      Array.from(Array(50), (_, i) => ({ i })),
    );
  }
  for (const { socket } of all) socket.destroy();
});

Deno.test("server: a port that is taken is an error that names it", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const { importLiveHost } = await import("../../src/live/host.ts");
  const { serve, SERVER_LIMITS } = await import("../../src/live/server.ts");
  const served = { port, limits: SERVER_LIMITS } as unknown as Parameters<typeof serve>[1];
  await assert.rejects(
    serve(await importLiveHost(), served),
    new RegExp(`^Error: Cannot start a live page on port ${port}: .*`),
  );
});
