/** The program, which is sent the signal of Ctrl-C once it has printed the line of epoch 150. */
import { main } from "../../cli/main.ts";

const write = Deno.stderr.writeSync.bind(Deno.stderr);
let isSent = false;
Deno.stderr.writeSync = (bytes) => {
  if (!isSent && new TextDecoder().decode(bytes).startsWith("epoch 150/")) {
    isSent = true;
    Deno.kill(Deno.pid, "SIGINT");
  }
  return write(bytes);
};
await main();
