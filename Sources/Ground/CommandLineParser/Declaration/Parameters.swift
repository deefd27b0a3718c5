/// An option with a value, as in `--port 8090` or `--port=8090`.
///
/// `Value` says how often it may be given: a plain type has a default or is required, an `Optional` is nil where the option
/// is not given, an `Array` has all values in their order. Of the others the last one given counts.
package struct Option<Value: Sendable>: DeclaredParameters {
    let parameter: TypedParameter<Value>

    package var definitions: [ParameterDefinition] { [parameter.definition] }
}

/// A word that stands for itself. Behind `--` it may begin with a dash.
///
/// `Value` is as in `Option`; an `Array` takes all words that are left.
package struct Argument<Value: Sendable>: DeclaredParameters {
    let parameter: TypedParameter<Value>

    package var definitions: [ParameterDefinition] { [parameter.definition] }
}

/// An option without a value: true where it is given.
package struct Flag: DeclaredParameters {
    let definition: ParameterDefinition

    package var definitions: [ParameterDefinition] { [definition] }

    package init(_ names: String..., help: ParameterHelp) {
        definition = ParameterDefinition(
            kind: .flag,
            names: names.map(ParameterName.init),
            valueName: "",
            help: help,
            isRepeating: false,
            isOptional: true,
            convert: { $0 }
        )
    }
}

extension Option {
    /// An option with a default, or a required one.
    package init(
        _ names: String...,
        default value: Value? = nil,
        help: ParameterHelp,
        completion: CompletionKind? = nil
    ) where Value: ArgumentValue {
        let base = Conversion.of(Value.self)
        parameter = .single(.option, names, value, value?.argumentText, help, completion, base)
    }

    /// An option that may be left out.
    package init<Element: ArgumentValue>(
        _ names: String...,
        help: ParameterHelp,
        completion: CompletionKind? = nil
    ) where Value == Element? {
        parameter = .optional(.option, names, help, completion, Conversion.of(Element.self))
    }

    /// An option that may be left out, whose value is made by a function.
    package init<Element: Sendable>(
        _ names: String...,
        help: ParameterHelp,
        completion: CompletionKind? = nil,
        transform: @escaping @Sendable (String) throws -> Element
    ) where Value == Element? {
        parameter = .optional(.option, names, help, completion, Conversion(transform))
    }

    /// An option that may be given again and again.
    package init<Element: ArgumentValue>(
        _ names: String...,
        help: ParameterHelp,
        completion: CompletionKind? = nil
    ) where Value == [Element] {
        parameter = .repeated(.option, names, help, completion, Conversion.of(Element.self))
    }

    /// An option that may be given again and again, whose values are made by a function.
    package init<Element: Sendable>(
        _ names: String...,
        help: ParameterHelp,
        completion: CompletionKind? = nil,
        transform: @escaping @Sendable (String) throws -> Element
    ) where Value == [Element] {
        parameter = .repeated(.option, names, help, completion, Conversion(transform))
    }
}

extension Argument {
    /// An argument with a default, or a required one.
    package init(
        _ name: String,
        default value: Value? = nil,
        help: ParameterHelp,
        completion: CompletionKind? = nil
    ) where Value: ArgumentValue {
        let base = Conversion.of(Value.self)
        parameter = .single(.argument, [name], value, value?.argumentText, help, completion, base)
    }

    /// An argument that may be left out.
    package init<Element: ArgumentValue>(
        _ name: String,
        help: ParameterHelp,
        completion: CompletionKind? = nil
    ) where Value == Element? {
        parameter = .optional(.argument, [name], help, completion, Conversion.of(Element.self))
    }

    /// All arguments that are left.
    package init<Element: ArgumentValue>(
        _ name: String,
        help: ParameterHelp,
        completion: CompletionKind? = nil
    ) where Value == [Element] {
        parameter = .repeated(.argument, [name], help, completion, Conversion.of(Element.self))
    }
}
