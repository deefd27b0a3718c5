/// Everything that is wrong with a configuration: one line for each problem, ready to be printed. Holds no secret.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    package let problems: [String]

    package init(_ problems: [String]) {
        self.problems = problems
    }

    package var description: String { problems.joined(separator: "\n") }
}
