import Foundation
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(1)))
struct OwnedCellsTests {
    private enum Color: String, CaseIterable { case red, green, blue }

    private static let count = MetricDeclaration.counter("c_total", "C.")
    private static let time = MetricDeclaration.histogram("t_seconds", unit: .seconds, buckets: [1, 10], "T.")
    private static let colors = MetricDeclaration.counter("colors_total", labels: ["color"], "Colors.")

    private let registry: MetricsRegistry

    init() throws {
        registry = try MetricsRegistry(declaring: [Self.count, Self.time, Self.colors])
    }

    @Test func `a counter is the sum of what is shared and of every owner's part`() {
        let counter = registry.counter(Self.count)
        let (one, other) = (counter.makeOwned(), registry.counter(Self.count).makeOwned())
        counter.increment(by: 100)
        one.increment()
        one.increment(by: 6)
        other.increment(by: 20)
        #expect(registry.value(of: "c_total") == 127)
        #expect(registry.renderText().hasSuffix("c_total 127\n"))
        counter.increment(by: 0.5)
        #expect(registry.renderText().hasSuffix("c_total 127.5\n"))
    }

    @Test func `a part only goes up and stays at its end`() {
        let counter = Counter()
        let part = counter.makeOwned()
        part.increment(by: -5)
        part.increment(by: 0)
        #expect(counter.value == 0)
        part.increment(by: .max)
        part.increment()
        counter.increment()
        #expect(counter.value == Double(Int.max))
    }

    @Test func `the part of an owner that is gone still counts`() {
        let counter = Counter()
        for _ in 0..<3 { counter.makeOwned().increment() }
        #expect(counter.value == 3)
    }

    @Test func `a histogram is the sum of what is shared and of every owner's part`() {
        let histogram = registry.histogram(Self.time)
        let (one, other) = (histogram.makeOwned(), histogram.makeOwned())
        histogram.record(0.5)
        one.recordNanoseconds(1_000_000_000)
        one.record(2)
        one.record(Double.nan)
        other.recordMilliseconds(10_500)
        #expect(registry.value(of: "t_seconds") == 4)
        let text = registry.renderText()
        #expect(text.contains("_bucket{le=\"1\"} 2\nt_seconds_bucket{le=\"10\"} 3\nt_seconds_bucket{le=\"+Inf\"} 4\n"))
        #expect(text.contains("t_seconds_sum 14\nt_seconds_count 4\n"))
    }

    @Test func `each case of a label has its own part, and a case that was left out has none`() {
        let counters: LabelTable<Color, OwnedCounter> = registry.ownedCounters(Self.colors)
        counters[.green]?.increment(by: 2)
        counters[.blue]?.increment(by: 3)
        for (color, count) in [("red", 0.0), ("green", 2), ("blue", 3)] {
            #expect(registry.value(of: "colors_total", labels: [("color", color)]) == count)
        }
        let table = LabelTable([Color.red, .blue]) { $0.rawValue }
        #expect(table[.red] == "red" && table[.green] == nil && table[.blue] == "blue")
    }

    @Test func `two writers lose nothing, and what is read meanwhile only rises`() throws {
        let rounds = 5_000
        let registry = registry
        let writers = (0..<2).map { _ in
            Thread.detached {
                let counter = registry.counter(Self.count).makeOwned()
                let histogram = registry.histogram(Self.time).makeOwned()
                for round in 0..<rounds {
                    counter.increment()
                    histogram.record(Double(round % 20))
                    registry.counter(Self.count).increment()
                }
            }
        }
        var last = 0.0
        while last < Double(rounds * 4) {
            let metrics = try ExpositionParser.parse(registry.renderText())
            let count = metrics["c_total"]?.samples.first?.value ?? 0
            #expect(count >= last)
            last = count
            let samples = metrics["t_seconds"]?.samples ?? []
            let buckets = samples.filter { $0.name == "t_seconds_bucket" }.map(\.value)
            #expect(buckets == buckets.sorted())
            #expect(samples.first { $0.name == "t_seconds_count" }?.value == buckets.last)
        }
        for writer in writers { writer.wait() }
        #expect(registry.value(of: "c_total") == Double(rounds * 4))
        #expect(registry.value(of: "t_seconds") == Double(rounds * 2))
        let sum = 2 * rounds / 20 * (0..<20).reduce(0, +)
        #expect(registry.renderText().contains("t_seconds_sum \(sum)\n"))
    }
}
