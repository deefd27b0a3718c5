import CommandLineParser
import Testing

/// Command lines that nobody thought of; `make fuzz TARGET=arguments` tries more of them.
@Suite struct PropertyTests {
    private static let vocabulary = [
        "carry", "boxes", "list", "send", "secret", "help", "--", "-", "", "=", "--help", "-h", "--version", "--config",
        "--config=a", "--set", "--set=k=v", "--offset", "--offset=-1", "-o", "-o5", "-o=7", "--key", "--pace", "fast",
        "--pace=slow", "--stop", "--stop=3", "--quiet", "-q", "--urgent", "-u", "-qo", "-qu", "--inner", "--format",
        "--format=topic:0", "--state", "--state=x", "1", "-1", "x", "--x", "--=", "--quiet=1", "\u{301}",
        "--key=\u{301}", "-\u{301}", "---", "ü", "\u{1b}[2J",
        "--generate-completion-script", "bash", "reuslts", "--ofset", "99999999999999999999",
    ]

    @Test(arguments: 1...20)
    func anyWordsKeepWhatIsPromised(_ seed: UInt64) {
        var random = SplitMix64(state: seed)
        for _ in 0..<200 {
            let start =
                [[], ["carry", "to"], ["boxes", "list"], ["boxes", "send", "--state=x"]].randomElement(using: &random)
                ?? []
            let count = Int.random(in: 0...7, using: &random)
            let words = start + (0..<count).compactMap { _ in Self.vocabulary.randomElement(using: &random) }
            if let violation = ParsingInvariants.violation(of: words) {
                Issue.record("\(words): \(violation)")
                return
            }
        }
    }

    @Test func aLongCommandLineIsReadInReasonableTime() {
        let many = (0..<20_000).flatMap { ["--set", "key\($0)=value"] }
        #expect(SampleProgram.program.parse(["carry", "to"] + many).isRun)
        let long = String(repeating: "a", count: 200_000)
        #expect(!SampleProgram.program.parse([long]).isRun)
        #expect(!SampleProgram.program.parse(["--" + long]).isRun)
        #expect(!SampleProgram.program.parse(["carry", "-" + String(repeating: "q", count: 200_000)]).isRun)
    }
}

extension CommandLineProgram.Outcome {
    fileprivate var isRun: Bool {
        if case .run = self { true } else { false }
    }
}

/// A generator whose numbers a seed decides.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
