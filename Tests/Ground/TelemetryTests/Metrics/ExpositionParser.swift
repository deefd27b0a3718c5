/// A strict parser of the text format 0.0.4, written from its description: it refuses what Prometheus refuses.
struct ExpositionParser {
    struct Sample: Hashable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    struct Metric {
        var type: String
        var help: String?
        var samples: [Sample] = []
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var metrics: [String: Metric] = [:]
    private var pendingHelp: (name: String, text: String)?
    private var current: String?
    private var seen: Set<String> = []

    static func parse(_ text: String) throws -> [String: Metric] {
        var parser = ExpositionParser()
        guard text.isEmpty || text.hasSuffix("\n") else { throw Failure(description: "the last line has no end") }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            try parser.parseLine(String(line))
        }
        try parser.checkHistograms()
        return parser.metrics
    }

    private mutating func parseLine(_ line: String) throws {
        if let match = line.wholeMatch(of: #/# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)/#) {
            try start(String(match.1))
            pendingHelp = (String(match.1), String(match.2))
        } else if let match = line.wholeMatch(of: #/# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/#) {
            let name = String(match.1)
            if pendingHelp == nil { try start(name) }
            guard pendingHelp == nil || pendingHelp?.name == name else { throw Failure(description: "HELP of another") }
            metrics[name] = Metric(type: String(match.2), help: pendingHelp?.text)
            current = name
            pendingHelp = nil
        } else {
            try parseSample(line)
        }
    }

    private func start(_ name: String) throws {
        guard metrics[name] == nil else { throw Failure(description: "\(name) comes twice") }
    }

    private mutating func parseSample(_ line: String) throws {
        guard let match = line.wholeMatch(of: #/([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? (\S+)/#),
            let current, let metric = metrics[current], pendingHelp == nil
        else { throw Failure(description: "not a sample: \(line)") }
        let name = String(match.1)
        let suffixes = metric.type == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard suffixes.contains(where: { current + $0 == name }) else {
            throw Failure(description: "\(name) is not of \(current)")
        }
        guard let value = Self.number(String(match.3)) else { throw Failure(description: "not a number: \(line)") }
        let labels = try Self.labels(String(match.2 ?? ""))
        let identity = name + labels.sorted { $0.key < $1.key }.map { "|\($0.key)=\($0.value)" }.joined()
        guard seen.insert(identity).inserted else { throw Failure(description: "comes twice: \(line)") }
        metrics[current]?.samples.append(Sample(name: name, labels: labels, value: value))
    }

    private static func number(_ text: String) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: text.allSatisfy { "0123456789.eE+-".contains($0) } ? Double(text) : nil
        }
    }

    private static func labels(_ text: String) throws -> [String: String] {
        var labels: [String: String] = [:]
        var rest = text[...]
        var isFirst = true
        while !rest.isEmpty {
            if !isFirst {
                guard rest.first == "," else { throw Failure(description: "no comma in \(text)") }
                rest.removeFirst()
            }
            isFirst = false
            guard let match = rest.prefixMatch(of: #/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"/#) else {
                throw Failure(description: "not labels: \(text)")
            }
            let value = unescaped(match.2)
            guard labels.updateValue(value, forKey: String(match.1)) == nil else {
                throw Failure(description: "label \(match.1) comes twice")
            }
            rest = rest[match.range.upperBound...]
        }
        return labels
    }

    private static func unescaped(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                result.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }

    /// Buckets rise, end with +Inf and agree with the count.
    private func checkHistograms() throws {
        for (name, metric) in metrics where metric.type == "histogram" {
            let series = Dictionary(grouping: metric.samples) { sample in sample.labels.filter { $0.key != "le" } }
            for samples in series.values {
                let buckets = samples.filter { $0.name == "\(name)_bucket" }
                let bounds = buckets.compactMap { $0.labels["le"].flatMap(Self.number) }
                guard bounds.count == buckets.count, bounds.last == .infinity, bounds == bounds.sorted(),
                    buckets.map(\.value) == buckets.map(\.value).sorted(),
                    buckets.last?.value == samples.first(where: { $0.name == "\(name)_count" })?.value,
                    samples.contains(where: { $0.name == "\(name)_sum" })
                else { throw Failure(description: "\(name) is not a whole histogram") }
            }
        }
    }
}
