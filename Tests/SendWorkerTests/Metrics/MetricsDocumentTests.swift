import FoundationEssentials
import Telemetry
import Testing

@testable import SendWorker

@Suite("docs/metrics.md")
struct MetricsDocumentTests {
    /// A row of the table: name, type, labels, unit, meaning.
    private struct Row: Hashable {
        var name: String
        var type: String
        var labels: [String]
        var unit: String
        var meaning: String
    }

    private func documented() throws -> [Row] {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/metrics.md"), encoding: .utf8)
        return text.split(separator: "\n").compactMap { line -> Row? in
            let cells = line.split(separator: "|").map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()).filter { $0 != "`" }
            }
            guard line.hasPrefix("| `"), cells.count == 5 else { return nil }
            let labels = cells[2].split { $0 == "," || $0 == " " }.map(String.init)
            return Row(name: cells[0], type: cells[1], labels: labels, unit: cells[3], meaning: cells[4])
        }
    }

    @Test("the document names every metric with its type, labels, unit and meaning, and no other")
    func table() throws {
        let declared = WorkerMetrics.all.map { metric in
            Row(
                name: metric.name,
                type: metric.type.rawValue,
                labels: metric.labels,
                unit: metric.unit?.rawValue ?? "",
                meaning: metric.help
            )
        }
        let documented = try documented()
        for row in declared { #expect(documented.contains(row), "missing or different in docs/metrics.md") }
        for row in documented { #expect(declared.contains(row), "not a metric of the worker") }
        #expect(documented.count == declared.count)
    }

    @Test("names end with the unit, and counters with _total, as Prometheus wants it")
    func names() {
        for metric in WorkerMetrics.all {
            let isCounter = metric.type == .counter
            #expect(metric.name.hasSuffix("_total") == isCounter, "\(metric.name)")
            guard let unit = metric.unit?.rawValue else { continue }
            #expect(metric.name.hasSuffix(isCounter ? "_\(unit)_total" : "_\(unit)"), "\(metric.name)")
        }
    }
}
