/// Counts arrivals in a sliding window: exact, whatever moment the window starts at.
struct SlidingWindow {
    let limit: Int
    /// Nanoseconds.
    let length: Int64
    /// The newest arrivals, at most `limit` of them; a ring once it is full.
    private var arrivals: [Int64] = []
    private var oldest = 0

    init(limit: Int, length: Int64) {
        self.limit = limit
        self.length = length
    }

    /// Counts an arrival; true where it is within the limit. Every arrival counts, also those over it: going on after
    /// a throttle prolongs it.
    mutating func count(_ arrival: Int64) -> Bool {
        guard arrivals.count == limit else {
            arrivals.append(arrival)
            return true
        }
        let isWithin = arrival - arrivals[oldest] >= length
        arrivals[oldest] = arrival
        oldest = (oldest + 1) % limit
        return isWithin
    }

    /// Arrivals in the window that ends now.
    func used(at now: Int64) -> Int {
        arrivals.count { now - $0 < length }
    }

    /// When the window has room again, in nanoseconds from now; 0 where it has.
    func waitForRoom(at now: Int64) -> Int64 {
        guard arrivals.count == limit else { return 0 }
        return max(0, arrivals[oldest] + length - now)
    }
}
