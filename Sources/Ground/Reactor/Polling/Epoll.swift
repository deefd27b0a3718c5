#if !canImport(Darwin)
import CEpoll
import Glibc

/// The system's readiness: epoll, level-triggered, and an eventfd that wakes it.
///
/// A descriptor of which nothing is asked is edge-triggered: epoll reports failure and hang-up always, and would do so
/// in each turn until the handler lets go.
struct Poller {
    private let epoll: Int32
    private let wakeUps: Int32
    /// As epoll writes it; its layout is the C header's business.
    private let events: UnsafeMutableRawPointer

    init() throws(ReactorError) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw ReactorError(attempt: "create an epoll instance", code: errno) }
        wakeUps = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard wakeUps >= 0 else {
            let code = errno
            closeDescriptor(epoll)
            throw ReactorError(attempt: "create an eventfd", code: code)
        }
        events = .allocate(byteCount: Int(eventsPerTurn * c_epoll_event_size), alignment: 8)
        try add(wakeUps, for: .read, watch: .wakeUp)
    }

    func close() {
        closeDescriptor(wakeUps)
        closeDescriptor(epoll)
        events.deallocate()
    }

    func add(_ descriptor: Int32, for interest: Interest, watch: Watch) throws(ReactorError) {
        guard c_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, Self.mask(interest), watch.key) == 0 else {
            throw ReactorError(attempt: "watch descriptor \(descriptor)", code: errno)
        }
    }

    func change(_ descriptor: Int32, from before: Interest, to interest: Interest, watch: Watch) {
        let result = c_epoll_control(epoll, EPOLL_CTL_MOD, descriptor, Self.mask(interest), watch.key)
        assert(result == 0, "descriptor \(descriptor) was closed while it was watched (errno \(errno))")
    }

    func remove(_ descriptor: Int32, interest: Interest) {
        let result = c_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0)
        assert(result == 0, "descriptor \(descriptor) was closed while it was watched (errno \(errno))")
    }

    /// Waits for events; nil waits for ever. A signal may end the wait early, without events.
    ///
    /// - Parameter nanoseconds: Rounded up to whole milliseconds, so that no timer is looked at too early.
    /// - Returns: How many events there are.
    func wait(nanoseconds: Int64?) -> Int {
        let milliseconds = nanoseconds.map { Int32((min($0, longestWait) + 999_999) / 1_000_000) } ?? -1
        let count = c_epoll_wait(epoll, events, eventsPerTurn, milliseconds)
        precondition(count >= 0 || errno == EINTR, "epoll_wait failed (errno \(errno))")
        return Int(max(count, 0))
    }

    /// One of the events that the last `wait` gave; nil for a wake-up, which is taken thereby.
    func event(at index: Int) -> PolledEvent? {
        let watch = Watch(key: c_epoll_data_at(events, Int32(index)))
        if watch == .wakeUp {
            var count: UInt64 = 0
            _ = read(wakeUps, &count, 8)
            return nil
        }
        return PolledEvent(watch: watch, readiness: Self.readiness(c_epoll_events_at(events, Int32(index))))
    }

    /// Ends a wait that goes on, or the next one. From any thread.
    func wake() {
        var one: UInt64 = 1
        // EAGAIN means that so many wake-ups are unread that one more changes nothing.
        _ = write(wakeUps, &one, 8)
    }

    private static func mask(_ interest: Interest) -> UInt32 {
        if interest.isEmpty { return EPOLLET.rawValue }
        var mask: UInt32 = 0
        if interest.contains(.read) { mask |= EPOLLIN.rawValue }
        if interest.contains(.write) { mask |= EPOLLOUT.rawValue }
        return mask
    }

    private static func readiness(_ mask: UInt32) -> Readiness {
        var readiness: Readiness = []
        if mask & EPOLLIN.rawValue != 0 { readiness.insert(.readable) }
        if mask & EPOLLOUT.rawValue != 0 { readiness.insert(.writable) }
        if mask & EPOLLERR.rawValue != 0 { readiness.insert(.failed) }
        if mask & EPOLLHUP.rawValue != 0 { readiness.insert(.hangUp) }
        return readiness
    }
}
#endif
