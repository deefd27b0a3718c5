import CommandLineParser
import Testing

@Suite struct OptionTests {
    private let program = SampleProgram.program

    @Test func anOptionTakesTheNextWordWhateverItLooksLike() {
        #expect(program.carry("x", "--offset", "-10")?.offset == -10)
        #expect(program.carry("x", "--offset=-10")?.offset == -10)
        #expect(program.carry("x", "--key", "-abc")?.key == "-abc")
        #expect(program.carry("x", "--key", "--")?.key == "--")
        #expect(program.carry("x", "--key", "--quiet")?.key == "--quiet")
        #expect(program.carry("x", "--key", "--help")?.key == "--help")
        #expect(program.carry("x", "-o", "-10")?.offset == -10)
        #expect(program.carry("x", "-o-10")?.offset == -10)
        #expect(program.carry("x", "-o=-10")?.offset == -10)
        // A mark of its own behind the sign belongs to the value, though it looks like one character with it.
        #expect(
            program.complaint("carry", "x", "-o=\u{301}")
                == "Error: The value '\u{301}' is invalid for '--offset <offset>'"
        )
        #expect(program.complaint("carry", "-\u{301}") == "Error: Unknown option '-\u{301}'")
    }

    @Test(arguments: [
        "id=1234567890", "s=a=b", "g=\"hello, world\"", "=", "", " a ", "--set=x", "\u{301}x", "\u{fe0f}",
    ])
    func aValueIsTakenAsItStands(_ value: String) {
        #expect(program.carry("x", "--set", value)?.options.set == [value])
        #expect(program.carry("x", "--set=\(value)")?.options.set == [value])
    }

    @Test func theLastOfAnOptionWithOneValueCounts() {
        #expect(program.carry("x", "--offset", "1", "--offset=2")?.offset == 2)
        #expect(program.carry("x", "--key", "a", "--key", "b")?.key == "b")
        #expect(program.carry("x", "--quiet", "-q")?.isQuiet == true)
    }

    @Test func repeatedOptionsKeepTheirOrder() {
        #expect(program.carry("x", "--stop=3", "--stop", "1", "--stop=2")?.stops == [3, 1, 2])
        #expect(program.carry("x")?.stops == [])
    }

    @Test func optionsStandBetweenArguments() {
        let command = program.carry("a", "--quiet", "b", "--offset", "3", "c", "-")
        #expect(command?.to == "a")
        #expect(command?.parcels == ["b", "c", "-"])
        #expect(command?.offset == 3)
        #expect(command?.isQuiet == true)
    }

    @Test func lettersMayStandBehindOneDash() {
        let command = program.carry("x", "-qo", "7")
        #expect(command?.isQuiet == true)
        #expect(command?.offset == 7)
        #expect(program.carry("x", "-qo7")?.offset == 7)
        #expect(program.complaint("carry", "x", "-qz") == "Error: Unknown option '-qz'")
        #expect(
            program.complaint("carry", "x", "-q=1")
                == "Error: The option '-q' does not take any value, but '1' was specified."
        )
    }

    @Test func defaultsFillInForWhatIsNotGiven() {
        let command = program.carry("x")
        #expect(command?.offset == 0)
        #expect(command?.pace == .slow)
        #expect(command?.key == nil)
        #expect(command?.options.config == nil)
        #expect(command?.parcels == [])
    }

    @Test func unknownAndMissingAreToldApart() {
        #expect(
            program.complaint("carry", "x", "--offst", "5")
                == "Error: Unknown option '--offst'. Did you mean '--offset'?"
        )
        #expect(program.complaint("carry", "x", "--frobnicate") == "Error: Unknown option '--frobnicate'")
        #expect(program.complaint("carry", "x", "--offset") == "Error: Missing value for '--offset <offset>'")
        #expect(program.complaint("carry", "x", "-o") == "Error: Missing value for '-o <offset>'")
        #expect(program.complaint("carry", "x", "--set") == "Error: Missing value for '--set <key=value>'")
        #expect(program.complaint("carry") == "Error: Missing expected argument '<to>'")
        #expect(program.complaint("boxes", "send") == "Error: Missing expected argument '--state <state>'")
        #expect(program.complaint("boxes", "list", "1", "2") == "Error: Unexpected argument '2'")
        #expect(program.complaint("boxes", "list", "1", "2", "3") == "Error: 2 unexpected arguments: '2', '3'")
    }

    @Test func aValueOfTheWrongKindIsNamedWithItsOption() {
        #expect(
            program.complaint("carry", "x", "--offset", "ten")
                == "Error: The value 'ten' is invalid for '--offset <offset>'"
        )
        #expect(
            program.complaint("carry", "x", "--stop", "0")
                == "Error: The value '0' is invalid for '--stop <stop>': \"0\" is no stop; write one from 1 on"
        )
        #expect(
            program.complaint("carry", "x", "--pace", "warp")
                == "Error: The value 'warp' is invalid for '--pace <pace>': write one of 'slow', 'fast'"
        )
        #expect(program.complaint("boxes", "list", "one") == "Error: The value 'one' is invalid for '<number>'")
        #expect(program.complaint("carry", "x", "--offset=9223372036854775808")?.contains("is invalid for") == true)
        // What a later one corrects is wrong all the same.
        #expect(program.complaint("carry", "x", "--offset=ten", "--offset=10")?.contains("'ten'") == true)
    }

    @Test func aFlagTakesNoValue() {
        #expect(
            program.complaint("carry", "x", "--quiet=yes")
                == "Error: The option '--quiet' does not take any value, but 'yes' was specified."
        )
        #expect(program.complaint("--help=x")?.contains("does not take any value") == true)
    }

    @Test func whatACommandRefusesIsBadUsageOfThatCommand() {
        guard case .refuse(let text) = program.parse(["carry", "x", "-q", "-u"]) else {
            Issue.record("it was not refused")
            return
        }
        #expect(
            text == """
                Error: --quiet and --urgent exclude each other; give one of them
                Usage: courier carry [--config <config>] [--set <key=value> ...] [--stop <stop> ...] [--pace <pace>] \
                [--offset <offset>] [--key <key>] [--quiet] [--urgent] <to> [<parcels> ...]
                  See 'courier carry --help' for more information.
                """
        )
    }

    @Test func theHelpOfTheParameterStandsBelowTheComplaint() {
        guard case .refuse(let text) = program.parse(["boxes", "list", "--format"]) else {
            Issue.record("it was not refused")
            return
        }
        #expect(
            text == """
                Error: Missing value for '--format <format>'
                Help:  --format <format>  How.
                Usage: courier boxes list [--config <config>] [--set <key=value> ...] [--format <format>] [--state] [<number>]
                  See 'courier boxes list --help' for more information.
                """
        )
    }

    @Test func controlCharactersOfWordsAreMadeVisible() {
        #expect(program.complaint("carry", "x", "--\u{1b}[2J") == "Error: Unknown option '--\\u{1b}[2J'")
        #expect(program.complaint("boxes", "a\u{7f}\u{2028}b") == "Error: Unexpected argument 'a\\u{7f}\\u{2028}b'")
    }

    @Test func hiddenOptionsWorkAndAreNotHinted() {
        #expect(program.carry("x", "--inner", "1")?.inner == "1")
        #expect(program.complaint("carry", "x", "--iner", "1") == "Error: Unknown option '--iner'")
    }
}
