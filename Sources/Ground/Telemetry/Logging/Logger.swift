/// Writes events as log lines: those that are at least as important as its level, each with its metadata.
///
/// Copies are independent: what is set on one does not change the others. The sink they share may change the level of
/// all that have none of their own.
package struct Logger: Sendable {
    /// The part that writes; the JSON format names it.
    package let label: String

    private let sink: LogSink?
    private var ownLevel: Level?
    private var metadata: Metadata = [:]

    /// Creates a logger whose lines go to a sink.
    package init(label: String, to sink: LogSink) {
        self.init(label: label, sink: sink)
    }

    private init(label: String, sink: LogSink?) {
        self.label = label
        self.sink = sink
    }

    /// A logger that writes nothing.
    package static let disabled = Logger(label: "disabled", sink: nil)

    /// The least important level that is written; that of the sink until it is set.
    package var logLevel: Level {
        get { ownLevel ?? sink?.threshold.level ?? .critical }
        set { ownLevel = newValue }
    }

    /// Metadata of every line of this logger. What a line has itself under the same key takes its place.
    package subscript(metadataKey key: String) -> MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes an event. Message and metadata are not even made for one that is not written.
    package func log(
        level: Level,
        _ message: @autoclosure () -> Message,
        metadata: @autoclosure () -> Metadata? = nil
    ) {
        guard let sink, level >= ownLevel ?? sink.threshold.level else { return }
        var all = self.metadata
        if let given = metadata() {
            if all.isEmpty { all = given } else { all.merge(given) { _, later in later } }
        }
        sink.write(level: level, label: label, message: message().description, metadata: all)
    }
}

extension Logger {
    /// Logs an event that only whoever looks for a fault in the program wants to see.
    package func trace(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .trace, message(), metadata: metadata())
    }

    /// Logs an event that helps to follow single requests.
    package func debug(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .debug, message(), metadata: metadata())
    }

    /// Logs an event of the ordinary course.
    package func info(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .info, message(), metadata: metadata())
    }

    /// Logs an event that is rare and in order.
    package func notice(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .notice, message(), metadata: metadata())
    }

    /// Logs an event that somebody should look at.
    package func warning(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .warning, message(), metadata: metadata())
    }

    /// Logs a failure.
    package func error(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .error, message(), metadata: metadata())
    }

    /// Logs an event that keeps the process from doing its work.
    package func critical(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .critical, message(), metadata: metadata())
    }
}

extension Logger {
    /// The importance of an event; the cases rise.
    package enum Level: String, Sendable, Hashable, CaseIterable, Comparable {
        case trace, debug, info, notice, warning, error, critical

        /// The place among all levels.
        var rank: Int {
            switch self {
            case .trace: 0
            case .debug: 1
            case .info: 2
            case .notice: 3
            case .warning: 4
            case .error: 5
            case .critical: 6
            }
        }

        package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
    }

    /// The text of an event; a literal, so that nobody logs by accident what somebody else wrote.
    package struct Message: Sendable, Hashable, ExpressibleByStringInterpolation, CustomStringConvertible {
        package let description: String

        package init(stringLiteral text: String) { description = text }
    }

    /// The facts that belong to an event beside its text, by name.
    package typealias Metadata = [String: MetadataValue]

    /// One value of an event's metadata.
    package enum MetadataValue: Sendable {
        case string(String)
        case stringConvertible(any CustomStringConvertible & Sendable)
        case array([MetadataValue])
        case dictionary(Metadata)
    }
}

extension Logger.MetadataValue: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(stringLiteral text: String) { self = .string(text) }

    package init(arrayLiteral values: Logger.MetadataValue...) { self = .array(values) }

    /// A key that comes twice keeps its last value.
    package init(dictionaryLiteral elements: (String, Logger.MetadataValue)...) {
        self = .dictionary(Dictionary(elements) { _, later in later })
    }
}

extension Logger.MetadataValue: Equatable, CustomStringConvertible {
    /// Values are equal when they are written alike.
    package static func == (left: Logger.MetadataValue, right: Logger.MetadataValue) -> Bool {
        switch (left, right) {
        case (.array(let left), .array(let right)): left == right
        case (.dictionary(let left), .dictionary(let right)): left == right
        case (.array, _), (_, .array), (.dictionary, _), (_, .dictionary): false
        default: left.description == right.description
        }
    }

    /// The value as it stands in a line for people; a dictionary in the order of its keys.
    package var description: String {
        switch self {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array(let values): values.map(\.description).description
        case .dictionary(let values):
            values.isEmpty
                ? "[:]"
                : "["
                    + values.sorted { $0.key < $1.key }
                    .map { "\($0.key.debugDescription): \($0.value.description.debugDescription)" }
                    .joined(separator: ", ") + "]"
        }
    }
}
