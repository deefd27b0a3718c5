/// A metric: everything with one name.
struct MetricFamily {
    var declaration: MetricDeclaration
    /// False where the metric came up by itself: it has no help text then.
    var isDeclared: Bool
    var series: [LabelSet: any Series] = [:]

    func write(to writer: inout ExpositionWriter) {
        guard !series.isEmpty else { return }
        writer.writeHead(
            name: declaration.name,
            help: isDeclared ? declaration.help : nil,
            type: declaration.type
        )
        for (labels, series) in series.sorted(by: { $0.key < $1.key }) {
            series.write(declaration.name, labels: labels, to: &writer)
        }
    }
}
