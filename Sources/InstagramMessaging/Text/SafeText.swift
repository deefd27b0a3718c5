/// Text from outside, made fit for results, logs and headers: one line, bounded, and without what looks like a secret.
package enum SafeText {
    private static let replacement = "<redacted>"
    private static let examinedScalars = 4096

    /// One line of at most `limit` Unicode scalars (an ellipsis more where it was cut).
    ///
    /// Control and direction-changing characters become spaces, white space is collapsed. Access tokens (long runs that
    /// start with `EAA` or `IG`), long opaque runs, and values of `…token=`, `…secret=` and `…proof=` are redacted
    /// before the text is cut, so that no part of one is left.
    package static func cleaned(_ text: String, limit: Int) -> String {
        var cleaner = Cleaner()
        for scalar in text.unicodeScalars.prefix(examinedScalars) { cleaner.take(scalar) }
        cleaner.endRun()
        return String(String.UnicodeScalarView(cleaner.output)).trimmed.shortened(to: limit)
    }

    /// Reads scalars one by one and knows runs of token characters from what stands between them.
    private struct Cleaner {
        var output: [Unicode.Scalar] = []
        private var run: [Unicode.Scalar] = []
        /// The text between the last run and the current one, as far as it matters for what the last one names.
        private var separator: [Unicode.Scalar] = []
        private var previousRun = ""

        mutating func take(_ scalar: Unicode.Scalar) {
            if Self.isTokenCharacter(scalar) {
                run.append(scalar)
                splitAtEscapedEqualsSign()
            } else {
                endRun()
                let visible: Unicode.Scalar = Self.isUnwanted(scalar) ? " " : scalar
                separator.append(scalar)
                if visible != " " || output.last != " " { output.append(visible) }
            }
        }

        mutating func endRun() {
            guard !run.isEmpty else { return }
            let isSecret = looksLikeToken || followsNameOfSecret
            output.append(contentsOf: isSecret ? Array(SafeText.replacement.unicodeScalars) : run)
            previousRun = String(String.UnicodeScalarView(run)).lowercased()
            run.removeAll(keepingCapacity: true)
            separator.removeAll(keepingCapacity: true)
        }

        /// In a percent-encoded query `%3D` ends the name and starts the value.
        private mutating func splitAtEscapedEqualsSign() {
            guard run.count >= 3, run.last == "D" || run.last == "d", run[run.count - 2] == "3",
                run[run.count - 3] == "%"
            else { return }
            run.removeLast(3)
            endRun()
            separator = ["="]
            output.append(contentsOf: ["%", "3", "D"])
        }

        private var looksLikeToken: Bool {
            let start = run.starts(with: "EAA".unicodeScalars) || run.starts(with: "IG".unicodeScalars)
            if start, run.count >= 16 { return true }
            return run.count >= 32 && hasDigit && run.contains { $0.properties.isAlphabetic }
        }

        private var hasDigit: Bool { run.contains { ("0"..."9").contains($0) } }

        private var followsNameOfSecret: Bool {
            if previousRun == "bearer" { return run.count >= 8 && hasDigit }
            guard ["token", "secret", "proof"].contains(where: previousRun.hasSuffix) else { return false }
            return separator.contains { $0 == "=" || $0 == ":" } && !separator.contains(" ")
        }

        private static func isTokenCharacter(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", "-", "|", "%": true
            default: false
            }
        }

        private static func isUnwanted(_ scalar: Unicode.Scalar) -> Bool {
            if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
            return switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse, .unassigned:
                true
            default:
                false
            }
        }
    }
}

extension String {
    /// The text without the spaces at its ends.
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }

    /// The text for a message: control characters replaced, so that it cannot forge lines of a log, and only its
    /// beginning and an ellipsis where it has more than that many Unicode scalars.
    func shortened(to limit: Int) -> String {
        let shown = unicodeScalars.prefix(limit).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        var text = String(String.UnicodeScalarView(shown))
        if unicodeScalars.count > limit { text += "…" }
        return text
    }
}
