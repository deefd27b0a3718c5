extension CompletionScript {
    /// For fish.
    var fish: String {
        let name = functionName
        let subcommands = nodes.filter { !$0.subcommands.isEmpty }.map { fishCase($0, $0.names) }
        return """
            # Completion of \(program.name) for fish.

            # The subcommands of a place.
            function __\(name)_subcommands
                switch "$argv"
            \(subcommands.joined(separator: "\n"))
                end
            end

            # The options that take a value at a place.
            function __\(name)_valued
                switch "$argv"
            \(nodes.map(fishValued).joined(separator: "\n"))
                end
            end

            \(Self.fishFunctions.replacingName(with: name, program: program.name.quotedForFish))

            complete -c \(program.name.quotedForFish) -f
            \(nodes.flatMap(fishRules).joined(separator: "\n"))
            """
    }

    private static let fishFunctions = #"""
        # The place of the word under the cursor: the commands named so far, and how many arguments stand before it.
        function __NAME_place
            set -l words (commandline -opc)
            set -l place 'PROGRAM'
            set -l position 1
            set -l expecting no
            set -l ended no
            for word in $words[2..-1]
                if test $expecting = yes
                    set expecting no
                    continue
                end
                if test $ended = no
                    switch $word
                        case --
                            set ended yes
                            continue
                        case '--*=*'
                            continue
                        case '-?*'
                            contains -- $word (__NAME_valued $place); and set expecting yes
                            continue
                    end
                end
                if contains -- $word (__NAME_subcommands $place)
                    test $word = help; or set place "$place $word"
                else
                    set position (math $position + 1)
                end
            end
            printf '%s\n' $place $position
        end

        # Whether the cursor is at a place, and at one of some arguments of it.
        function __NAME_at
            set -l now (__NAME_place)
            test "$now[1]" = "$argv[1]"; or return 1
            test (count $argv) -lt 2; or test $now[2] $argv[2] $argv[3]
        end

        # Folders, and files with one of some extensions.
        function __NAME_files
            set -l begun (string replace -r '^--[^=]*=' '' -- (commandline -ct))
            for extension in $argv
                set -l files $begun*.$extension
                test (count $files) -eq 0; or printf '%s\n' $files
            end
            __fish_complete_directories "$begun" ''
        end
        """#

    private func fishValued(_ node: Node) -> String {
        fishCase(node, node.options.filter { $0.kind == .option }.flatMap(\.names).map(\.spelling) + node.unoffered)
    }

    private func fishCase(_ node: Node, _ words: [String]) -> String {
        let list = words.map(\.quotedForFish).joined(separator: " ")
        return
            "        case \(node.place.quotedForFish)\n            \(words.isEmpty ? "true" : "printf '%s\\n' \(list)")"
    }

    private func fishRules(_ node: Node) -> [String] {
        let place = "__\(functionName)_at \(node.place.quotedForFish)"
        var rules = node.options.map { fishRule($0, at: place) }
        rules += node.subcommands.map { fishRule(word: $0.name, $0.summary, at: place) }
        if node.hasHelp { rules.append(fishRule(word: "help", Self.helpSummary, at: place)) }
        rules += node.arguments.enumerated().compactMap { index, argument in
            fishAction(argument.completion).map { action in
                let condition = "\(place) \(argument.isRepeating ? "-ge" : "-eq") \(index + 1)"
                return fishStart(condition) + " \(action)"
            }
        }
        return rules
    }

    private func fishRule(_ option: ParameterDefinition, at place: String) -> String {
        let names = option.names.map { " -\($0.isLong ? "l" : "s") \(String($0.bare).quotedForFish)" }.joined()
        // An option with a value stands on the line while its value is completed.
        let once = option.kind == .option ? "" : "; and not __fish_contains_opt\(fishNames(option))"
        let value = option.kind == .option ? " -x\(fishAction(option.completion).map { " \($0)" } ?? "")" : ""
        return "\(fishStart(place + once))\(names)\(value) -d \(option.help.summary.quotedForFish)"
    }

    /// As `__fish_contains_opt` takes them.
    private func fishNames(_ option: ParameterDefinition) -> String {
        option.names.map { $0.isLong ? " \($0.bare)" : " -s \($0.bare)" }.joined()
    }

    private func fishRule(word: String, _ summary: String, at place: String) -> String {
        "\(fishStart(place)) -a \(word.quotedForFish) -d \(summary.quotedForFish)"
    }

    private func fishStart(_ condition: String) -> String {
        "complete -c \(program.name.quotedForFish) -n \(condition.quotedForFish)"
    }

    private func fishAction(_ completion: CompletionKind) -> String? {
        switch completion {
        case .none: return nil
        case .files(let extensions):
            guard !extensions.isEmpty else { return "-F" }
            let list = extensions.map(\.quotedForFish).joined(separator: " ")
            return "-a \("(__\(functionName)_files \(list))".quotedForFish)"
        case .list(let words):
            // fish expands what is between these quotes, so each word is quoted once more.
            return "-a \(words.map(\.quotedForFish).joined(separator: " ").quotedForFish)"
        }
    }
}
