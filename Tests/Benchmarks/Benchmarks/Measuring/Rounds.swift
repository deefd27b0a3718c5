/// The same measurement made several times.
struct Rounds {
    /// Ascending; never empty.
    private let values: [Double]

    /// - Parameter values: At least one.
    init(_ values: [Double]) {
        self.values = values.isEmpty ? [0] : values.sorted()
    }

    var median: Double {
        let middle = values.count / 2
        return values.count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
    }

    var least: Double { values[0] }
    var most: Double { values[values.count - 1] }

    /// Half the distance between the quartiles, in percent of the median: half of all rounds are about that near.
    var spreadPercent: Double {
        guard median > 0 else { return 0 }
        let lower = values[(values.count - 1) / 4]
        let upper = values[(values.count - 1) - (values.count - 1) / 4]
        return (upper - lower) / 2 / median * 100
    }
}
