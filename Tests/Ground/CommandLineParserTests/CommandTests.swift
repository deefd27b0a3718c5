import CommandLineParser
import Testing

@Suite struct CommandTests {
    private let program = SampleProgram.program

    @Test func findsNestedCommands() {
        #expect(program.command("boxes", "list") is BoxesListCommand)
        #expect(program.command("carry", "x") is CarryCommand)
        #expect(program.command("secret") is SecretCommand)
    }

    @Test func theFirstTwoDashesEndTheOptionsAtEveryLevel() {
        #expect(program.carry("--", "--not-an-option")?.to == "--not-an-option")
        #expect(program.carry("--quiet", "--", "x", "--", "-q")?.parcels == ["--", "-q"])
        #expect(program.command("--", "carry", "-x") as? CarryCommand == program.carry("--", "-x"))
        #expect(program.carry("x", "--", "--help")?.parcels == ["--help"])
        #expect(program.complaint("--", "--help") == "Error: Unexpected argument '--help'")
    }

    @Test func optionsStandBeforeOrBehindTheNameOfTheirCommand() {
        let behind = program.carry("--config", "a.yaml", "--quiet", "--set=k=v", "x", "y")
        #expect(behind != nil)
        #expect(program.command("--config", "a.yaml", "-q", "--set=k=v", "carry", "x", "y") as? CarryCommand == behind)
        let list = program.command("--config=c", "boxes", "--format", "list", "list", "7") as? BoxesListCommand
        #expect(list?.options.config == "c")
        #expect(list?.format == "list")
        #expect(list?.number == 7)
    }

    @Test func anOptionOfAnotherCommandIsUnknown() {
        #expect(program.complaint("--pace", "fast", "boxes", "list") == "Error: Unknown option '--pace'")
        #expect(program.complaint("boxes", "--quiet", "list")?.contains("Unknown option '--quiet'") == true)
        #expect(
            program.complaint("--offset", "1") == "Error: The option '--offset' is one of a subcommand; name that too"
        )
    }

    @Test func anOptionThatCommandsTakeDifferentlyHasToStandBehind() {
        #expect(
            program.complaint("boxes", "--state", "list")
                == "Error: The option '--state' has to stand behind the name of its command"
        )
        #expect((program.command("boxes", "send", "--state", "list") as? BoxesSendCommand)?.state == "list")
    }

    @Test func unknownCommandsAreHinted() {
        #expect(program.complaint("bxoes") == "Error: Unexpected argument 'bxoes'. Did you mean 'boxes'?")
        #expect(program.complaint("boxes", "lst") == "Error: Unexpected argument 'lst'. Did you mean 'list'?")
        #expect(program.complaint("send") == "Error: Unexpected argument 'send'. Did you mean 'boxes send'?")
        #expect(program.complaint("secrte") == "Error: Unexpected argument 'secrte'")
        #expect(program.complaint("--hlp") == "Error: Unknown option '--hlp'. Did you mean '--help'?")
    }

    @Test func groupsShowTheirHelp() {
        #expect(program.shown() == program.shown("--help"))
        #expect(program.shown("boxes") == program.shown("help", "boxes"))
    }

    @Test func helpIsAskedForAtEachLevel() {
        #expect(program.shown("boxes", "list", "-h") == program.shown("help", "boxes", "list"))
        #expect(program.shown("carry", "--help") == program.shown("help", "carry"))
        #expect(program.shown("help", "nothing") == program.shown("--help"))
        #expect(program.shown("help", "boxes", "nothing") == program.shown("boxes", "-h"))
        #expect(program.shown("help", "--version") == "1.2.3")
        #expect(program.shown("carry", "-qh") == program.shown("carry", "-h"))
    }

    @Test func theVersionIsAskedForAtEachLevel() {
        #expect(program.shown("--version") == "1.2.3")
        #expect(program.shown("boxes", "list", "--version") == "1.2.3")
        #expect(program.shown("carry", "--version", "--help") == program.shown("carry", "--help"))
    }

    @Test func helpGoesBeforeWhatIsWrong() {
        #expect(program.shown("carry", "--frobnicate", "--help") == program.shown("carry", "--help"))
        #expect(program.shown("carry", "--offset", "x", "y", "-h") == program.shown("carry", "--help"))
        #expect(program.shown("nothing", "--version") == "1.2.3")
        #expect(program.complaint("carry", "--frobnicate", "--", "--help") == "Error: Unknown option '--frobnicate'")
    }

    @Test func aDefaultCommandIsMeantWhereNoneIsNamed() {
        let program = CommandLineProgram(
            CommandDeclaration(
                "tool",
                summary: "A tool.",
                subcommands: [BoxesListCommand.declaration, SecretCommand.declaration],
                defaultSubcommand: "list"
            )
        )
        #expect(program.command() is BoxesListCommand)
        #expect((program.command("--format", "x") as? BoxesListCommand)?.format == "x")
        #expect((program.command("7") as? BoxesListCommand)?.number == 7)
        #expect((program.command("list", "7", "--state") as? BoxesListCommand)?.showsState == true)
        #expect(program.command("secret") is SecretCommand)
        #expect(program.shown("--help")?.contains("list (default)") == true)
        #expect(program.shown("--version") == nil)
        #expect(program.complaint("--version") == "Error: Unknown option '--version'")
    }

    @Test func optionsOfAGroupAreKnownToItsCommands() {
        let verbose = Flag("--verbose", "-v", help: "Say more.")
        struct Leaf: Command {
            let isVerbose: Bool
            func run() {}
        }
        let program = CommandLineProgram(
            CommandDeclaration(
                "tool",
                summary: "",
                parameters: [verbose],
                subcommands: [CommandDeclaration("leaf", summary: "") { Leaf(isVerbose: $0[verbose]) }]
            )
        )
        #expect((program.command("leaf") as? Leaf)?.isVerbose == false)
        #expect((program.command("-v", "leaf") as? Leaf)?.isVerbose == true)
        #expect((program.command("leaf", "--verbose") as? Leaf)?.isVerbose == true)
    }

    @Test func declarationsAreChecked() {
        #expect(SampleProgram.declaration.problems.isEmpty)
        let twice = CommandDeclaration("a", summary: "", parameters: [CarryCommand.key, CarryCommand.key]) { _ in
            SecretCommand()
        }
        #expect(twice.problems == ["a declares --key twice"])
        let built = CommandDeclaration("a", summary: "", parameters: [Flag("-h", help: "")]) { _ in SecretCommand() }
        #expect(built.problems == ["a declares -h, which every command has"])
        let order = [CarryCommand.parcels, CarryCommand.to] as [any DeclaredParameters]
        let behind = CommandDeclaration("a", summary: "", parameters: order) { _ in SecretCommand() }
        #expect(behind.problems.count == 2)
        let group = CommandDeclaration("a", summary: "", subcommands: [twice, twice], defaultSubcommand: "b")
        #expect(group.problems.contains("a declares a subcommand twice"))
        #expect(group.problems.contains("a has no subcommand b"))
    }
}
