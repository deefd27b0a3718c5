/// The directions in which somebody wants to hear of a descriptor.
package struct Interest: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let read = Interest(rawValue: 1)
    package static let write = Interest(rawValue: 2)
}

/// The operations that a descriptor is ready for.
package struct Readiness: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Reading will not block: there are bytes, the end of the stream, or an error to collect.
    package static let readable = Readiness(rawValue: 1)
    /// Writing will not block, or will collect an error.
    package static let writable = Readiness(rawValue: 2)
    /// The descriptor has an error, such as a reset by the peer. Bytes that came before may still be read.
    package static let failed = Readiness(rawValue: 4)
    /// Both directions are shut. Bytes that came before may still be read.
    package static let hangUp = Readiness(rawValue: 8)

    private static let trouble: Readiness = [.failed, .hangUp]

    /// Returns the part of this that concerns somebody: failure and hang-up always, and they make ready whatever was
    /// asked for, so that reading or writing tells the reason.
    func limited(to interest: Interest) -> Readiness {
        let asked = Readiness(rawValue: interest.rawValue)
        let trouble = intersection(Self.trouble)
        return trouble.isEmpty ? intersection(asked) : trouble.union(asked)
    }
}

/// Something that is told when its descriptor is ready.
package protocol ReadinessHandler: AnyObject {
    /// Called on the reactor's thread. As long as the descriptor stays ready for what was asked, each turn calls again.
    ///
    /// Failure and hang-up come whether asked for or not; reading and writing are then ready as well if they were asked
    /// for. Who has asked for something must read to the end, change what is asked, or unwatch: until then each turn
    /// calls again. Who asked for nothing is told once.
    func ready(_ readiness: Readiness)
}

/// A descriptor that a reactor watches. Names nothing any more once it was unwatched, even if the number is used again.
package struct Watch: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32

    init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }

    /// The number that the system gives back with each event.
    var key: UInt64 { UInt64(slot) << 32 | UInt64(generation) }

    init(key: UInt64) {
        slot = UInt32(truncatingIfNeeded: key >> 32)
        generation = UInt32(truncatingIfNeeded: key)
    }
}
