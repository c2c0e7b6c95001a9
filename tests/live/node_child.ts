/**
 * What node_test.ts runs in Node: a server, asked for its page, its events and a command. The process
 * ends though the server is not closed and a viewer is there.
 */
import { importLiveHost } from "../../src/live/host.ts";
import { serve, SERVER_LIMITS } from "../../src/live/server.ts";
import { VIEWER_LIMITS, Viewers } from "../../src/live/viewers.ts";

const host = await importLiveHost();
const viewers = new Viewers(host, () => ({ a: "state" }), VIEWER_LIMITS);
const actions: unknown[] = [];
let stop = () => {};
const stopped = new Promise<void>((done) => stop = done); // Node 20 knows no Promise.withResolvers.
const server = await serve(host, {
  port: 0,
  document: { html: "<p>page", policy: "default-src 'none'" },
  viewers,
  control(action) {
    actions.push(action);
    if (action === "stop") stop();
    return true;
  },
  limits: SERVER_LIMITS,
});
const { origin } = new URL(server.url);
const page = await (await fetch(server.url)).text();
const wrong = (await fetch(server.url.replace(/.\/$/, "/"))).status;
const headers = { origin, "content-type": "application/json" };
const body = JSON.stringify({ action: "pause" });
const command = (await fetch(`${server.url}control`, { method: "POST", headers, body })).status;
const events = (await fetch(`${server.url}events`)).body!.pipeThrough(new TextDecoderStream());
let seen = "";
for await (const text of events) {
  seen += text;
  if (seen.includes("snapshot")) viewers.publish({ a: "change" });
  if (seen.includes("change")) break;
}
const results = { page, wrong, command, actions, seen: seen.match(/event: \w+/g) };
console.log(JSON.stringify({ url: server.url, ...results }));
const waits = setInterval(() => {}, 1000); // For the viewer of the test.
await stopped;
clearInterval(waits);
