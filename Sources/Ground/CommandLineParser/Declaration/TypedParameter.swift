/// The way from a text to a value.
struct Conversion<Element: Sendable>: Sendable {
    let transform: @Sendable (String) throws -> Element
    let texts: [String]

    init(_ transform: @escaping @Sendable (String) throws -> Element) {
        self.transform = transform
        texts = []
    }

    private init(texts: [String], _ transform: @escaping @Sendable (String) throws -> Element) {
        self.transform = transform
        self.texts = texts
    }

    static func of(_ type: Element.Type) -> Conversion where Element: ArgumentValue {
        Conversion(texts: Element.argumentTexts) { text in
            guard let value = Element(argument: text) else { throw NotAValue(texts: Element.argumentTexts) }
            return value
        }
    }
}

/// A word that is no value of its type; the parser says of which parameter.
struct NotAValue: Error {
    let texts: [String]
}

/// A parameter and how its value is put together of all that were given.
struct TypedParameter<Value: Sendable>: Sendable {
    let definition: ParameterDefinition
    /// Nil where the value is missing or of another type, which a declaration and a parser in step never lead to.
    let collect: @Sendable ([any Sendable]) -> Value?

    static func single(
        _ kind: ParameterDefinition.Kind,
        _ names: [String],
        _ fallback: Value?,
        _ defaultText: String?,
        _ help: ParameterHelp,
        _ completion: CompletionKind?,
        _ conversion: Conversion<Value>
    ) -> TypedParameter {
        var definition = definition(kind, names, help, completion, conversion, isOptional: fallback != nil)
        definition.defaultText = defaultText ?? ""
        return TypedParameter(definition: definition) { given in
            guard let last = given.last else { return fallback }
            return last as? Value
        }
    }

    static func optional<Element>(
        _ kind: ParameterDefinition.Kind,
        _ names: [String],
        _ help: ParameterHelp,
        _ completion: CompletionKind?,
        _ conversion: Conversion<Element>
    ) -> TypedParameter where Value == Element? {
        TypedParameter(definition: definition(kind, names, help, completion, conversion, isOptional: true)) { given in
            guard let last = given.last else { return .some(nil) }
            return (last as? Element).map(Optional.some)
        }
    }

    static func repeated<Element>(
        _ kind: ParameterDefinition.Kind,
        _ names: [String],
        _ help: ParameterHelp,
        _ completion: CompletionKind?,
        _ conversion: Conversion<Element>
    ) -> TypedParameter where Value == [Element] {
        let definition = definition(kind, names, help, completion, conversion, isOptional: true, isRepeating: true)
        return TypedParameter(definition: definition) { given in
            let elements = given.compactMap { $0 as? Element }
            return elements.count == given.count ? elements : nil
        }
    }

    private static func definition<Element>(
        _ kind: ParameterDefinition.Kind,
        _ names: [String],
        _ help: ParameterHelp,
        _ completion: CompletionKind?,
        _ conversion: Conversion<Element>,
        isOptional: Bool,
        isRepeating: Bool = false
    ) -> ParameterDefinition {
        let optionNames = kind == .argument ? [] : names.map(ParameterName.init)
        let shown = optionNames.first(where: \.isLong) ?? optionNames.first
        return ParameterDefinition(
            kind: kind,
            names: optionNames,
            valueName: help.valueName ?? shown.map { String($0.bare) } ?? names.first ?? "",
            help: help,
            isRepeating: isRepeating,
            isOptional: isOptional,
            valueTexts: conversion.texts,
            completion: completion ?? (conversion.texts.isEmpty ? .none : .list(conversion.texts)),
            convert: { try conversion.transform($0) }
        )
    }
}
