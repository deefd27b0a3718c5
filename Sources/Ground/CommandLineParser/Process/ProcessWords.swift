/// The words that a process was started with.
package enum ProcessWords {
    /// The words of this process without its name.
    ///
    /// - Throws: `UsageError` with the place of a word that is not UTF-8.
    package static func current() throws(UsageError) -> [String] {
        // Swift's own list repairs what is not UTF-8, so that a file of another name would be looked for.
        let count = Int(CommandLine.argc)
        let words = (0..<count).map { index -> [UInt8] in
            guard let word = CommandLine.unsafeArgv[index] else { return [] }
            return Array(UnsafeBufferPointer(start: word, count: length(of: word)).lazy.map(UInt8.init(bitPattern:)))
        }
        return try decode(Array(words.dropFirst()))
    }

    private static func length(of word: UnsafePointer<CChar>) -> Int {
        var length = 0
        while word[length] != 0 { length += 1 }
        return length
    }

    /// - Throws: `UsageError` with the place of a word that is not UTF-8, counted from 1.
    static func decode(_ words: [[UInt8]]) throws(UsageError) -> [String] {
        var decoded: [String] = []
        for (index, bytes) in words.enumerated() {
            guard let word = String(validating: bytes, as: UTF8.self) else {
                let seen = String(decoding: bytes, as: UTF8.self)
                throw UsageError("Argument \(index + 1) is not UTF-8 ('\(seen)'); write its bytes in that encoding")
            }
            decoded.append(word)
        }
        return decoded
    }
}
