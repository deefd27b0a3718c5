import FoundationEssentials
import InstagramMessaging
import Reactor

/// One moment on two clocks.
struct Moment: Sendable, Hashable {
    /// Monotonic nanoseconds.
    var nanoseconds: Int64
    var wall: Timestamp

    static func now() -> Moment {
        Moment(
            nanoseconds: monotonicNanoseconds(),
            wall: Timestamp(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000))
        )
    }

    static func monotonicNanoseconds() -> Int64 { Reactor.monotonicNow() }
}
