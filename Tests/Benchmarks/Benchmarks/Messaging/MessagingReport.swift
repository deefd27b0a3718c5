#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// All that `benchmarks messaging` has measured.
struct MessagingReport {
    var requests: [RequestCosts] = []
    var answers: [AnswerCosts] = []

    var text: String {
        """
        Reading one request (ns per operation, ± spread; allocations and bytes allocated per operation)
        \(reading.text)

        Foundation's time divided by the decoder's, geometric mean over all requests
        \(ratios.text)

        Writing one request and its result, classifying its answer
        \(writing.text)

        Classifying an answer
        \(classifying.text)
        """
    }

    private var reading: Table {
        var table = Table(columns: [
            "request", "bytes", "decode", "allocs", "bytes", "parse", "JSONDecoder", "allocs", "bytes",
            "ratio",
            "JSONSerialization", "allocs", "bytes", "ratio",
        ])
        for costs in requests {
            table.add(
                [costs.name, costs.byteCount.grouped] + costs.decode.cells + [costs.parse.time]
                    + costs.jsonDecoder.cells + [costs.jsonDecoderRatio.text(digits: 2)]
                    + costs.jsonSerialization.cells + [costs.jsonSerializationRatio.text(digits: 2)]
            )
        }
        return table
    }

    private var ratios: Table {
        var table = Table(columns: ["", "by decode", "by parse alone"])
        table.add([
            "JSONDecoder", mean(\.jsonDecoderRatio).text(digits: 2), mean(\.jsonDecoderParseRatio).text(digits: 2),
        ])
        table.add([
            "JSONSerialization", mean(\.jsonSerializationRatio).text(digits: 2),
            mean(\.jsonSerializationParseRatio).text(digits: 2),
        ])
        return table
    }

    private var writing: Table {
        var table = Table(columns: [
            "request", "record", "allocs", "bytes", "Graph body", "allocs", "bytes", "result", "allocs",
            "bytes",
            "classify", "allocs", "bytes",
        ])
        for costs in requests {
            table.add(
                [costs.name] + costs.encodeRecord.cells + costs.encodeGraphBody.cells
                    + costs.encodeResult.cells
                    + costs.classify.cells
            )
        }
        return table
    }

    private var classifying: Table {
        var table = Table(columns: ["answer", "classify", "allocs", "bytes"])
        for costs in answers { table.add([costs.answer.name] + costs.cost.cells) }
        return table
    }

    /// The geometric mean: the right one for ratios.
    func mean(_ ratio: KeyPath<RequestCosts, Double>) -> Double {
        guard !requests.isEmpty else { return .nan }
        return exp(requests.reduce(0) { $0 + log($1[keyPath: ratio]) } / Double(requests.count))
    }
}

extension OperationCost {
    fileprivate var time: String {
        "\(nanoseconds.median.text()) ±\(nanoseconds.spreadPercent.text(digits: 1))%"
    }

    fileprivate var cells: [String] { [time, allocations.text(digits: 1), allocatedBytes.text()] }
}
