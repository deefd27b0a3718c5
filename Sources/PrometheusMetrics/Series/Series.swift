/// One series of a metric: what is shared by all handlers of the same name and labels.
protocol Series: AnyObject, Sendable {
    /// Writes the series' samples.
    func write(_ name: String, labels: LabelSet, to writer: inout ExpositionWriter)
    /// The current value; a histogram's number of observations.
    var value: Double { get }
}
