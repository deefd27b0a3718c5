internal import InstagramMessaging

/// The lanes of one account whose heads could go now, by what their heads wait for, so that a lane whose limit has no
/// room, or whose feature is held, does not stand in the way of others.
struct AccountQueues: Sendable {
    enum Kind: Int, Sendable, Hashable, CaseIterable {
        case preparation
        case messages
        case media
        case links
        case privateReplies
        case liveReplies
        case humanAgent
        case humanAgentMedia

        init(_ rateClass: RateClass, _ feature: MessageFeature) {
            switch (rateClass, feature) {
            case (.privateReplies, _): self = .privateReplies
            case (.liveReplies, _): self = .liveReplies
            case (.media, .humanAgent): self = .humanAgentMedia
            case (.media, _): self = .media
            case (.messages, .humanAgent): self = .humanAgent
            case (.messages, .link): self = .links
            case (.messages, _): self = .messages
            }
        }

        /// The limits that heads in this queue are bound by; none for preparations.
        var rateClass: RateClass? {
            switch self {
            case .preparation: nil
            case .messages, .links, .humanAgent: .messages
            case .media, .humanAgentMedia: .media
            case .privateReplies: .privateReplies
            case .liveReplies: .liveReplies
            }
        }

        /// The feature that calls from this queue need leave for.
        var feature: MessageFeature {
            switch self {
            case .preparation, .messages, .media: .direct
            case .links: .link
            case .privateReplies, .liveReplies: .privateReply
            case .humanAgent, .humanAgentMedia: .humanAgent
            }
        }
    }

    private struct Ends: Sendable {
        var first: Int32 = -1
        var last: Int32 = -1
    }

    private var preparation = Ends()
    private var messages = Ends()
    private var media = Ends()
    private var links = Ends()
    private var privateReplies = Ends()
    private var liveReplies = Ends()
    private var humanAgent = Ends()
    private var humanAgentMedia = Ends()

    func first(_ kind: Kind) -> Int32? {
        let first = self[kind].first
        return first >= 0 ? first : nil
    }

    var isEmpty: Bool { Kind.allCases.allSatisfy { first($0) == nil } }

    mutating func append(_ lane: Int32, to kind: Kind, in lanes: inout Slab<Lane>) {
        let last = self[kind].last
        lanes[lane].previousQueued = last
        lanes[lane].nextQueued = -1
        if last >= 0 { lanes[last].nextQueued = lane } else { self[kind].first = lane }
        self[kind].last = lane
    }

    mutating func remove(_ lane: Int32, from kind: Kind, in lanes: inout Slab<Lane>) {
        let previous = lanes[lane].previousQueued
        let next = lanes[lane].nextQueued
        if previous >= 0 { lanes[previous].nextQueued = next } else { self[kind].first = next }
        if next >= 0 { lanes[next].previousQueued = previous } else { self[kind].last = previous }
        lanes[lane].previousQueued = -1
        lanes[lane].nextQueued = -1
    }

    private subscript(kind: Kind) -> Ends {
        get {
            switch kind {
            case .preparation: preparation
            case .messages: messages
            case .media: media
            case .links: links
            case .privateReplies: privateReplies
            case .liveReplies: liveReplies
            case .humanAgent: humanAgent
            case .humanAgentMedia: humanAgentMedia
            }
        }
        set {
            switch kind {
            case .preparation: preparation = newValue
            case .messages: messages = newValue
            case .media: media = newValue
            case .links: links = newValue
            case .privateReplies: privateReplies = newValue
            case .liveReplies: liveReplies = newValue
            case .humanAgent: humanAgent = newValue
            case .humanAgentMedia: humanAgentMedia = newValue
            }
        }
    }
}

/// Numbered places for values, used again once they are free, so that links between values are 4 bytes and nothing is
/// allocated per value.
struct Slab<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var free: [Int32] = []
    /// Stands in free places, so that they hold on to nothing.
    private let blank: Element

    init(blank: Element) {
        self.blank = blank
    }

    /// One more than the largest place that was ever used; free ones among them hold the blank value.
    var places: Int32 { Int32(truncatingIfNeeded: elements.count) }

    /// Values in use.
    var count: Int { elements.count - free.count }

    mutating func insert(_ element: Element) -> Int32 {
        if let slot = free.popLast() {
            elements[Int(slot)] = element
            return slot
        }
        elements.append(element)
        return Int32(truncatingIfNeeded: elements.count - 1)
    }

    mutating func remove(_ slot: Int32) {
        elements[Int(slot)] = blank
        free.append(slot)
    }

    subscript(slot: Int32) -> Element {
        _read { yield elements[Int(slot)] }
        _modify { yield &elements[Int(slot)] }
    }
}
