import { lockstep } from "../engines/lockstep.ts";
console.log(lockstep);
