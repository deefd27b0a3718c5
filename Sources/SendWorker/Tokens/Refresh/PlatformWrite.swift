#if canImport(Darwin)
import Darwin

/// The system's `write`, under a name that a type's own `write` does not hide.
let platformWrite = Darwin.write
#elseif canImport(Musl)
import Musl

/// The system's `write`, under a name that a type's own `write` does not hide.
let platformWrite = Musl.write
#else
import Glibc

/// The system's `write`, under a name that a type's own `write` does not hide.
let platformWrite = Glibc.write
#endif
