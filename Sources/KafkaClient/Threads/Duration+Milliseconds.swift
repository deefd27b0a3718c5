extension Duration {
    /// Whole milliseconds for a C function: at least 0, at most 24 days.
    var cMilliseconds: Int32 {
        let parts = components
        let milliseconds = parts.seconds.multipliedReportingOverflow(by: 1_000)
        guard !milliseconds.overflow, milliseconds.partialValue < Int64(Int32.max) - 1_000 else { return Int32.max }
        return Int32(max(milliseconds.partialValue + parts.attoseconds / 1_000_000_000_000_000, 0))
    }
}
