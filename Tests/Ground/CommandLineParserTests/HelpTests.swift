import Testing

@testable import CommandLineParser

@Suite struct HelpTests {
    private let program = SampleProgram.program

    @Test func theRootsHelp() {
        #expect(
            program.shown("--help") == """
                OVERVIEW: Carries parcels between the warehouses of a city and tells where each
                of them is at the moment.

                Parcels are picked up once an hour.

                Begin with:   courier boxes list

                USAGE: courier <subcommand>

                OPTIONS:
                  --version               Show the version.
                  -h, --help              Show help information.

                SUBCOMMANDS:
                  carry                   Carry parcels.
                  boxes                   Look at boxes.

                  See 'courier help <subcommand>' for detailed help.
                """
        )
    }

    @Test func aCommandsHelp() {
        #expect(
            program.shown("help", "carry") == """
                OVERVIEW: Carry parcels.

                USAGE: courier carry [--config <config>] [--set <key=value> ...] [--stop <stop> ...] [--pace <pace>] \
                [--offset <offset>] [--key <key>] [--quiet] [--urgent] <to> [<parcels> ...]

                ARGUMENTS:
                  <to>                    Where to.
                  <parcels>               What.

                WAY:
                  --stop <stop>           A stop on the way.
                  --pace <pace>           How fast. (values: slow, fast; default: slow)

                OPTIONS:
                  --config <config>       A file.
                  --set <key=value>       Sets one key, as in --set a=b. May be repeated.
                        `courier keys` lists every key with its meaning, its default and where
                        it comes from.
                  -o, --offset <offset>   Where to begin. (default: 0)
                  --key <key>             The key of the parcel.
                  -q, --quiet             Say nothing.
                  -u, --urgent            At once.
                  --version               Show the version.
                  -h, --help              Show help information.

                """
        )
    }

    @Test func aNestedGroupsHelp() {
        #expect(
            program.shown("help", "boxes") == """
                OVERVIEW: Look at boxes.

                USAGE: courier boxes <subcommand>

                OPTIONS:
                  --version               Show the version.
                  -h, --help              Show help information.

                SUBCOMMANDS:
                  list                    List boxes.
                  send                    Send it's [boxes]: $HOME (cmd).

                  See 'courier help boxes <subcommand>' for detailed help.
                """
        )
    }

    @Test(arguments: [40, 41, 60, 80, 200])
    func noLineIsLongerThanTheScreenUnlessItsWordIs(_ columns: Int) throws {
        for words in [["--help"], ["boxes", "--help"]] {
            guard case .show(let text) = program.parse(words, columns: columns) else {
                Issue.record("no help")
                continue
            }
            for line in text.split(separator: "\n") where !line.hasPrefix("USAGE") && !line.hasPrefix("  See") {
                #expect(line.count <= columns, "\(line)")
            }
        }
    }

    @Test func manyOptionsAreNotListedInTheUsage() {
        let flags = (1...13).map { Flag("--flag-\($0)", help: "") }
        let many = CommandDeclaration("many", summary: "", parameters: flags) { _ in SecretCommand() }
        #expect(UsageLine(path: [many]).text == "many <options>")
        let withArgument = CommandDeclaration("many", summary: "", parameters: flags + [CarryCommand.to]) { _ in
            SecretCommand()
        }
        #expect(UsageLine(path: [withArgument]).text == "many [<options>] <to>")
    }

    @Test func aLabelThatIsTooLongHasALineOfItsOwn() {
        let long = Option<String?>("--a-rather-long-name", help: "What it does.")
        let command = CommandDeclaration("a", summary: "", parameters: [long]) { _ in SecretCommand() }
        let text = HelpText(path: [command], columns: 80).text
        #expect(
            text.contains("\n  --a-rather-long-name <a-rather-long-name>\n                          What it does.\n")
        )
    }

    @Test func wrappingKeepsLinesAndLongWords() {
        #expect("a b c".wrapped(to: 3) == "a\nb c")
        #expect("a\n\n  b".wrapped(to: 80, indent: 2) == "  a\n\n    b")
        #expect("abcdefgh ij".wrapped(to: 4) == "abcdefgh\nij")
        #expect("abcdefghij".wrapped(to: 4) == "abcdefghij")
        #expect("".wrapped(to: 4) == "")
    }

    @Test func theWidthIsTheVariablesThenTheTerminals() {
        #expect(ScreenWidth.columns(variable: nil, terminal: nil) == 80)
        #expect(ScreenWidth.columns(variable: nil, terminal: 132) == 132)
        #expect(ScreenWidth.columns(variable: "100", terminal: 132) == 100)
        #expect(ScreenWidth.columns(variable: "100", terminal: nil) == 100)
        for variable in ["0", "abc", "-5", "", " 90", "99999999999999999999"] {
            #expect(ScreenWidth.columns(variable: variable, terminal: nil) == 80)
            #expect(ScreenWidth.columns(variable: variable, terminal: 120) == 120)
        }
        #expect(ScreenWidth.columns(variable: "5", terminal: 120) == 40)
        #expect(ScreenWidth.columns(variable: nil, terminal: 0) == 80)
        #expect(ScreenWidth.columns(variable: nil, terminal: 3) == 40)
    }
}
