/// A span as it is exported.
package struct FinishedSpan: Sendable {
    package var trace: TraceContext
    /// Nil where the trace begins with it.
    package var parent: Parent?
    package var name: String
    package var kind: SpanKind
    /// Nanoseconds since 1970; the end is never before the start.
    package var start: UInt64
    package var end: UInt64
    package var attributes: SpanAttributes = [:]
    package var events: [SpanEvent] = []
    package var links: [TraceContext] = []
    package var status: SpanStatus?

    /// The span above.
    package struct Parent: Sendable, Hashable {
        package var spanID: SpanID
        package var isRemote: Bool
    }
}

/// The part that a span has in a call or a message, as OTLP numbers it.
package enum SpanKind: Int, Sendable, Hashable {
    case `internal` = 1
    case server, client, producer, consumer
}

/// The way in which the work that a span stands for has ended.
package struct SpanStatus: Sendable, Hashable {
    /// As OTLP numbers it.
    package enum Code: Int, Sendable, Hashable {
        case ok = 1
        case error
    }

    package var code: Code
    package var message: String?

    package init(code: Code, message: String? = nil) {
        self.code = code
        self.message = message
    }
}

/// A moment within a span.
package struct SpanEvent: Sendable, Hashable {
    package var name: String
    /// Nanoseconds since 1970.
    package var time: UInt64
    package var attributes: SpanAttributes

    package init(name: String, at time: UInt64 = WallClock.nanoseconds, attributes: SpanAttributes = [:]) {
        self.name = name
        self.time = time
        self.attributes = attributes
    }
}

/// The facts known of a span, by name.
package typealias SpanAttributes = [String: SpanAttribute]

/// One thing that is known of a span.
package enum SpanAttribute: Sendable, Hashable {
    case string(String)
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case array([SpanAttribute])
}

extension SpanAttribute: ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral
{
    package init(stringLiteral text: String) { self = .string(text) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral number: Int64) { self = .integer(number) }
    package init(floatLiteral number: Double) { self = .double(number) }
    package init(arrayLiteral values: SpanAttribute...) { self = .array(values) }
}
