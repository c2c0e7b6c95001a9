/** What this library calls of MPI. A status of 0 is success. */
export interface MpiCalls {
  init(): number;
  finalize(): number;
  rank(into: Int32Array): number;
  size(into: Int32Array): number;
  abort(code: number): number;
  /** Sums in place, waiting. */
  sum(values: Float32Array): number;
  /** Begins to sum in place; `test` tells when it is done. */
  beginSum(values: Float32Array, request: BigUint64Array): number;
  broadcast(values: Float32Array, root: number): number;
  test(request: BigUint64Array, flag: Int32Array): number;
  /** Begins to send a message without content. */
  beginSend(to: number, tag: number, request: BigUint64Array): number;
  /** Whether such a message has come. */
  probe(from: number, tag: number, flag: Int32Array): number;
  receive(from: number, tag: number): number;
}

/** Kinds of MPI libraries: how they call what every MPI has. */
interface Binding {
  /** Whether handles are addresses or whole numbers. */
  readonly handle: "pointer" | "i32";
  /** The communicator of all ranks, the type of float32 and the sum: values, or symbols they stand at. */
  readonly world: number | string;
  readonly float: number | string;
  readonly sum: number | string;
  /** The address that stands for "in place", and that for "no status". */
  readonly inPlace: bigint;
  readonly noStatus: bigint;
}

/** The standard binary interface of MPI 5, which Open MPI 6 and MPICH 5 bring beside their own. */
const STANDARD: Binding = {
  handle: "pointer",
  world: 0x101,
  float: 0x210,
  sum: 0x21,
  inPlace: 1n,
  noStatus: 0n,
};
const STANDARD_NAMES = ["libmpi_abi.so.0", "libmpi_abi.so", "libmpi_abi.dylib"];

/** An implementation of MPI. */
export interface MpiKind {
  readonly name: string;
  readonly binding: Binding;
  readonly libraries: readonly string[];
  /** What to install, for messages. */
  readonly packages: string;
}

/** Open MPI: handles are the addresses of its data. */
export const OPEN_MPI: MpiKind = {
  name: "Open MPI",
  binding: {
    handle: "pointer",
    world: "ompi_mpi_comm_world",
    float: "ompi_mpi_float",
    sum: "ompi_mpi_op_sum",
    inPlace: 1n,
    noStatus: 0n,
  },
  libraries: ["libmpi.so.40", "libmpi.so", "libmpi.dylib", "/opt/homebrew/lib/libmpi.dylib"],
  packages: "openmpi-bin and libopenmpi3 (Debian, Ubuntu), openmpi (Fedora, and then " +
    "`module load mpi/openmpi-x86_64`), open-mpi (Homebrew)",
};

/** MPICH and its kin (Intel MPI, Cray MPICH, MVAPICH): handles are whole numbers. */
export const MPICH: MpiKind = {
  name: "MPICH",
  binding: {
    handle: "i32",
    world: 0x44000000,
    float: 0x4c00040a,
    sum: 0x58000003,
    inPlace: -1n,
    noStatus: 1n,
  },
  libraries: [
    "libmpich.so.12",
    "libmpi.so.12",
    "libmpich.so",
    "libmpi.so",
    "libmpi.dylib",
    "/opt/homebrew/lib/libmpi.dylib",
  ],
  packages: "mpich and libmpich12 (Debian, Ubuntu), mpich (Fedora, and then " +
    "`module load mpi/mpich-x86_64`; Homebrew)",
};

/**
 * Opens the MPI library that a launcher has started this process for.
 *
 * @param library a path of one's own, or undefined
 * @throws {Error} if there is none, or Deno may not call it, saying what helps
 */
export function openMpi(kind: MpiKind, library: string | undefined): MpiCalls {
  const candidates: readonly (readonly [string, Binding])[] = [
    ...(library === undefined ? kind.libraries : [library]).map((name) =>
      [name, kind.binding] as const
    ),
    ...(library === undefined ? STANDARD_NAMES : [library]).map((name) =>
      [name, STANDARD] as const
    ),
  ];
  const reasons: string[] = [];
  for (const [name, binding] of candidates) {
    try {
      return callsOf(name, binding);
    } catch (error) {
      if (error instanceof Error && /NotCapable|PermissionDenied/.test(error.name)) {
        throw new Error(
          `Cannot join: ${kind.name} is called through Deno's foreign function interface, which needs ` +
            `--allow-ffi (or -A)`,
          { cause: error },
        );
      }
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    `Cannot join: this process was started by ${kind.name}, whose library was not found ` +
      `(${
        candidates.map(([name]) => name).join(", ")
      }). Install ${kind.packages}, or give its path ` +
      `as joinMpi({ library })`,
    { cause: new Error(reasons.join("\n")) },
  );
}

/** A value as foreign functions take it. */
type Foreign = number | bigint | boolean | null | Deno.PointerObject | ArrayBufferView;

function callsOf(library: string, binding: Binding): MpiCalls {
  const { handle } = binding, int = "i32", address = "pointer", buffer = "buffer";
  const returns = (...parameters: Deno.NativeType[]) => ({ parameters, result: int }) as const;
  const statics = [binding.world, binding.float, binding.sum].filter((each) =>
    typeof each === "string"
  );
  const { symbols } = Deno.dlopen(library, {
    MPI_Init: returns(address, address),
    MPI_Finalize: returns(),
    MPI_Comm_rank: returns(handle, buffer),
    MPI_Comm_size: returns(handle, buffer),
    MPI_Abort: returns(handle, int),
    MPI_Allreduce: returns(address, buffer, int, handle, handle, handle),
    MPI_Iallreduce: returns(address, buffer, int, handle, handle, handle, buffer),
    MPI_Bcast: returns(buffer, int, handle, int, handle),
    MPI_Test: returns(buffer, buffer, address),
    MPI_Isend: returns(address, int, handle, int, int, handle, buffer),
    MPI_Iprobe: returns(int, int, handle, buffer, address),
    MPI_Recv: returns(address, int, handle, int, int, handle, address),
    ...Object.fromEntries(statics.map((name) => [name, { type: address }])),
  });
  const mpi = symbols as unknown as Record<string, (...args: Foreign[]) => number>;
  const pointer = (value: bigint) => Deno.UnsafePointer.create(BigInt.asUintN(64, value));
  const resolve = (value: number | string): Foreign =>
    typeof value === "string"
      ? (symbols as unknown as Record<string, Foreign>)[value]!
      : handle === "pointer"
      ? pointer(BigInt(value))
      : value;
  const [world, float, sum] = [binding.world, binding.float, binding.sum].map(resolve) as [
    Foreign,
    Foreign,
    Foreign,
  ];
  const inPlace = pointer(binding.inPlace), noStatus = pointer(binding.noStatus);
  return {
    init: () => mpi.MPI_Init!(null, null),
    finalize: () => mpi.MPI_Finalize!(),
    rank: (into) => mpi.MPI_Comm_rank!(world, into),
    size: (into) => mpi.MPI_Comm_size!(world, into),
    abort: (code) => mpi.MPI_Abort!(world, code),
    sum: (values) => mpi.MPI_Allreduce!(inPlace, values, values.length, float, sum, world),
    beginSum: (values, request) =>
      mpi.MPI_Iallreduce!(inPlace, values, values.length, float, sum, world, request),
    broadcast: (values, root) => mpi.MPI_Bcast!(values, values.length, float, root, world),
    test: (request, flag) => mpi.MPI_Test!(request, flag, noStatus),
    beginSend: (to, tag, request) => mpi.MPI_Isend!(null, 0, float, to, tag, world, request),
    probe: (from, tag, flag) => mpi.MPI_Iprobe!(from, tag, world, flag, noStatus),
    receive: (from, tag) => mpi.MPI_Recv!(null, 0, float, from, tag, world, noStatus),
  };
}
