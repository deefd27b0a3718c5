/// The kind of series that a metric has.
package enum MetricType: String, Sendable, Hashable {
    /// Only goes up, except when the process starts anew.
    case counter
    /// Goes up and down.
    case gauge
    /// Counts observations in buckets.
    case histogram
}

/// The unit that a metric's values have. Durations are converted to it.
package enum MetricUnit: String, Sendable, Hashable {
    case seconds
    case milliseconds
    case bytes
    case ratio

    /// The factor that nanoseconds are multiplied with.
    var perNanosecond: Double { self == .milliseconds ? 1e-6 : 1e-9 }
}

/// A metric: everything with one name. It is checked when a registry takes it.
package struct MetricDeclaration: Sendable, Hashable {
    /// The name as it is exposed: letters, digits, `_` and `:`, not starting with a digit.
    package let name: String
    /// One sentence for the reader of a dashboard.
    package let help: String
    package let type: MetricType
    /// The names of the labels that each of its series has.
    package let labels: [String]
    /// The unit of the values; by convention the name ends with it.
    package let unit: MetricUnit?
    /// Upper bounds of a histogram's buckets, rising, without infinity.
    package let buckets: [Double]

    /// Upper bounds for histograms that declare none: 1 ms to 60 s, meant for seconds.
    package static let defaultBuckets: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    package static func counter(
        _ name: String,
        labels: [String] = [],
        unit: MetricUnit? = nil,
        _ help: String
    ) -> MetricDeclaration {
        MetricDeclaration(name: name, help: help, type: .counter, labels: labels, unit: unit, buckets: [])
    }

    package static func gauge(
        _ name: String,
        labels: [String] = [],
        unit: MetricUnit? = nil,
        _ help: String
    ) -> MetricDeclaration {
        MetricDeclaration(name: name, help: help, type: .gauge, labels: labels, unit: unit, buckets: [])
    }

    package static func histogram(
        _ name: String,
        labels: [String] = [],
        unit: MetricUnit? = nil,
        buckets: [Double] = MetricDeclaration.defaultBuckets,
        _ help: String
    ) -> MetricDeclaration {
        MetricDeclaration(name: name, help: help, type: .histogram, labels: labels, unit: unit, buckets: buckets)
    }
}

/// A declaration that cannot be used, with what would be right.
package struct InvalidMetricDeclaration: Error, Hashable, CustomStringConvertible {
    /// The name as it was declared.
    package var name: String
    package var reason: String

    package var description: String { "metric \"\(name)\": \(reason)" }
}

extension MetricDeclaration {
    /// The names of its samples.
    var sampleNames: [String] {
        type == .histogram ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
    }

    /// Throws where Prometheus would refuse what comes of this declaration.
    func check() throws(InvalidMetricDeclaration) {
        guard Self.isName(name, allowsColon: true) else {
            throw refusal("is not a metric name; use letters, digits, _ and :, and no digit first")
        }
        for label in labels {
            guard Self.isName(label, allowsColon: false), !label.hasPrefix("__") else {
                throw refusal("has a label \"\(label)\"; use letters, digits and _, no digit and no __ first")
            }
        }
        guard Set(labels).count == labels.count else {
            throw refusal("has labels \(labels); name each once")
        }
        if type == .histogram { try checkHistogram() }
    }

    private func checkHistogram() throws(InvalidMetricDeclaration) {
        guard !labels.contains("le") else {
            throw refusal("has a label \"le\", which stands for the bounds of a histogram's buckets; take another name")
        }
        guard !buckets.isEmpty, buckets.allSatisfy(\.isFinite) else {
            throw refusal("needs at least one bucket, all of them finite; +Inf is added by itself")
        }
        guard zip(buckets, buckets.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw refusal("has buckets \(buckets) that do not rise")
        }
    }

    func refusal(_ reason: String) -> InvalidMetricDeclaration { InvalidMetricDeclaration(name: name, reason: reason) }

    private static func isName(_ text: String, allowsColon: Bool) -> Bool {
        guard let first = text.utf8.first, !isDigit(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            case UInt8(ascii: ":"): allowsColon
            default: isDigit(byte)
            }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
