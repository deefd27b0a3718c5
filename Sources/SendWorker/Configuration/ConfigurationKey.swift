/// One key of the configuration: a row of the table that loading, the report, the help text and the example come from.
package struct ConfigurationKey: Sendable {
    /// `section.name`.
    package let name: String
    /// A word or two for the type of its value: `duration`.
    package let typeName: String
    /// The values that may be written: `1ms to 10s`.
    package let accepted: String
    /// The default the way it is written; nil where nothing is set by default.
    package let defaultText: String?
    /// The unit of a number; nil where the value is not a number or names its unit itself.
    package let unit: String?
    /// Its meaning: the thing that it decides.
    package let meaning: String
    /// True if its value is never shown.
    package let isSecret: Bool
    /// True if it may be left without a value.
    package let isOptional: Bool
    /// True if it holds several values, which a file may also write as a list.
    package let isList: Bool

    /// Reads a text into its place; returns why not.
    let load: @Sendable (_ text: String, _ configuration: inout WorkerConfiguration) -> ValueRefusal?
    /// The value in its place, the way it is written; nil if there is none.
    let show: @Sendable (_ configuration: WorkerConfiguration) -> String?
    /// Whether two configurations have different values there, hidden or not.
    let differs: @Sendable (WorkerConfiguration, WorkerConfiguration) -> Bool

    /// The part before the first dot.
    package var section: String {
        String(name.prefix { $0 != "." })
    }

    /// Makes the row of a key that always has a value. Its default is the one that the configuration starts with.
    init<Value: Sendable & Equatable>(
        _ name: String,
        _ place: any WritableKeyPath<WorkerConfiguration, Value> & Sendable,
        _ format: ValueFormat<Value>,
        unit: String? = nil,
        _ meaning: String
    ) {
        self.name = name
        typeName = format.typeName
        accepted = format.accepted
        defaultText = format.show(WorkerConfiguration()[keyPath: place])
        self.unit = unit
        self.meaning = meaning
        isSecret = Value.self == SecretText.self
        isOptional = false
        isList = Value.self == [String].self
        load = { text, configuration in
            Self.store(format.parse(text)) { configuration[keyPath: place] = $0 }
        }
        show = { format.show($0[keyPath: place]) }
        differs = { $0[keyPath: place] != $1[keyPath: place] }
    }

    /// Makes the row of a key that may have no value: an empty text takes the value away.
    init<Value: Sendable & Equatable>(
        _ name: String,
        _ place: any WritableKeyPath<WorkerConfiguration, Value?> & Sendable,
        _ format: ValueFormat<Value>,
        unit: String? = nil,
        _ meaning: String
    ) {
        self.name = name
        typeName = format.typeName
        accepted = format.accepted
        defaultText = WorkerConfiguration()[keyPath: place].map(format.show)
        self.unit = unit
        self.meaning = meaning
        isSecret = Value.self == SecretText.self
        isOptional = true
        isList = Value.self == [String].self
        load = { text, configuration in
            guard !text.isEmpty else {
                configuration[keyPath: place] = nil
                return nil
            }
            return Self.store(format.parse(text)) { configuration[keyPath: place] = $0 }
        }
        show = { $0[keyPath: place].map(format.show) }
        differs = { $0[keyPath: place] != $1[keyPath: place] }
    }

    /// Makes the row of a key whose name is chosen freely.
    init(
        name: String,
        typeName: String,
        accepted: String,
        unit: String? = nil,
        meaning: String,
        isSecret: Bool = false,
        load: @escaping @Sendable (_ text: String, _ configuration: inout WorkerConfiguration) -> ValueRefusal?,
        show: @escaping @Sendable (_ configuration: WorkerConfiguration) -> String?
    ) {
        self.name = name
        self.typeName = typeName
        self.accepted = accepted
        defaultText = nil
        self.unit = unit
        self.meaning = meaning
        self.isSecret = isSecret
        isOptional = true
        isList = false
        self.load = load
        self.show = show
        differs = { show($0) != show($1) }
    }

    private static func store<Value>(
        _ parsed: Result<Value, ValueRefusal>,
        _ assign: (Value) -> Void
    ) -> ValueRefusal? {
        switch parsed {
        case .success(let value):
            assign(value)
            return nil
        case .failure(let refusal):
            return refusal
        }
    }
}

extension ConfigurationKey {
    /// Every key with a fixed name, section by section in the order in which they are shown.
    package static let all: [ConfigurationKey] =
        kafka + topics + delivery + graph + tokens + limits + retry + worker + safety + media + admin + log + tracing
        + validation

    /// The same by their names.
    static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The key with a name, a family's member too.
    static func named(_ name: String) -> ConfigurationKey? {
        byName[name] ?? (try? ConfigurationFamily.of(name)?.key(name).get())
    }

    /// The sections in the order in which they are shown.
    static let sections: [String] = all.map(\.section).reduce(into: []) { sections, section in
        if sections.last != section {
            sections.append(section)
        }
    }
}

/// Keys of which a part of the name is chosen freely: `kafka.properties.*` and `limits.accounts.<id>.*`.
package struct ConfigurationFamily: Sendable {
    /// The part of the name before the chosen one.
    package let prefix: String
    /// The whole pattern: `limits.accounts.<id>.mediaPerSecond`.
    package let pattern: String
    package let meaning: String
    /// A line for the example file.
    let example: String
    /// Makes the key with a full name; the refusal says why there is none.
    let key: @Sendable (_ name: String) -> Result<ConfigurationKey, ValueRefusal>
    /// The full name for the rest of an environment variable's name, nil if there is none.
    let nameFromEnvironment: @Sendable (_ rest: String) -> String?
    /// The prefix as it is written in the environment.
    let environmentPrefix: String

    package static let all = [kafkaProperties, accountLimits]

    /// Every name under which a family's members are nested.
    static let groups: Set<String> = Set(all.map { String($0.prefix.dropLast()) })

    /// The family that a name belongs to.
    static func of(_ name: String) -> ConfigurationFamily? {
        all.first { name.hasPrefix($0.prefix) }
    }
}
