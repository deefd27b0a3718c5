extension CompletionScript {
    /// For bash from 3.2 on, without its completion package.
    var bash: String {
        let name = functionName
        return """
            # Completion of \(program.name) for bash. It needs nothing but bash.

            # What there is at a place: subcommands, flags, options with a value, which of both may be repeated, options with a
            # value that may stand there too, and the number of arguments (-1: any).
            __\(name)_table() {
                subcommands=() flags=() options=() repeatable=() unoffered=() arguments=0
                case "$1" in
            \(nodes.map(bashTable).joined(separator: "\n"))
                esac
            }

            # The values of an option, or of the argument with a number, at a place.
            __\(name)_values() {
                case "$1 $2" in
            \(nodes.flatMap(bashValues).joined(separator: "\n"))
                esac
            }

            \(Self.bashFunctions.replacingName(with: name, program: program.name.quotedForShell))
            """
    }

    private func bashTable(_ node: Node) -> String {
        var lines: [String] = []
        func list(_ variable: String, _ words: [String]) {
            if !words.isEmpty { lines.append("\(variable)=(\(words.map(\.quotedForShell).joined(separator: " ")))") }
        }
        func names(_ definitions: [ParameterDefinition]) -> [String] { definitions.flatMap(\.names).map(\.spelling) }
        list("subcommands", node.names)
        list("flags", names(node.options.filter { $0.kind == .flag }))
        list("options", names(node.options.filter { $0.kind == .option }))
        list("repeatable", names(node.options.filter(\.isRepeating)))
        list("unoffered", node.unoffered)
        if !node.arguments.isEmpty {
            lines.append("arguments=\(node.arguments.contains(where: \.isRepeating) ? -1 : node.arguments.count)")
        }
        let body = lines.map { "        \($0)\n" }.joined()
        return "    \(node.place.quotedForShell))\n\(body)        ;;"
    }

    private func bashValues(_ node: Node) -> [String] {
        let options = node.options.filter { $0.kind == .option }.compactMap { option in
            bashAction(option.completion).map { action in
                let patterns = option.names.map { "\(node.place) \($0.spelling)".quotedForShell }
                return "    \(patterns.joined(separator: " | "))) \(action) ;;"
            }
        }
        let arguments = node.arguments.enumerated().map { index, argument in
            let number = argument.isRepeating ? "[0-9]*" : "\(index + 1)"
            return "    \("\(node.place) ".quotedForShell)\(number)) \(bashAction(argument.completion) ?? "") ;;"
        }
        return options + arguments
    }

    /// The call that offers values; nil where there are none to offer.
    private func bashAction(_ completion: CompletionKind) -> String? {
        switch completion {
        case .none: nil
        case .files(let extensions):
            (["__\(functionName)_files"] + extensions.map(\.quotedForShell)).joined(separator: " ")
        case .list(let words): (["__\(functionName)_list"] + words.map(\.quotedForShell)).joined(separator: " ")
        }
    }

    private static let bashFunctions = #"""
        __NAME_has() {
            local wanted="$1" word
            shift
            for word in "$@"; do [[ "$word" == "$wanted" ]] && return 0; done
            return 1
        }

        # Offers those of these words that begin with what is written.
        __NAME_list() {
            local word written="$value"
            written="${written//\\/}"
            written="${written#[\"\']}"
            for word in "$@"; do
                [[ "$word" == "$written"* ]] || continue
                case "$value" in
                [\"\']*) ;;
                *) printf -v word %q "$word" ;;
                esac
                COMPREPLY+=("$before$word")
            done
        }

        # Offers folders, and files that end in one of these extensions; all files where there are none.
        __NAME_files() {
            local file extension
            type compopt > /dev/null 2>&1 && compopt -o filenames 2> /dev/null
            while IFS= read -r file; do
                [[ -d "$file" || -d "${file/#~/$HOME}" || $# -eq 0 ]] && COMPREPLY+=("$before$file") && continue
                for extension in "$@"; do
                    [[ "$file" == *".$extension" ]] && COMPREPLY+=("$before$file") && break
                done
            done < <(compgen -f -- "$value")
        }

        _NAME() {
            local IFS=$' \t\n'
            local subcommands flags options repeatable unoffered arguments
            local words=() count=0 line="${COMP_LINE:0:COMP_POINT}" word i
            # Words as they were written: bash makes words of their own of = and :.
            for ((i = 0; i <= COMP_CWORD; i++)); do
                word="${COMP_WORDS[i]}"
                if [[ "$line" == [[:space:]]* || $count -eq 0 ]]; then
                    line="${line#"${line%%[![:space:]]*}"}"
                    ((count += 1))
                    words[count - 1]=""
                fi
                [[ $i -eq $COMP_CWORD ]] && word="$line"
                words[count - 1]+="$word"
                line="${line#"$word"}"
            done
            local current="${words[count - 1]}"

            local place='PROGRAM' expecting="" ended="" helping="" position=0 used=()
            __NAME_table "$place"
            for ((i = 1; i < count - 1; i++)); do
                word="${words[i]}"
                if [[ -n "$expecting" ]]; then
                    expecting=""
                    continue
                fi
                if [[ -z "$ended" && "$word" == -?* ]]; then
                    used+=("${word%%=*}")
                    if [[ "$word" == -- ]]; then
                        ended=yes
                    elif __NAME_has "$word" "${options[@]}" "${unoffered[@]}"; then
                        expecting="$word"
                    fi
                elif __NAME_has "$word" "${subcommands[@]}"; then
                    if [[ "$word" == help ]]; then
                        helping=yes
                    else
                        place+=" $word"
                        __NAME_table "$place"
                    fi
                else
                    ((position += 1))
                fi
            done

            local value="$current" before=""
            COMPREPLY=()
            if [[ -n "$expecting" ]]; then
                __NAME_values "$place" "$expecting"
            elif [[ -z "$ended" && "$current" == --*=* ]]; then
                before="${current%%=*}="
                value="${current#*=}"
                __NAME_values "$place" "${current%%=*}"
            else
                [[ "$current" == -* && -z "$ended" ]] || __NAME_list "${subcommands[@]}"
                if [[ ${#subcommands[@]} -eq 0 && ($arguments -lt 0 || $position -lt $arguments) ]]; then
                    [[ "$current" == -?* && -z "$ended" ]] || __NAME_values "$place" "$((position + 1))"
                fi
                if [[ -z "$ended" && -z "$helping" ]] &&
                    [[ "$current" == -* || (-z "$current" && ($arguments -ge 0 && $position -ge $arguments)) ]]; then
                    for word in "${flags[@]}" "${options[@]}"; do
                        __NAME_has "$word" "${used[@]}" && ! __NAME_has "$word" "${repeatable[@]}" && continue
                        __NAME_list "$word"
                    done
                fi
            fi

            # bash replaces only what stands behind the last = or :.
            local breaks="${COMP_WORDBREAKS//[^=:]/}" kept
            if [[ -n "$breaks" && "$current" == *[$breaks]* && ${#COMPREPLY[@]} -gt 0 ]]; then
                kept="${current%"${current##*[$breaks]}"}"
                COMPREPLY=("${COMPREPLY[@]#"$kept"}")
            fi
        }

        if type compopt > /dev/null 2>&1; then
            complete -F _NAME 'PROGRAM'
        else
            complete -o filenames -F _NAME 'PROGRAM'
        fi
        """#
}
