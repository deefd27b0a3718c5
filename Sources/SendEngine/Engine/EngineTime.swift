package import InstagramMessaging

/// The moment an event happens, as the shell's two clocks show it.
///
/// Limits, delays and holds are measured on the monotonic clock, which never jumps; deadlines that callers give
/// are on the wall clock.
package struct EngineTime: Sendable, Hashable {
    /// Nanoseconds on a clock that never goes back.
    package var monotonic: Int64
    /// The wall clock.
    package var wall: Timestamp

    package init(monotonic: Int64, wall: Timestamp) {
        self.monotonic = monotonic
        self.wall = wall
    }
}
