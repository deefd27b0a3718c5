extension CompletionScript {
    /// For zsh, by its `_arguments`.
    var zsh: String {
        """
        #compdef \(program.name)

        \(nodes.map(zshFunction).joined(separator: "\n\n"))

        if [[ "${funcstack[1]}" == _\(functionName) ]]; then
            _\(functionName) "$@"
        else
            compdef _\(functionName) \(program.name.quotedForShell)
        fi
        """
    }

    private func zshFunction(_ node: Node) -> String {
        let name = zshName(node.path)
        let unoffered = node.unoffered.map { "!\($0)\($0.hasPrefix("--") ? "=" : "+"): : ".quotedForShell }
        let specifications = node.options.flatMap(zshSpecifications) + unoffered + node.arguments.map(zshSpecification)
        guard !node.subcommands.isEmpty else {
            let lines = specifications.map { "        \($0)" }.joined(separator: " \\\n")
            return "\(name)() {\n    _arguments -s -S : \\\n\(lines)\n}"
        }
        let described = node.subcommands.map { "\($0.name):\($0.summary)".quotedForShell }
        let help = node.hasHelp ? ["'help:\(Self.helpSummary)'"] : []
        let names = node.subcommands.map(\.name.quotedForShell).joined(separator: " | ")
        let lines = (specifications + ["'(-): :->command'", "'(-)*:: :->rest'"]).map { "        \($0)" }
        return """
            \(name)() {
                local context state state_descr line
                typeset -A opt_args
                _arguments -s -S -C : \\
            \(lines.joined(separator: " \\\n")) && return 0
                case "$state" in
                command)
                    local -a commands
                    commands=(
            \((described + help).map { "            \($0)" }.joined(separator: "\n"))
                    )
                    _describe -V command commands
                    ;;
                rest)
                    case "${words[1]}" in
                    \(names)) "\(name)_${words[1]//[^A-Za-z0-9]/_}" ;;
            \(node.hasHelp ? "        help) \(name) ;;\n" : "")        esac
                    ;;
                esac
            }
            """
    }

    private func zshName(_ path: [String]) -> String {
        "_"
            + path.map { String($0.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }) }.joined(
                separator: "_"
            )
    }

    private func zshSpecifications(_ option: ParameterDefinition) -> [String] {
        let names = option.names.map(\.spelling)
        let exclusive = option.isRepeating ? "*" : names.count > 1 ? "(\(names.joined(separator: " ")))" : ""
        let summary = option.help.summary.zshEscaped
        return names.map { name in
            let takes = option.kind == .option ? (name.hasPrefix("--") ? "=" : "+") : ""
            let value = option.kind == .option ? ":\(option.valueName.zshEscaped):\(zshAction(option.completion))" : ""
            return "\(exclusive)\(name)\(takes)[\(summary)]\(value)".quotedForShell
        }
    }

    private func zshSpecification(_ argument: ParameterDefinition) -> String {
        let count = argument.isRepeating ? "*" : argument.isOptional ? ":" : ""
        return "\(count):\(argument.valueName.zshEscaped):\(zshAction(argument.completion))".quotedForShell
    }

    private func zshAction(_ completion: CompletionKind) -> String {
        switch completion {
        case .none: return " "
        case .files(let extensions):
            guard !extensions.isEmpty else { return "_files" }
            return "_files -g \("*.(\(extensions.joined(separator: "|")))(-.)".quotedForShell)"
        case .list(let words):
            // zsh evaluates the list, so each word is quoted for itself.
            return "(\(words.map { $0.quotedForShell.replacingAll(":", with: "\\:") }.joined(separator: " ")))"
        }
    }
}

extension String {
    /// This text within a specification of `_arguments`.
    fileprivate var zshEscaped: String {
        reduce(into: "") { escaped, character in
            if "\\[]:".contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
    }
}
