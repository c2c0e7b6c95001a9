import assert from "node:assert/strict";
import { judge } from "../../src/live/request_rules.ts";

const host = "127.0.0.1:4000", token = "t0ken";
const site = (value: string, mode = "cors", dest = "empty") => ({
  "sec-fetch-site": value,
  "sec-fetch-mode": mode,
  "sec-fetch-dest": dest,
});
const from = (origin: string) => ({ origin });

const CASES: [what: string, request: string, headers: Record<string, string>, status: number][] = [
  ["the page", "GET /t0ken/", {}, 200],
  ["the page, opened by hand", "GET /t0ken/", site("none", "navigate", "document"), 200],
  ["the page, by a link", "GET /t0ken/", site("cross-site", "navigate", "document"), 200],
  ["its head", "HEAD /t0ken/", {}, 200],
  ["events", "GET /t0ken/events?last=3", site("same-origin"), 200],
  ["a command", "POST /t0ken/control", from(`http://${host}`), 200],
  ["no token", "GET /", {}, 403],
  ["a wrong token", "GET /t0kem/", {}, 403],
  ["a part of the token", "GET /t0ke/", {}, 403],
  ["more than the token", "GET /t0ken1/", {}, 403],
  ["the token elsewhere", "GET /x/t0ken/", {}, 403],
  ["the token in the query", "GET /?t0ken/", {}, 403],
  ["an encoded token", "GET /%740ken/", {}, 403],
  ["no slash after the token", "GET /t0ken", {}, 404],
  ["a file", "GET /t0ken/../deno.json", {}, 404],
  ["a file, encoded", "GET /t0ken/%2e%2e%2fdeno.json", {}, 404],
  ["a part's part", "GET /t0ken/events/x", {}, 404],
  ["a name of Object's", "GET /t0ken/constructor", {}, 404],
  ["a whole address", "GET http://127.0.0.1:4000/t0ken/", {}, 403],
  ["a command by GET", "GET /t0ken/control", {}, 405],
  ["the page by POST", "POST /t0ken/", from(`http://${host}`), 405],
  ["events by DELETE", "DELETE /t0ken/events", {}, 405],
  ["a command without an origin", "POST /t0ken/control", {}, 403],
  ["another origin", "GET /t0ken/events", from("https://evil.example"), 403],
  ["another origin's command", "POST /t0ken/control", from("https://evil.example"), 403],
  ["the origin of files", "POST /t0ken/control", from("null"), 403],
  ["another port's origin", "POST /t0ken/control", from("http://127.0.0.1:4001"), 403],
  ["https in the origin", "POST /t0ken/control", from(`https://${host}`), 403],
  ["events for another site", "GET /t0ken/events", site("cross-site"), 403],
  ["a frame", "GET /t0ken/", site("cross-site", "navigate", "iframe"), 403],
  ["a script", "GET /t0ken/", site("cross-site", "no-cors", "script"), 403],
  ["a sub-domain", "GET /t0ken/events", site("same-site"), 403],
  ["another name", "GET /t0ken/", { host: "evil.example:4000" }, 421],
  ["localhost", "GET /t0ken/", { host: "localhost:4000" }, 421],
  ["no port", "GET /t0ken/", { host: "127.0.0.1" }, 421],
  ["an empty name", "GET /t0ken/", { host: "" }, 421],
];

for (const [what, request, headers, expected] of CASES) {
  Deno.test(`requests: ${what}: ${expected}`, () => {
    const [method = "", target = ""] = request.split(" ");
    const verdict = judge({ method, target, headers: { host, ...headers } }, { host, token });
    assert.equal("status" in verdict ? verdict.status : 200, expected);
  });
}
