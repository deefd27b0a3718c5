// Compiled together with the sources of CommandLineParser and the sample program of its tests into one module: see README.md.

/// What libFuzzer calls with every input: words with NUL between them, as a process gets them.
///
/// Ends the process where a promise is broken; libFuzzer then keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    let pieces = bytes.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    do {
        let words = try ProcessWords.decode(pieces)
        if let violation = ParsingInvariants.violation(of: words) { fatalError("\(words): \(violation)") }
        checkHelp(words, columns: ScreenWidth.columns(variable: words.first, terminal: nil))
    } catch {
        let place = pieces.firstIndex { String(validating: $0, as: UTF8.self) == nil }
        precondition(error.message.hasPrefix("Argument \((place ?? -2) + 1) is not UTF-8"), "another place: \(error)")
    }
    return 0
}

/// No line of a help is wider than the screen, unless it is a single word or is not wrapped.
private func checkHelp(_ words: [String], columns: Int) {
    guard case .show(let text) = SampleProgram.program.parse(words, columns: columns), text.hasPrefix("OVERVIEW") else {
        return
    }
    for line in text.split(separator: "\n") where line.count > columns {
        let isLabel = line.hasPrefix("  --") && !line.dropFirst(4).contains("  ")
        let isWhole = line.hasPrefix("USAGE: ") || line.hasPrefix("  See '") || !line.drop { $0 == " " }.contains(" ")
        precondition(isLabel || isWhole, "a line of \(line.count) columns of \(columns): \(line)")
    }
}
