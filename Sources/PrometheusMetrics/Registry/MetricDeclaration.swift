/// What kind of series a metric has.
package enum MetricType: String, Sendable, Hashable {
    /// Only goes up, except when the process starts anew.
    case counter
    /// Goes up and down.
    case gauge
    /// Counts observations in buckets.
    case histogram
}

/// What a metric's values measure. Timers are converted to it.
package enum MetricUnit: String, Sendable, Hashable {
    case seconds
    case milliseconds
    case bytes
    case ratio

    /// What a timer's nanoseconds are multiplied with.
    var perNanosecond: Double { self == .milliseconds ? 1e-6 : 1e-9 }
}

/// A metric known beforehand, so that its help text, type and buckets are right.
package struct MetricDeclaration: Sendable, Hashable {
    /// The name as it is exposed: letters, digits, `_` and `:`, not starting with a digit.
    package var name: String
    /// One sentence for the reader of a dashboard.
    package var help: String
    package var type: MetricType
    /// What is measured; by convention the name ends with it.
    package var unit: MetricUnit?
    /// Upper bounds of a histogram's buckets, rising, without infinity; nil for the registry's default.
    package var buckets: [Double]?

    /// Creates a declaration. It is checked when a registry takes it.
    package init(name: String, help: String, type: MetricType, unit: MetricUnit? = nil, buckets: [Double]? = nil) {
        self.name = name
        self.help = help
        self.type = type
        self.unit = unit
        self.buckets = buckets
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
    /// Throws where Prometheus would refuse what comes of this declaration.
    func check() throws(InvalidMetricDeclaration) {
        func refuse(_ reason: String) -> InvalidMetricDeclaration {
            InvalidMetricDeclaration(name: name, reason: reason)
        }
        guard MetricName.isValid(name) else {
            throw refuse("is not a metric name; use letters, digits, _ and :, and no digit first")
        }
        guard let buckets else { return }
        guard type == .histogram else {
            throw refuse("has buckets but is a \(type.rawValue); only histograms have buckets")
        }
        guard !buckets.isEmpty, buckets.allSatisfy(\.isFinite) else {
            throw refuse("needs at least one bucket, all of them finite; +Inf is added by itself")
        }
        guard zip(buckets, buckets.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw refuse("has buckets \(buckets) that do not rise")
        }
    }
}
