#if canImport(Darwin)
import Darwin

/// The system's readiness: kqueue, level-triggered, and a user event that wakes it.
///
/// Reading and writing are two filters, and so may give two events of one descriptor. A descriptor of which nothing is
/// asked has an edge-triggered read filter that no number of bytes satisfies: it tells once that the peer is gone.
struct Poller {
    private let queue: Int32
    private let events: UnsafeMutablePointer<kevent>

    init() throws(ReactorError) {
        queue = kqueue()
        guard queue >= 0 else { throw ReactorError(attempt: "create a kqueue", code: errno) }
        _ = fcntl(queue, F_SETFD, FD_CLOEXEC)
        events = .allocate(capacity: Int(eventsPerTurn))
        var wakeUp = Self.event(0, EVFILT_USER, EV_ADD | EV_CLEAR, .wakeUp)
        _ = kevent(queue, &wakeUp, 1, nil, 0, nil)
    }

    func close() {
        closeDescriptor(queue)
        events.deallocate()
    }

    func add(_ descriptor: Int32, for interest: Interest, watch: Watch) throws(ReactorError) {
        let code = apply(descriptor, from: nil, to: interest, watch: watch)
        guard code == 0 else { throw ReactorError(attempt: "watch descriptor \(descriptor)", code: code) }
    }

    func change(_ descriptor: Int32, from before: Interest, to interest: Interest, watch: Watch) {
        let code = apply(descriptor, from: before, to: interest, watch: watch)
        assert(code == 0, "descriptor \(descriptor) was closed while it was watched (errno \(code))")
    }

    func remove(_ descriptor: Int32, interest: Interest) {
        if !interest.contains(.write) || interest.contains(.read) { delete(descriptor, EVFILT_READ) }
        if interest.contains(.write) { delete(descriptor, EVFILT_WRITE) }
    }

    func wait(nanoseconds: Int64?) -> Int {
        let count: Int32
        if let nanoseconds = nanoseconds.map({ min($0, longestWait) }) {
            var wait = timespec(
                tv_sec: Int(nanoseconds / 1_000_000_000),
                tv_nsec: Int(nanoseconds % 1_000_000_000)
            )
            count = kevent(queue, nil, 0, events, eventsPerTurn, &wait)
        } else {
            count = kevent(queue, nil, 0, events, eventsPerTurn, nil)
        }
        precondition(count >= 0 || errno == EINTR, "kevent failed (errno \(errno))")
        return Int(max(count, 0))
    }

    func event(at index: Int) -> PolledEvent? {
        let event = events[index]
        let watch = Watch(key: UInt64(UInt(bitPattern: event.udata)))
        if watch == .wakeUp { return nil }
        var readiness: Readiness = []
        // The end of the stream is a hint only: whoever reads finds out whether bytes came before it.
        let isAtEnd = event.flags & UInt16(EV_EOF) != 0
        if event.filter == Int16(EVFILT_READ) {
            readiness.insert(.readable)
            if isAtEnd, event.fflags != 0 { readiness.insert(.failed) }
        } else {
            readiness.insert(.writable)
            if isAtEnd { readiness.insert(.hangUp) }
        }
        return PolledEvent(watch: watch, readiness: readiness)
    }

    func wake() {
        var trigger = Self.event(0, EVFILT_USER, 0, .wakeUp)
        trigger.fflags = UInt32(NOTE_TRIGGER)
        _ = kevent(queue, &trigger, 1, nil, 0, nil)
    }

    /// Brings the filters from one interest to another.
    ///
    /// - Returns: The `errno` of what was refused, or 0.
    private func apply(_ descriptor: Int32, from before: Interest?, to interest: Interest, watch: Watch) -> Int32 {
        if interest.contains(.write) {
            var add = Self.event(descriptor, EVFILT_WRITE, EV_ADD, watch)
            guard kevent(queue, &add, 1, nil, 0, nil) == 0 else { return errno }
        } else if before?.contains(.write) == true {
            delete(descriptor, EVFILT_WRITE)
        }
        if interest == .write {
            if let before, before != .write { delete(descriptor, EVFILT_READ) }
            return 0
        }
        // A filter keeps the trigger it was added with, so it is added anew.
        if let before, before != .write { delete(descriptor, EVFILT_READ) }
        var add = Self.event(descriptor, EVFILT_READ, interest.isEmpty ? EV_ADD | EV_CLEAR : EV_ADD, watch)
        if interest.isEmpty {
            add.fflags = UInt32(NOTE_LOWAT)
            add.data = Int(Int32.max)
        }
        return kevent(queue, &add, 1, nil, 0, nil) == 0 ? 0 : errno
    }

    /// ENOENT says that the filter is gone already, which is as good.
    private func delete(_ descriptor: Int32, _ filter: Int32) {
        var delete = Self.event(descriptor, filter, EV_DELETE, .wakeUp)
        _ = kevent(queue, &delete, 1, nil, 0, nil)
    }

    private static func event(_ descriptor: Int32, _ filter: Int32, _ flags: Int32, _ watch: Watch) -> kevent {
        kevent(
            ident: UInt(bitPattern: Int(descriptor)),
            filter: Int16(filter),
            flags: UInt16(flags),
            fflags: 0,
            data: 0,
            udata: UnsafeMutableRawPointer(bitPattern: UInt(watch.key))
        )
    }
}
#endif
