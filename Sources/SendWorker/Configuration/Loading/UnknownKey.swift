/// The answers to names that are no keys.
enum UnknownKey {
    /// Keys of earlier versions, and what has taken their place.
    static let replaced = ["safety.minimumAccounts": "safety.minimumCalls"]

    /// Why a name is not a key, with the key that was probably meant; nil if it is one.
    static func reason(against name: String) -> String? {
        if ConfigurationKey.byName[name] != nil {
            return nil
        }
        if let family = ConfigurationFamily.of(name) {
            guard case .failure(let refusal) = family.key(name) else {
                return nil
            }
            return refusal.reason
        }
        if let successor = replaced[name] {
            return "is not a key any more; write \(successor), which counts something else: see send-worker config"
        }
        let names = ConfigurationKey.all.map(\.name)
        let members = names.filter { $0.hasPrefix("\(name).") }
        if !members.isEmpty || ConfigurationFamily.groups.contains(name) {
            let example = members.first ?? ConfigurationFamily.all.first { $0.prefix == "\(name)." }?.pattern
            return "is a section and has no value of its own; write \(example ?? "the keys in it")"
        }
        guard let nearest = nearest(to: name, among: names) else {
            return "is not a known key; send-worker config lists all keys"
        }
        return "is not a known key; did you mean \(nearest)?"
    }

    private static func nearest(to name: String, among names: [String]) -> String? {
        // `maxDelay` alone, or in the wrong section, is told by its last part.
        let last = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        let sameLast = names.filter { $0.lowercased().hasSuffix(".\(last)") }
        return NearestName.of(name, among: names, limit: 2)
            ?? (sameLast.count == 1 ? sameLast[0] : nil)
            ?? NearestName.of(name, among: names)
    }

    /// Environment variables that miss a key's name by a letter or two.
    static func warnings(environment: [String: String]) -> [String] {
        let names = ConfigurationKey.all.map { EnvironmentName.of($0.name) }
        let prefixes = ConfigurationKey.sections.map { $0.uppercased() + "_" }
        return environment.keys.sorted().compactMap { variable in
            guard !replaced.keys.contains(where: { EnvironmentName.of($0) == variable }), !names.contains(variable),
                prefixes.contains(where: variable.hasPrefix)
            else {
                return nil
            }
            let limits = ConfigurationFamily.accountLimits
            if variable.hasPrefix(limits.environmentPrefix) {
                let rest = String(variable.dropFirst(limits.environmentPrefix.count))
                return limits.nameFromEnvironment(rest) == nil
                    ? "environment \(variable.printable) is not used; write LIMITS_ACCOUNTS_<id>_MESSAGES_PER_SECOND, "
                        + "…_MEDIA_PER_SECOND or …_PRIVATE_REPLIES_PER_HOUR" : nil
            }
            return NearestName.of(variable, among: names, limit: 2).map {
                "environment \(variable.printable) is not used; did you mean \($0)?"
            }
        }
    }
}

/// Finds the name that somebody probably meant.
enum NearestName {
    /// The candidate with the fewest edits from a text, upper and lower case being equal; nil if none is near.
    ///
    /// - Parameter limit: The most edits; nil for a third of the text's length, and never less than 2.
    static func of(_ text: String, among candidates: [String], limit: Int? = nil) -> String? {
        let wanted = Array(text.lowercased().utf8)
        let limit = limit ?? max(2, wanted.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(from: wanted, to: Array(candidate.lowercased().utf8))
            if distance <= limit, distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.name
    }

    /// The number of bytes to insert, remove, replace or swap with their neighbour.
    private static func distance(from left: [UInt8], to right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, leftByte) in left.enumerated() {
            var current = [row + 1]
            for (column, rightByte) in right.enumerated() {
                var cost = min(
                    last[column] + (leftByte == rightByte ? 0 : 1),
                    last[column + 1] + 1,
                    current[column] + 1
                )
                if row > 0, column > 0, leftByte == right[column - 1], left[row - 1] == rightByte {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
